// The general header, the frames' headers, and frames over several files. Field order as in
// RosettaSciIO's description of the format; all numbers are little-endian.
#include "kinema/io/tvips.h"

#include "kinema/base/options.h"
#include "kinema/io/byte_reader.h"
#include "kinema/io/date_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kinema::io {
namespace {

constexpr std::uint64_t general_bytes = 52;      // of the general header, without its padding
constexpr std::uint64_t short_frame_bytes = 12;  // number, seconds, milliseconds
constexpr std::uint64_t long_frame_bytes = 60;   // all the fields of a version 2 frame header
constexpr std::uint64_t most_header_bytes = 1 << 16;
constexpr std::uint32_t most_side = 1 << 16;
constexpr Index most_listed = 2000;  // frames whose headers metadata() tells

struct GeneralHeader {
  std::uint32_t bytes = 0, version = 0, width = 0, height = 0, bits = 0;
  std::uint32_t offset_x = 0, offset_y = 0, binning_x = 0, binning_y = 0;
  std::uint32_t pixel_size = 0;  // nm, or 1/nm in diffraction mode
  std::uint32_t high_tension = 0, magnification = 0;
  std::uint32_t frame_header_bytes = 0;
};

struct FrameHeader {
  std::uint32_t number = 0, seconds = 0, milliseconds = 0;
  std::uint32_t magnification = 0, mode = 0;  // 1: image, 2: diffraction
  float current = 0.0F, objective = 0.0F, temperature = 0.0F;
  std::array<float, 5> stage{};  // x, y, z, alpha, beta
  std::uint32_t rotation_index = 0;
  double time() const { return seconds + 1e-3 * milliseconds; }
  /// Seconds since `earlier`, exact to the millisecond.
  double since(const FrameHeader& earlier) const {
    const std::int64_t whole = std::int64_t{seconds} - earlier.seconds;
    return static_cast<double>(1000 * whole + milliseconds - earlier.milliseconds) / 1000.0;
  }
};

GeneralHeader read_general(ByteReader& reader) {
  reader.set_order(std::endian::little);
  GeneralHeader header;
  for (std::uint32_t* field : {&header.bytes,
                               &header.version,
                               &header.width,
                               &header.height,
                               &header.bits,
                               &header.offset_x,
                               &header.offset_y,
                               &header.binning_x,
                               &header.binning_y,
                               &header.pixel_size,
                               &header.high_tension,
                               &header.magnification,
                               &header.frame_header_bytes}) {
    *field = reader.read<std::uint32_t>();
  }
  if (header.version == 1) header.frame_header_bytes = short_frame_bytes;
  return header;
}

bool is_sane(const GeneralHeader& header) {
  const auto is_side = [](std::uint32_t side) { return side > 0 && side <= most_side; };
  return header.bytes >= general_bytes && header.bytes <= most_header_bytes &&
         (header.version == 1 || header.version == 2) && is_side(header.width) &&
         is_side(header.height) && (header.bits == 8 || header.bits == 16) &&
         header.binning_x <= 64 && header.binning_y <= 64 &&
         header.frame_header_bytes >= short_frame_bytes &&
         header.frame_header_bytes <= most_header_bytes;
}

FrameHeader read_frame_header(ByteReader& reader, std::uint64_t bytes) {
  FrameHeader header;
  header.number = reader.read<std::uint32_t>();
  header.seconds = reader.read<std::uint32_t>();
  header.milliseconds = reader.read<std::uint32_t>();
  if (bytes < long_frame_bytes) return header;
  reader.skip(4);  // an index into colours
  header.current = reader.read<float>();
  header.magnification = reader.read<std::uint32_t>();
  header.mode = reader.read<std::uint32_t>();
  for (float& coordinate : header.stage) coordinate = reader.read<float>();
  header.rotation_index = reader.read<std::uint32_t>();
  header.temperature = reader.read<float>();
  header.objective = reader.read<float>();
  return header;
}

/// A file of the movie with the frames that it holds whole.
struct Part {
  InputFile file;
  std::uint64_t offset = 0;  // of its first frame's header
  Index first = 0, frames = 0;
};

/// NAME_001.tvips after NAME_000.tvips; none where the name has no number.
std::optional<std::filesystem::path> next_path(const std::filesystem::path& path) {
  std::string stem = path.stem().string();
  if (stem.size() < 5 || stem[stem.size() - 4] != '_') return std::nullopt;
  const std::string digits = stem.substr(stem.size() - 3);
  const bool is_number =
      std::all_of(digits.begin(), digits.end(), [](unsigned char c) { return std::isdigit(c); });
  if (!is_number || digits == "999") return std::nullopt;
  char next[16];
  std::snprintf(next, sizeof next, "%03d", std::stoi(digits) + 1);
  const std::string name = stem.substr(0, stem.size() - 3) + next + path.extension().string();
  return path.parent_path() / name;
}

class TvipsSource : public MovieSource {
 public:
  explicit TvipsSource(const std::filesystem::path& path) {
    InputFile file(path);
    ByteReader reader(file);
    header_ = read_general(reader);
    if (!is_sane(header_)) {
      throw FileError(path, 0, "the general header of this TVIPS movie contradicts itself");
    }
    format_ = {header_.bits == 8 ? PixelType::u8 : PixelType::u16, header_.height, header_.width};
    add_part(std::move(file), header_.bytes);
    add_following(path);
    if (frames_ == 0) {
      throw FileError(path,
                      header_.bytes,
                      "no whole frame of " + std::to_string(format_.height) + " x " +
                          std::to_string(format_.width) + " " + to_text(format_.type) +
                          " pixels follows the header; copy the file again");
    }
    learn();
  }

