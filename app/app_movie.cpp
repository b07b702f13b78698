// info, convert, formats: movie files as they are, and what a container holds.
#include "kinema/codec/container.h"
#include "kinema/io/convert.h"
#include "kinema/io/file.h"
#include "kinema/io/formats.h"
#include "kinema/io/hdf5.h"
#include "kinema/io/movie_writer.h"

#include <fmt/format.h>

#include "verb.h"
#include <algorithm>
#include <filesystem>

namespace kinema::app {
namespace {

std::string movie_text(const FrameFormat& format, Index frames, const MovieInfo& info) {
  std::string text = fmt::format("  {} frame{} of {} x {} (height x width), {}\n",
                                 frames,
                                 frames == 1 ? "" : "s",
                                 format.height,
                                 format.width,
                                 to_text(format.type));
  text += info.pixel_size ? fmt::format("  pixel size {} (from the {})\n",
                                        to_text(*info.pixel_size),
                                        info.pixel_size.source)
                          : "  pixel size unknown; --pixel-size says it\n";
  if (info.frame_time) text += fmt::format("  {} a frame\n", to_text(*info.frame_time));
  for (const std::string& note : info.notes) text += "  note: " + note + "\n";
  return text;
}

Outcome movie_info(const std::string& path, const io::ReadOptions& options) {
  const auto source = io::open_movie(path, options);
  const std::string format = io::movie_format(path);
  const auto bytes = std::filesystem::file_size(path);
  const Index frames = source->frames().value();
  Outcome outcome{{{"file", path}, {"format", format}, {"bytes", bytes}}, ""};
  outcome.json.update(describe(source->format(), frames, source->info()));
  outcome.text =
      fmt::format("{}: {}, {:.1f} MB\n", path, format, static_cast<double>(bytes) / 1e6) +
      movie_text(source->format(), frames, source->info());
  return outcome;
}

bool is_container(const std::string& path) {
  return io::is_hdf5_container(io::InputFile(path).head(4096));
}

Json container_json(const codec::ContainerReader& container, const MovieInfo& info, Index bytes) {
  const codec::ContainerHeader& header = container.header();
  Json json = describe({header.recorded, header.height, header.width}, header.frames, info);
  json["snapshots"] = container.snapshots();
  json["ratio"] = header.ratio;
  json["masks"] = to_text(header.mask_kind);
  json["mask_seed"] = header.mask_seed;
  json["mask_hash"] = header.mask_hash;
  json["stored_dtype"] = to_text(header.stored);
  const double pixels = static_cast<double>(header.frames) * static_cast<double>(header.height) *
                        static_cast<double>(header.width);
  json["bits_per_pixel"] = pixels > 0.0 ? Json(8.0 * static_cast<double>(bytes) / pixels) : Json();
  json["complete"] = header.complete;
  json["noise"] = nullptr;
  if (header.noise) {
    json["noise"] = {{"gain", header.noise->gain},
                     {"read_variance", header.noise->read_variance},
                     {"change", header.noise->change}};
  }
  json["schema"] = header.schema;
  json["provenance"] = to_json(header.provenance);
  return json;
}

/// Measurements from encode or wrap. What the user knows of the pixel size is taken over.
Outcome container_info(const std::string& path, const io::ReadOptions& options) {
  const codec::ContainerReader container(path);
  const auto bytes = static_cast<Index>(std::filesystem::file_size(path));
  const codec::ContainerHeader& header = container.header();
  MovieInfo info = header.info;
  io::apply_user(options, info);
  Outcome outcome{{{"file", path}, {"format", "kinema container"}, {"bytes", bytes}}, ""};
  outcome.json.update(container_json(container, info, bytes));
  const FrameFormat recorded{header.recorded, header.height, header.width};
  outcome.text = fmt::format("{}: kinema container, {:.1f} MB{}\n",
                             path,
                             static_cast<double>(bytes) / 1e6,
                             header.complete ? "" : ", not complete") +
                 movie_text(recorded, header.frames, info) +
                 fmt::format("  {} snapshots (B = {}, {} masks) as {}",
                             container.snapshots(),
                             header.ratio,
                             to_text(header.mask_kind),
                             to_text(header.stored));
  if (header.frames > 0) {
    outcome.text +=
        fmt::format(", {:.3f} bits a pixel", outcome.json["bits_per_pixel"].get<double>());
  }
  outcome.text += "\n";
  if (header.noise) {
    outcome.text += fmt::format("  noise: variance = {:.4g} * mean + {:.4g} (recorded units)\n",
                                header.noise->gain,
                                header.noise->read_variance);
  }
  return outcome;
}

/// Kinds of files that `info` tells of, most specific first; the last takes whatever is left.
constexpr struct {
  bool (*recognises)(const std::string& path);
  Outcome (*tell)(const std::string& path, const io::ReadOptions& options);
} kinds_of_files[] = {
    {is_container, container_info},
    {[](const std::string&) { return true; }, movie_info},
};

Outcome info(const Arguments& arguments, const io::ReadOptions& options, const Session&) {
  const std::string& path = arguments.at("FILE");
  for (const auto& kind : kinds_of_files) {
    if (kind.recognises(path)) return kind.tell(path, options);
  }
  throw std::logic_error("info: no kind of file takes the rest");
}

Outcome convert(const Arguments& arguments,
                const io::ConvertOptions& options,
                const Session& session) {
  const std::string& in = arguments.at("IN");
  const std::string& out = arguments.at("OUT");
  session.require_writable(out);
  const io::Converted done = io::convert(in,
                                         out,
                                         options,
                                         session.memory(),
                                         to_json(session.provenance(options_json(options))),
                                         session.progress);
  const double speed = done.bytes_read / 1e6 / std::max(done.seconds, 1e-9);
  Outcome outcome{{{"movie", out}, {"format", io::writer_format(out)}}, ""};
  outcome.json.update(describe(done.format, done.frames, done.info));
  outcome.json["seconds"] = done.seconds;
  outcome.json["megabytes_per_second"] = speed;
  outcome.text = out + ":\n" + movie_text(done.format, done.frames, done.info) +
                 fmt::format("  {:.2f} s, {:.0f} MB/s of pixels read\n", done.seconds, speed);
  return outcome;
}

struct NoOptions {
  static void fields(auto&, auto&&) {}
};

Outcome formats(const Arguments&, const NoOptions&, const Session&) {
  Outcome outcome{{{"formats", Json::array()}},
                  fmt::format("{:<8}{:<26}{:<16}{}\n", "format", "endings", "", "pixels")};
  for (const io::MovieFormat& format : io::movie_formats()) {
    outcome.json["formats"].push_back({{"name", format.name},
                                       {"endings", format.endings},
                                       {"pixels", format.pixels},
                                       {"read", true},
                                       {"write", format.written}});
    outcome.text += fmt::format("{:<8}{:<26}{:<16}{}\n",
                                format.name,
                                format.endings,
                                format.written ? "read and write" : "read",
                                format.pixels);
  }
  outcome.text += "Files are recognised by their bytes; the ending chooses what is written.\n";
  return outcome;
}

}  // namespace

std::vector<Verb> movie_verbs() {
  return {
      make_verb<io::ReadOptions>(
          "info", "what a movie file holds", {{"FILE", "the file to look into"}}, "", info),
      make_verb<io::ConvertOptions>(
          "convert",
          "write a movie, or part of it, in another format; the pixel type is kept",
          {{"IN", "the movie to read"}, {"OUT", "the movie to write; its ending says the format"}},
          "",
          convert),
      make_verb<NoOptions>("formats", "movie formats that are read and written", {}, "", formats),
  };
}

}  // namespace kinema::app
