// codec masks, encode, wrap: from movies, raw frames that come just now, or foreign measurements,
// to containers.
#include "kinema/base/hash.h"
#include "kinema/codec/container.h"
#include "kinema/codec/encode.h"
#include "kinema/codec/encode_kernel.h"
#include "kinema/codec/encode_plan.h"
#include "kinema/codec/wrap.h"
#include "kinema/io/formats.h"
#include "kinema/io/live.h"
#include "kinema/io/npy.h"

#include <fmt/format.h>

#include "flow_text.h"
#include "verb.h"
#include <filesystem>

namespace kinema::app {
namespace {

struct EncodeVerbOptions : codec::EncodeOptions {
  io::ReadOptions read;
  io::LiveOptions live;
  std::string masks_file;
  bool input_hash = true, resume = false;

  static void fields(auto& self, auto&& visit) {
    codec::EncodeOptions::fields(self, visit);
    visit("masks_file",
          self.masks_file,
          "masks (B, Y, X) of zeros and ones as .npy, instead of drawn");
    visit("input_hash", self.input_hash, "hash the movie file for the provenance (reads it again)");
    visit("resume", self.resume, "go on where an interrupted run of the same command stopped");
    io::ReadOptions::fields(self.read, visit);
    io::LiveOptions::fields(self.live, visit);
  }
};

MaskSet read_masks(const std::string& path) {
  const io::NpyArray array = io::read_npy(path);
  if (array.shape.size() != 3) {
    throw InputError(path + ": masks must have three axes (B, Y, X), not " +
                     std::to_string(array.shape.size()));
  }
  try {
    return codec::masks_from_pixels(
        array.type, array.bytes.data(), {array.shape[0], array.shape[1], array.shape[2]});
  } catch (const InputError& error) {
    throw InputError(path + ": " + error.what());
  }
}

/// The masks that the options draw or name.
MaskSet masks_for(const FrameFormat& format,
                  const EncodeVerbOptions& options,
                  const codec::MaskPlan& plan) {
  MaskSet masks = options.masks_file.empty() ? make_masks(plan, format.height, format.width)
                                             : read_masks(options.masks_file);
  codec::require_same_size(format, masks);
  return masks;
}

/// Nothing is left open where masks are given.
codec::MaskPlan plan_of(const EncodeVerbOptions& options, MovieSource* movie) {
  if (!options.masks_file.empty()) return {};
  return codec::plan_masks(options, movie);
}

/// How the container came to be; a resumed run is no other job than the one that it goes on with.
Provenance encode_provenance(const std::string& in,
                             EncodeVerbOptions options,
                             const Session& session) {
  options.resume = false;
  Provenance provenance = session.provenance(options_json(options));
  provenance.seed = options.seed;
  if (options.input_hash) provenance.inputs[in] = hash_file(in);
  return provenance;
}

/// "60 frames in 6 snapshots (B = 10, balanced masks)", "60 frames, all lossless".
std::string contents_text(const codec::ContainerHeader& header,
                          Index snapshots,
                          const codec::MaskPlan& plan) {
  const Index lossless = codec::lossless_frames(header.groups);
  if (lossless == header.frames) return fmt::format("{} frames, all lossless", header.frames);
  return fmt::format("{} frames in {} snapshots (B = {}, {} masks{}){}",
                     header.frames,
                     snapshots,
                     codec::ratio_text(header.groups, header.ratio),
                     to_text(header.mask_kind),
                     plan.motion ? ": " + codec::reason(plan) : "",
                     lossless == 0 ? "" : fmt::format(", {} of them lossless", lossless));
}

/// What the written container holds, and at which rate.
Outcome encoded(const std::string& out,
                const codec::Quantise& quantise,
                const codec::MaskPlan& plan) {
  const codec::ContainerReader written(out);
  const codec::ContainerHeader& header = written.header();
  const double kept_dose = header.kept_dose.value_or(1.0);
  const Json rate = codec::rate_json(
      header, static_cast<Index>(std::filesystem::file_size(out)), written.stored_bytes());
  return {Json{{"output", out},
               {"frames", header.frames},
               {"snapshots", written.snapshots()},
               {"lossless_frames", codec::lossless_frames(header.groups)},
               {"ratio", header.ratio},
               {"groups_by_ratio", codec::ratios_json(header.groups)},
               {"masks", to_text(header.mask_kind)},
               {"masks_because", codec::reason(plan)},
               {"noise", to_json(header.noise.value_or(NoiseModel{}))},
               {"quantise", to_text(quantise)},
               {"kept_dose", kept_dose},
               {"rate", rate}},
          fmt::format(
              "{}: {}, {:.3f} bits a pixel on disk, {:.2f} : 1 against {} raw{}\n",
              out,
              contents_text(header, written.snapshots(), plan),
              rate["bits_per_pixel"].get<double>(),
              rate["compression_ratio"].get<double>(),
              to_text(header.recorded),
              header.quantised && kept_dose < 1.0
                  ? fmt::format("; steps of the noise keep {:.1f} % of the dose", 100.0 * kept_dose)
                  : "")};
}

Outcome encode_live(const std::string& name,
                    const std::string& out,
                    EncodeVerbOptions options,
                    const Session& session) {
  const std::string in = name == "-" ? "standard input" : name;
  if (options.resume) {
    throw InputError(in + ": what is gone by does not come again, so --resume cannot go on; " +
                     out + ".partial keeps what was encoded");
  }
  options.input_hash = false;
  const auto feed = io::open_live(name, options.live, options.read, session.progress);
  const FrameFormat format = feed->format();
  const codec::MaskPlan plan = plan_of(options, nullptr);
  const MaskSet masks = masks_for(format, options, plan);  // takes a while: before frames come
  codec::StoredAs stored = codec::stored_as(options.coding, format.type, masks);
  stored.live = true;
  feed->wait_for_first(session.progress);
  codec::ContainerWriter writer(
      out, format, stored, masks, feed->info(), encode_provenance(name, options, session));
  codec::Flow flow;
  try {
    flow = codec::encode(
        *feed,
        masks,
        options.coding,
        [&](const codec::Snapshot& snapshot) { writer.append(snapshot); },
        session.progress,
        session.memory());
  } catch (const Interrupted&) {
    session.progress.note(
        fmt::format("{}.partial: keeps {} frames; later ones are lost", out, writer.frames()));
    throw;
  }
  writer.close(feed->end());
  Outcome outcome = encoded(out, options.coding.quantise, plan);
  add_flow(outcome, in, format, flow);
  return outcome;
}

Outcome encode_movie(const Arguments& arguments,
                     const EncodeVerbOptions& options,
                     const Session& session) {
  const std::string in = arguments.at("MOVIE"), out = arguments.at("OUT");
  session.require_writable(out);
  codec::require_container_name(out);
  if (io::is_live(in, options.live)) return encode_live(in, out, options, session);
  const auto movie = io::open_movie(in, options.read);
  const FrameFormat format = movie->format();
  const codec::MaskPlan plan = plan_of(options, movie.get());
  const MaskSet masks = masks_for(format, options, plan);
  codec::ContainerWriter writer(out,
                                format,
                                codec::stored_as(options.coding, format.type, masks),
                                masks,
                                movie->info(),
                                encode_provenance(in, options, session),
                                options.resume);
  if (writer.frames() > 0) {
    session.progress.note(fmt::format("{}: goes on after {} frames", out, writer.frames()));
  }
  codec::encode(
      *movie,
      masks,
      options.coding,
      [&](const codec::Snapshot& snapshot) { writer.append(snapshot); },
      session.progress,
      session.memory(),
      writer.frames());
  writer.close();
  return encoded(out, options.coding.quantise, plan);
}

struct MasksVerbOptions : codec::MaskOptions {
  Index height = 0, width = 0;

