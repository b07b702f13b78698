// Electrons summed to frames, and what the camera's XML says of them.
#include "kinema/io/eer.h"

#include "kinema/base/error.h"
#include "kinema/base/parallel.h"
#include "kinema/io/eer_directories.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <pugixml.hpp>
#include <string>

namespace kinema::io {
namespace {

using Json = nlohmann::ordered_json;

constexpr Index most_frame_bytes = Index{2} << 30;
constexpr std::size_t most_batch = 64;                // camera frames decoded at once
constexpr std::uint64_t most_batch_bytes = 16 << 20;  // of their streams
constexpr std::size_t most_items = 10'000, most_text = 64 << 10;
constexpr double most_pixel_edge = 5e-6;  // metres; above it is the camera's own pixel

/// An item of the acquisition's XML.
struct Item {
  std::string value, unit;
};
using Items = std::map<std::string, Item>;

/// <metadata><item name="" unit="">value</item>...; empty where it is not that.
Items items_of(const std::string& xml) {
  Items items;
  const std::size_t begin = xml.find("<metadata");
  if (begin == std::string::npos) return items;
  pugi::xml_document document;
  document.load_buffer(xml.data() + begin, xml.find_last_of('>') + 1 - begin);
  for (const pugi::xml_node& item : document.child("metadata").children("item")) {
    const std::string name = item.attribute("name").as_string();
    if (name.empty() || items.size() >= most_items) continue;
    items[name] = {std::string(item.text().as_string()).substr(0, most_text),
                   item.attribute("unit").as_string()};
  }
  return items;
}

/// A positive number in one of the units (none given: whichever it has).
std::optional<double> number_of(const Items& items,
                                const char* name,
                                std::initializer_list<const char*> units = {}) {
  const auto item = items.find(name);
  if (item == items.end()) return std::nullopt;
  const std::string& unit = item->second.unit;
  if (units.size() > 0 && std::find(units.begin(), units.end(), unit) == units.end()) {
    return std::nullopt;
  }
  const double number = std::strtod(item->second.value.c_str(), nullptr);
  return std::isfinite(number) && number > 0.0 ? std::optional(number) : std::nullopt;
}

std::string text_of(const Items& items, const char* name) {
  const auto item = items.find(name);
  return item == items.end() ? "" : item->second.value;
}

std::string counted(Index count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// How camera frames become frames.
struct Summing {
  Index camera_frames = 0, group = 1, frames = 0;
  int upsampling_bits = 0;
};

Summing summing_of(const std::filesystem::path& path,
                   const EerDirectories& directories,
                   const ReadOptions& options) {
  const int up = options.eer_upsampling;
  if (up != 1 && up != 2 && up != 4) {
    throw InputError("--eer-upsampling " + std::to_string(up) + " makes no sense; it is 1, 2 or 4");
  }
  Summing summing{directories.frames(), options.eer_frames, 0, up == 4 ? 2 : up - 1};
  if (summing.group == 0) summing.group = summing.camera_frames;
  if (summing.group < 0 || summing.group > summing.camera_frames) {
    throw InputError("--eer-frames " + std::to_string(options.eer_frames) +
                     " cannot be summed: " + path.string() + " has " +
                     std::to_string(summing.camera_frames) + " camera frames");
  }
  summing.frames = summing.camera_frames / summing.group;
  const int known = std::min(directories.code.horizontal, directories.code.vertical);
  if (summing.upsampling_bits > known) {
    throw InputError("--eer-upsampling " + std::to_string(up) + ": " + path.string() +
                     " knows places only to 1/" + std::to_string(1 << known) + " of a pixel");
  }
  return summing;
}

FrameFormat format_of(const EerDirectories& directories, const Summing& summing) {
  const PixelType type = summing.group < 256     ? PixelType::u8
                         : summing.group < 65536 ? PixelType::u16
                                                 : PixelType::u32;
  return {type,
          directories.height << summing.upsampling_bits,
          directories.width << summing.upsampling_bits};
}

/// Throws FileError where even empty frames of that size would take a longer stream than the first.
void require_plausible(const InputFile& file,
                       const EerDirectories& directories,
                       const FrameFormat& format) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < directories.strip_ends.front(); ++i) {
    bytes += directories.strips[i].bytes;
  }
  const auto skip = static_cast<std::uint64_t>(directories.code.skip);
  const std::uint64_t most = (bytes * 8 / skip + 1) << skip;
  if (static_cast<std::uint64_t>(directories.height * directories.width) > most ||
      format.bytes() > most_frame_bytes) {
    throw FileError(file.path(),
                    0,
                    "EER: frames of " + std::to_string(format.height) + " x " +
                        std::to_string(format.width) +
                        " pixels are declared, more than the file can hold or than 2 GB");
  }
}

void take_pixel_size(const Items& items, int upsampling_bits, MovieInfo& info) {
  const auto x = number_of(items, "sensorPixelSize.width", {"m"});
  const auto y = number_of(items, "sensorPixelSize.height", {"m"});
  if (!x || !y) return;
  if (*x > most_pixel_edge || *y > most_pixel_edge) {
    info.notes.emplace_back("the header's sensorPixelSize is that of the camera and is ignored");
    return;
  }
  const double parts = 1 << upsampling_bits;
  set_pixel_size(info, {{*x * 1e10 / parts}, {*y * 1e10 / parts}}, "header");
}

void take_times_and_doses(const Items& items, const Summing& summing, MovieInfo& info) {
  const double recorded =
      number_of(items, "numberOfFrames").value_or(static_cast<double>(summing.camera_frames));
  const double share = static_cast<double>(summing.group) / recorded;
  const double parts = std::exp2(2 * summing.upsampling_bits);
  if (const auto exposure = number_of(items, "exposureTime", {"s"})) {
    info.frame_time = {Time{*exposure * share}, "header"};
  }
  if (const auto dose = number_of(items, "totalDose", {"e/pixel", "e/px", "electrons/pixel"})) {
    info.dose = {Dose{*dose * share / parts}, "header"};
  }
  if (recorded != static_cast<double>(summing.camera_frames)) {
    info.notes.push_back("the header tells of " + text_of(items, "numberOfFrames") +
                         " camera frames; the file holds " + std::to_string(summing.camera_frames));
  }
}

void add_notes(const EerDirectories& directories, const Summing& summing, MovieInfo& info) {
  const Index left = summing.camera_frames - summing.frames * summing.group;
  info.notes.push_back(counted(summing.camera_frames, "camera frame") +
                       ", each frame is the sum of " + std::to_string(summing.group) +
                       "; --eer-frames sets how many");
  if (left > 0) {
    info.notes.push_back("the last " + counted(left, "camera frame") +
                         " fill no whole sum and are left out");
  }
  info.notes.emplace_back("electrons are as counted: the camera's gain is not applied");
  if (directories.orientation != 1) {
    info.notes.push_back("rows are as stored; the header's orientation is " +
                         std::to_string(directories.orientation));
  }
  if (directories.other_images > 0) {
    info.notes.push_back(counted(directories.other_images, "other image") + " left out");
  }
}

MovieInfo info_of(const EerDirectories& directories, const Items& items, const Summing& summing) {
  MovieInfo info;
  take_pixel_size(items, summing.upsampling_bits, info);
  take_times_and_doses(items, summing, info);
  for (const char* name : {"commercialName", "cameraName"}) {
    const std::string text = text_of(items, name);
    if (!text.empty() && !info.detector) info.detector = {text, "header"};
  }
  if (const std::string date = text_of(items, "timestamp"); !date.empty()) {
    info.date = {date, "header"};
  }
  add_notes(directories, summing, info);
  return info;
}

class EerSource : public MovieSource {
 public:
  EerSource(const std::filesystem::path& path, const ReadOptions& options)
      : file_(path),
        directories_(read_eer_directories(file_)),
        summing_(summing_of(path, directories_, options)),
        format_(format_of(directories_, summing_)),
        items_(items_of(directories_.metadata)),
        info_(info_of(directories_, items_, summing_)) {
    require_plausible(file_, directories_, format_);
  }

