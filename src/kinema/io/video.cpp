// Recognising videos, and a source over the module's reader.
#include "kinema/io/video.h"

#include "kinema/base/module.h"
#include "kinema/base/parallel.h"
#include "kinema/io/file.h"
#include "kinema/io/video_load.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string_view>

namespace kinema::io {
namespace {

bool has(std::span<const std::byte> head, std::size_t at, std::string_view text) {
  return head.size() >= at + text.size() &&
         std::memcmp(head.data() + at, text.data(), text.size()) == 0;
}

/// A sync byte at the start of each packet, at least three of them.
bool has_packets(std::span<const std::byte> head, std::size_t first, std::size_t bytes) {
  constexpr std::byte sync{0x47};
  if (head.size() <= first + 2 * bytes) return false;
  for (std::size_t at = first; at < head.size(); at += bytes) {
    if (head[at] != sync) return false;
  }
  return true;
}

/// A positive number under `key` of what kinema wrote into the file.
std::optional<double> number(const Json& words, const char* key) {
  const Json value = words.value(key, Json());
  if (!value.is_number() || !(value.get<double>() > 0.0)) return std::nullopt;
  return value.get<double>();
}

/// What a file that kinema wrote says of itself.
void take_words(const Json& words, MovieInfo& info) {
  const Json size = words.value("pixel_size_angstrom", Json());
  const auto is_edge = [](const Json& edge) { return edge.is_number() && edge > 0.0; };
  if (size.is_array() && size.size() == 2 && std::all_of(size.begin(), size.end(), is_edge)) {
    info.pixel_size = {PixelSize{{size[0].get<double>()}, {size[1].get<double>()}}, "header"};
  }
  if (const auto value = number(words, "frame_time_seconds")) {
    info.frame_time = {Time{*value}, "header"};
  }
  if (const auto value = number(words, "voltage_kv")) info.voltage = {Voltage{*value}, "header"};
  if (const auto value = number(words, "dose_electrons_per_pixel")) {
    info.dose = {Dose{*value}, "header"};
  }
  for (auto& [key, fact] : {std::pair{"detector", &info.detector}, {"date", &info.date}}) {
    const Json value = words.value(key, Json());
    if (value.is_string()) *fact = {value.get<std::string>(), "header"};
  }
}

MovieInfo info_of(const Json& description) {
  MovieInfo info;
  info.notes = description["notes"].get<std::vector<std::string>>();
  info.dataset = description["dataset"];
  info.datasets = description["datasets"].get<std::vector<std::string>>();
  if (info.datasets.size() < 2) info.datasets.clear();
  if (description["kinema"].is_object()) {  // the rate at which it plays was chosen for people
    take_words(description["kinema"], info);
  } else if (description["frame_time"].is_number()) {
    info.frame_time = {Time{description["frame_time"].get<double>()}, "header"};
    info.notes.emplace_back(
        "the frame time is that at which the video plays; the camera may have had another");
  }
  return info;
}

class VideoSource : public MovieSource {
 public:
  VideoSource(std::filesystem::path path, const ReadOptions& options)
      : module_(video_module()), path_(std::move(path)) {
    const Json request = {{"dataset", options.dataset}, {"threads", threads()}};
    VideoError error;
    reader_ = module_.open_reader(path_.c_str(), request.dump().c_str(), &error);
    if (reader_ == nullptr) throw_video_error(path_, error);
    const Json description = Json::parse(module_.describe(reader_));
    format_ = {pixel_type_named(description["dtype"].get<std::string>()).value(),
               description["height"].get<Index>(),
               description["width"].get<Index>()};
    frames_ = description["frames"].get<Index>();
    info_ = info_of(description);
    metadata_ = description["metadata"];
  }
  VideoSource(const VideoSource&) = delete;
  VideoSource& operator=(const VideoSource&) = delete;
  ~VideoSource() override {
    if (reader_ != nullptr) module_.close_reader(reader_);
  }

  FrameFormat format() const override { return format_; }
  std::optional<Index> frames() const override { return frames_; }
  const MovieInfo& info() const override { return info_; }
  Json metadata() const override { return metadata_; }
  void read(Index first, Index count, std::span<std::byte> out) override {
    require_frames(*this, first, count);
    VideoError error;
    if (!module_.read(reader_, first, count, out.data(), &error)) throw_video_error(path_, error);
  }

 private:
  const VideoModule& module_;
  std::filesystem::path path_;
  VideoReader* reader_ = nullptr;
  FrameFormat format_;
  Index frames_ = 0;
  MovieInfo info_;
  Json metadata_;
};

}  // namespace

const VideoModule& video_module() {
  static const VideoModule& module = [&]() -> const VideoModule& {
    auto* table =
        module_function<decltype(kinema_video_module)>("video", "kinema_video_module", video_mend);
    const VideoModule& found = *table();
    if (found.version != video_module_version) {
      throw InputError(std::string("the part 'video' is of another version than this kinema; ") +
                       "./run build makes both anew");
    }
    return found;
  }();
  return module;
}

void throw_video_error(const std::filesystem::path& path, const VideoError& error) {
  if (error.failure == VideoFailure::system) throw IoError(path, error.text);
  if (error.failure == VideoFailure::bug) throw std::logic_error(error.text);
  throw InputError(path.string() + ": " + error.text);
}

Json video_module_info() {
  return Json::parse(video_module().about());
}

bool is_avi(std::span<const std::byte> head) {
  return has(head, 0, "RIFF") && has(head, 8, "AVI ");
}

bool is_mp4(std::span<const std::byte> head) {
  if (has(head, 4, "ftyp")) {  // still pictures and JPEG 2000 have the same outside
    constexpr std::array pictures{"heic", "heix", "mif1", "msf1", "avif", "crx ", "jp2 ", "jpx "};
    return std::none_of(
        pictures.begin(), pictures.end(), [&](const char* brand) { return has(head, 8, brand); });
  }
  constexpr std::array first_atoms{"moov", "mdat", "wide", "free", "skip", "pnot"};
  return std::any_of(
      first_atoms.begin(), first_atoms.end(), [&](const char* atom) { return has(head, 4, atom); });
}

bool is_matroska(std::span<const std::byte> head) {
  return has(head, 0, "\x1A\x45\xDF\xA3");
}

bool is_mpegts(std::span<const std::byte> head) {
  return has_packets(head, 0, 188) || has_packets(head, 4, 192);
}

std::unique_ptr<MovieSource> open_video(const std::filesystem::path& path,
                                        const ReadOptions& options) {
  return std::make_unique<VideoSource>(path, options);
}

}  // namespace kinema::io