  static void fields(auto& self, auto&& visit) {
    codec::MaskOptions::fields(self, visit);
    visit("height", self.height, "pixels in y");
    visit("width", self.width, "pixels in x");
  }
};

Outcome draw_masks(const Arguments& arguments,
                   const MasksVerbOptions& options,
                   const Session& session) {
  const std::string out = arguments.at("OUT");
  session.require_writable(out);
  if (options.height < 1 || options.width < 1) {
    throw InputError("codec masks: give the frame's size with --height and --width");
  }
  const MaskSet masks = codec::make_masks(options, options.height, options.width);
  const Shape<3> shape = masks.masks.shape();
  auto bytes = Array<std::uint8_t, 3>::uninitialised(shape);
  for (Index b = 0; b < shape[0]; ++b) {
    for (Index y = 0; y < shape[1]; ++y) {
      for (Index x = 0; x < shape[2]; ++x) bytes(b, y, x) = masks.masks(b, y, x) ? 1 : 0;
    }
  }
  io::write_npy(out, PixelType::u8, shape, std::as_bytes(bytes.flat()));
  const std::string hash = hash_of(masks);
  return {Json{{"output", out},
               {"kind", to_text(masks.kind)},
               {"ratio", masks.ratio()},
               {"height", masks.height()},
               {"width", masks.width()},
               {"hash", hash}},
          fmt::format("{}: {} {} masks of {} x {}, hash {}\n",
                      out,
                      masks.ratio(),
                      to_text(masks.kind),
                      masks.height(),
                      masks.width(),
                      hash)};
}

struct WrapVerbOptions {
  std::string masks;
  std::optional<Index> frames;
  std::optional<PixelSize> pixel_size;