  FrameFormat format() const override { return format_; }
  std::optional<Index> frames() const override { return frames_; }
  const MovieInfo& info() const override { return info_; }

  void read(Index first, Index count, std::span<std::byte> out) override {
    require_frames(*this, first, count);
    const auto bytes = static_cast<std::size_t>(format_.bytes());
    for (Index t = 0; t < count; ++t) {
      const Part& part = part_of(first + t);
      part.file.read_at(place(part, first + t) + header_.frame_header_bytes,
                        out.subspan(static_cast<std::size_t>(t) * bytes, bytes));
    }
  }

  Json metadata() const override {
    Json json = {{"version", header_.version},
                 {"bits_per_pixel", header_.bits},
                 {"offset", {header_.offset_x, header_.offset_y}},
                 {"binning", {header_.binning_x, header_.binning_y}},
                 {"pixel_size", header_.pixel_size},
                 {"high_tension", header_.high_tension},
                 {"magnification", header_.magnification},
                 {"frame_header_bytes", header_.frame_header_bytes},
                 {"files", Json::array()},
                 {"frames", Json::array()}};
    for (const Part& part : parts_) json["files"].push_back(part.file.path().filename().string());
    for (Index t = 0; t < std::min(frames_, most_listed); ++t) {
      json["frames"].push_back(frame_json(frame_header(t)));
    }
    return json;
  }

 private:
  std::uint64_t record_bytes() const {
    return header_.frame_header_bytes + static_cast<std::uint64_t>(format_.bytes());
  }

  void add_part(InputFile file, std::uint64_t offset) {
    const std::uint64_t bytes = file.size() > offset ? file.size() - offset : 0;
    const auto frames = static_cast<Index>(bytes / record_bytes());
    if (bytes % record_bytes() != 0) {
      info_.notes.push_back(file.path().filename().string() + " ends within a frame; its last " +
                            std::to_string(bytes % record_bytes()) + " bytes are left out");
    }
    parts_.push_back({std::move(file), offset, frames_, frames});
    frames_ += frames;
  }

  void add_following(const std::filesystem::path& path) {
    for (auto next = next_path(path); next && std::filesystem::is_regular_file(*next);
         next = next_path(*next)) {
      add_part(InputFile(*next), 0);
    }
  }

  const Part& part_of(Index frame) const {
    const auto after =
        std::upper_bound(parts_.begin(), parts_.end(), frame, [](Index t, const Part& part) {
          return t < part.first;
        });
    return *(after - 1);
  }

  std::uint64_t place(const Part& part, Index frame) const {
    return part.offset + static_cast<std::uint64_t>(frame - part.first) * record_bytes();
  }

  FrameHeader frame_header(Index frame) const {
    const Part& part = part_of(frame);
    std::vector<std::byte> bytes(
        std::min<std::uint64_t>(header_.frame_header_bytes, long_frame_bytes));
    part.file.read_at(place(part, frame), bytes);
    ByteReader reader(bytes, part.file.path(), place(part, frame));
    reader.set_order(std::endian::little);
    return read_frame_header(reader, bytes.size());
  }

  Json frame_json(const FrameHeader& frame) const {
    Json json = {{"number", frame.number}, {"seconds", frame.time()}};
    if (header_.frame_header_bytes < long_frame_bytes) return json;
    json["mode"] = frame.mode;
    json["magnification"] = frame.magnification;
    json["current"] = frame.current;
    json["stage"] = frame.stage;
    json["rotation_index"] = frame.rotation_index;
    json["temperature"] = frame.temperature;
    json["objective"] = frame.objective;
    return json;
  }

  void learn() {
    const FrameHeader first = frame_header(0);
    const double size = header_.pixel_size;
    const bool diffraction = first.mode == 2;
    const std::string unit = diffraction ? "1/nm" : "nm";
    double interval = 0.0;
    if (frames_ > 1) {
      interval = frame_header(frames_ - 1).since(first) / static_cast<double>(frames_ - 1);
    }
    set_axes(info_,
             {{"time", frames_, std::max(interval, 0.0), 0.0, "s"},
              {"y", format_.height, size, 0.0, unit},
              {"x", format_.width, size, 0.0, unit}},
             "header");
    if (frames_ > 1 && interval <= 0.0) {
      info_.notes.emplace_back("the frames' times do not grow, so the frame time is unknown");
    }
    if (diffraction) info_.notes.emplace_back("the frames are diffraction patterns");
    // In kV; some programs write V.
    const double tension = header_.high_tension;
    if (tension > 0.0)
      info_.voltage = {Voltage{tension > 5000.0 ? tension / 1000.0 : tension}, "header"};
    if (const auto date = iso_date_from_seconds(first.seconds); date && first.seconds > 0) {
      info_.date = {*date, "header"};
    }
  }

  GeneralHeader header_;
  FrameFormat format_;
  std::vector<Part> parts_;
  Index frames_ = 0;
  MovieInfo info_;
};

}  // namespace

bool is_tvips(std::span<const std::byte> head) {
  constexpr std::size_t mrc_mark_at = 208;  // numbers as in this header may begin an MRC file too
  const auto is_mark = [&](std::string_view mark) {
    return head.size() >= mrc_mark_at + mark.size() &&
           std::memcmp(head.data() + mrc_mark_at, mark.data(), mark.size()) == 0;
  };
  if (head.size() < general_bytes || is_mark("MAP")) return false;
  ByteReader reader(head, "");
  return is_sane(read_general(reader));
}

std::unique_ptr<MovieSource> open_tvips(const std::filesystem::path& path, const ReadOptions&) {
  return std::make_unique<TvipsSource>(path);
}

}  // namespace kinema::io