  FrameFormat format() const override { return format_; }
  std::optional<Index> frames() const override { return summing_.frames; }
  const MovieInfo& info() const override { return info_; }
  Json metadata() const override {
    Json acquisition = Json::object();
    for (const auto& [name, item] : items_) {
      acquisition[name] = item.unit.empty() ? Json(item.value) : Json(item.value + " " + item.unit);
    }
    const EerCode& code = directories_.code;
    return {{"compression", directories_.compression},
            {"bits", {code.skip, code.horizontal, code.vertical}},
            {"camera_frames", summing_.camera_frames},
            {"acquisition", acquisition}};
  }

  void read(Index first, Index count, std::span<std::byte> out) override {
    require_frames(*this, first, count);
    std::fill(out.begin(), out.end(), std::byte{0});
    const Index end = (first + count) * summing_.group;
    for (Index begin = first * summing_.group; begin < end;) {
      const Index behind = std::min(end, batch_end(begin));
      decode(begin, behind);
      with_pixel_type(format_.type, [&](auto zero) {
        using Count = decltype(zero);
        if constexpr (std::is_unsigned_v<Count>) {
          add(begin, behind, first, reinterpret_cast<Count*>(out.data()));
        }
      });
      begin = behind;
    }
  }

 private:
  std::span<const EerStrip> strips_of(Index frame) const {
    const auto index = static_cast<std::size_t>(frame);
    const std::size_t begin = index == 0 ? 0 : directories_.strip_ends[index - 1];
    return std::span(directories_.strips).subspan(begin, directories_.strip_ends[index] - begin);
  }