  static void fields(auto& self, auto&& visit) {
    visit("masks", self.masks, "masks (B, Y, X) of zeros and ones as .npy");
    visit("frames", self.frames, "frames in all, where the last group is short; auto is S * B");
    visit("pixel_size", self.pixel_size, "edge of a pixel, e.g. \"0.2 A\"");
  }
};

Outcome wrap_measurements(const Arguments& arguments,
                          const WrapVerbOptions& options,
                          const Session& session) {
  const std::string in = arguments.at("MEASUREMENTS"), out = arguments.at("OUT");
  session.require_writable(out);
  if (options.masks.empty()) throw InputError("codec wrap: give the masks with --masks MASKS.npy");
  const io::NpyArray array = io::read_npy(in);
  if (array.shape.size() != 2 && array.shape.size() != 3) {
    throw InputError(in + ": measurements must have the axes (S, Y, X) or (Y, X)");
  }
  const Shape<3> shape = array.shape.size() == 2
                             ? Shape<3>{1, array.shape[0], array.shape[1]}
                             : Shape<3>{array.shape[0], array.shape[1], array.shape[2]};
  Measurement measurement = [&] {
    const MaskSet masks = read_masks(options.masks);
    try {
      return codec::wrap(array.type, array.bytes.data(), shape, masks, options.frames);
    } catch (const InputError& error) {
      throw InputError(in + ": " + error.what());
    }
  }();
  if (options.pixel_size) measurement.info.pixel_size = {*options.pixel_size, "user"};
  Provenance provenance = session.provenance(options_json(options));
  provenance.inputs[in] = hash_file(in);
  provenance.inputs[options.masks] = hash_file(options.masks);
  codec::write_measurement(out, measurement, provenance);
  const Index frames = measurement.groups.back().first + measurement.groups.back().frames;
  return {Json{{"output", out},
               {"snapshots", shape[0]},
               {"frames", frames},
               {"ratio", measurement.masks.ratio()}},
          fmt::format("{}: {} snapshots of {} x {}, {} frames (B = {})\n",
                      out,
                      shape[0],
                      shape[1],
                      shape[2],
                      frames,
                      measurement.masks.ratio())};
}

}  // namespace

std::vector<Verb> decode_verbs();  // app_decode.cpp: codec decode
std::vector<Verb> judge_verbs();   // app_judge.cpp: codec evaluate, report

std::vector<Verb> codec_verbs() {
  std::vector<Verb> verbs{
      make_verb<EncodeVerbOptions>(
          "codec encode",
          "compress a movie into coded measurements",
          {{"MOVIE", "the movie to encode, - for raw frames from standard input"}},
          "the container to write (.h5)",
          encode_movie),
      make_verb<MasksVerbOptions>("codec masks",
                                  "draw the masks of a coded exposure",
                                  {},
                                  "the masks (B, Y, X) as .npy",
                                  draw_masks),
      make_verb<WrapVerbOptions>("codec wrap",
                                 "put measurements from elsewhere into a container",
                                 {{"MEASUREMENTS", "measurements (S, Y, X) as .npy"}},
                                 "the container to write (.h5)",
                                 wrap_measurements)};
  for (auto&& more : {decode_verbs(), judge_verbs()}) {
    verbs.insert(verbs.end(), more.begin(), more.end());
  }
  return verbs;
}

}  // namespace kinema::app