  std::uint64_t bytes_of_frame(Index frame) const {
    std::uint64_t bytes = 0;
    for (const EerStrip& strip : strips_of(frame)) bytes += strip.bytes;
    return bytes;
  }

  /// The frame behind those that are decoded at once.
  Index batch_end(Index begin) const {
    Index end = begin;
    std::uint64_t bytes = 0;
    while (end < summing_.camera_frames && end - begin < static_cast<Index>(most_batch)) {
      bytes += bytes_of_frame(end);
      if (end > begin && bytes > most_batch_bytes) break;
      ++end;
    }
    return end;
  }

  /// The stream of a frame, as far as its pixels can reach, and zeros behind it.
  std::vector<std::byte> stream_of(Index frame) const {
    const auto pixels = static_cast<std::uint64_t>(directories_.height * directories_.width);
    const std::uint64_t most =
        pixels * static_cast<std::uint64_t>(directories_.code.electron()) / 8;
    std::vector<std::byte> stream(
        static_cast<std::size_t>(std::min(bytes_of_frame(frame), most + 16)) + eer_padding);
    std::span<std::byte> rest = std::span(stream).first(stream.size() - eer_padding);
    for (const EerStrip& strip : strips_of(frame)) {
      if (rest.empty()) break;
      const auto bytes =
          static_cast<std::size_t>(std::min<std::uint64_t>(strip.bytes, rest.size()));
      file_.read_at(strip.offset, rest.first(bytes));
      rest = rest.subspan(bytes);
    }
    return stream;
  }

  void decode(Index begin, Index end) {
    places_.resize(std::max(places_.size(), static_cast<std::size_t>(end - begin)));
    parallel_for(end - begin, [&](Index i) {
      if (decode_frame(stream_of(begin + i), places_[static_cast<std::size_t>(i)])) return;
      throw FileError(file_.path(),
                      strips_of(begin + i).front().offset,
                      "EER: the electrons of camera frame " + std::to_string(begin + i) +
                          " do not end with its last pixel; the file is damaged");
    });
  }

  /// Early cameras, of the first compression, padded full runs; which they did the end tells.
  bool decode_frame(const std::vector<std::byte>& stream,
                    std::vector<std::uint32_t>& places) const {
    const EerPicture picture{directories_.height, directories_.width, summing_.upsampling_bits};
    const auto ends = [&](bool padded_runs) {
      return decode_eer(stream, directories_.code, picture, padded_runs, places);
    };
    const EerEnd end = ends(false);
    if (directories_.compression != 65000 || end == EerEnd::exact) return end != EerEnd::wrong;
    return ends(true) == EerEnd::exact || ends(false) != EerEnd::wrong;
  }

  /// Each thread adds to rows of its own: the places of a frame come in the order of its rows.
  template <class Count>
  void add(Index begin, Index end, Index first, Count* out) const {
    const Index bands = std::min<Index>(4 * threads(), directories_.height);
    const Index row = format_.width << summing_.upsampling_bits;  // of camera pixels
    parallel_for(bands, [&](Index band) {
      const auto from = static_cast<std::uint32_t>(directories_.height * band / bands * row);
      const Index to = directories_.height * (band + 1) / bands * row;
      for (Index frame = begin; frame < end; ++frame) {
        Count* sums = out + (frame / summing_.group - first) * format_.pixels();
        const auto& places = places_[static_cast<std::size_t>(frame - begin)];
        auto place = std::partition_point(
            places.begin(), places.end(), [&](std::uint32_t at) { return at < from; });
        for (; place != places.end() && static_cast<Index>(*place) < to; ++place) ++sums[*place];
      }
    });
  }

  InputFile file_;
  EerDirectories directories_;
  Summing summing_;
  FrameFormat format_;
  Items items_;
  MovieInfo info_;
  std::vector<std::vector<std::uint32_t>> places_;  // of the frames decoded last
};

}  // namespace

bool is_eer(std::span<const std::byte> head) {
  if (head.size() < 8) return false;
  constexpr unsigned char marks[][4] = {
      {'I', 'I', 42, 0}, {'M', 'M', 0, 42}, {'I', 'I', 43, 0}, {'M', 'M', 0, 43}};
  return std::any_of(std::begin(marks), std::end(marks), [&](const auto& mark) {
    return std::memcmp(head.data(), mark, sizeof mark) == 0;
  });
}

bool is_eer_file(const InputFile& file) {
  return has_eer_directory(file);
}

std::unique_ptr<MovieSource> open_eer(const std::filesystem::path& path,
                                      const ReadOptions& options) {
  return std::make_unique<EerSource>(path, options);
}

}  // namespace kinema::io
