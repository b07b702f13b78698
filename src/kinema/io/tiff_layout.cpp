// Header, tags and directories of TIFF 6.0 and BigTIFF.
#include "kinema/io/tiff_layout.h"

#include "kinema/base/units.h"

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

namespace kinema::io {
namespace {

enum class Kind : std::uint16_t {
  ascii = 2,
  number16 = 3,
  number32 = 4,
  rational = 5,
  number64 = 16
};

struct Tag {
  std::uint16_t number;
  Kind kind;
  std::uint64_t count;
  std::uint64_t value;  // or its place in the file, where it does not fit into the entry
};

using Rational = std::array<std::uint32_t, 2>;

/// The fraction of 32-bit numbers nearest to a positive value (by continued fractions).
Rational rational_of(double value) {
  constexpr double most = std::numeric_limits<std::uint32_t>::max();
  double above[2] = {1.0, 0.0}, below[2] = {0.0, 1.0};  // convergents: this one and the last
  double rest = value;
  for (int step = 0; step < 40; ++step) {
    const double whole = std::floor(rest);
    const double next_above = whole * above[0] + above[1], next_below = whole * below[0] + below[1];
    if (next_above > most || next_below > most) break;
    above[1] = std::exchange(above[0], next_above);
    below[1] = std::exchange(below[0], next_below);
    if (std::abs(above[0] / below[0] - value) <= 1e-15 * value) break;
    rest = 1.0 / (rest - whole);
  }
  if (below[0] == 0.0 || above[0] == 0.0) return {1, 1};
  return {static_cast<std::uint32_t>(above[0]), static_cast<std::uint32_t>(below[0])};
}

class Writer {
 public:
  explicit Writer(std::vector<std::byte>& bytes) : bytes_(bytes) {}
  template <class T>
  void put(T value) {
    const auto* raw = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), raw, raw + sizeof value);
  }
  void put(std::uint64_t value, bool big) {
    big ? put<std::uint64_t>(value) : put(static_cast<std::uint32_t>(value));
  }

 private:
  std::vector<std::byte>& bytes_;
};

std::uint16_t sample_format(PixelType type) {
  if (is_float(type)) return 3;
  if (is_complex(type)) return 6;
  return type == PixelType::i8 || type == PixelType::i16 || type == PixelType::i32 ||
                 type == PixelType::i64
             ? 2
             : 1;
}

/// Entries are of one size: a value is at most as long as an offset, so it lies in its entry.
void put_directory(Writer& out, const std::vector<Tag>& tags, std::uint64_t next, bool big) {
  if (big)
    out.put<std::uint64_t>(tags.size());
  else
    out.put(static_cast<std::uint16_t>(tags.size()));
  for (const Tag& tag : tags) {
    out.put(tag.number);
    out.put(static_cast<std::uint16_t>(tag.kind));
    out.put(tag.count, big);
    out.put(tag.value, big);
  }
  out.put(next, big);
}

std::uint64_t directory_bytes(std::size_t tags, bool big) {
  return big ? 8 + 20 * tags + 8 : 2 + 12 * tags + 4;
}

/// Samples of a pixel, each of `bits` bits.
struct Samples {
  std::uint64_t count, bits;
};

Samples samples_of(PixelType type) {
  if (type == PixelType::rgb) return {3, 8};
  if (type == PixelType::rgba) return {4, 8};
  return {1, static_cast<std::uint64_t>(8 * bytes_of(type))};
}

/// Values that all frames share, at their places in the file; 0 where they are not needed.
struct Shared {
  std::uint64_t bits_at = 0, resolution_at = 0, description_at = 0, description_bytes = 0;
  ResolutionUnit unit = ResolutionUnit::none;
};

/// Bits of several samples fit into an entry of BigTIFF but not of TIFF.
Tag bits_tag(const Samples& samples, const Shared& shared, bool big) {
  std::uint64_t inside = 0;
  for (std::uint64_t i = 0; i < samples.count; ++i) inside |= samples.bits << (16 * i);
  const bool fits = samples.count == 1 || big;
  return {258, Kind::number16, samples.count, fits ? inside : shared.bits_at};
}

/// The tags of the frame at `place`; those of the first frame carry the description too.
std::vector<Tag> tags_of(
    const FrameFormat& format, std::uint64_t place, const Shared& shared, bool first, bool big) {
  const auto width = static_cast<std::uint64_t>(format.width);
  const auto height = static_cast<std::uint64_t>(format.height);
  const Samples samples = samples_of(format.type);
  const bool colour = is_colour(format.type);
  const Kind offset = big ? Kind::number64 : Kind::number32;
  std::vector<Tag> tags = {{256, Kind::number32, 1, width},
                           {257, Kind::number32, 1, height},
                           bits_tag(samples, shared, big),
                           {259, Kind::number16, 1, 1},                  // no compression
                           {262, Kind::number16, 1, colour ? 2U : 1U}};  // RGB; or 0 is black
  if (first) tags.push_back({270, Kind::ascii, shared.description_bytes, shared.description_at});
  tags.push_back({273, offset, 1, place});
  tags.push_back({277, Kind::number16, 1, samples.count});
  tags.push_back({278, Kind::number32, 1, height});
  tags.push_back({279, offset, 1, static_cast<std::uint64_t>(format.bytes())});
  if (shared.resolution_at > 0) {
    tags.push_back({282, Kind::rational, 1, shared.resolution_at});
    tags.push_back({283, Kind::rational, 1, shared.resolution_at + 8});
    tags.push_back({296, Kind::number16, 1, static_cast<std::uint64_t>(shared.unit)});
  }
  if (samples.count == 4) tags.push_back({338, Kind::number16, 1, 2});  // transparency
  if (!colour) tags.push_back({339, Kind::number16, 1, sample_format(format.type)});
  return tags;
}

}  // namespace

TiffFrame make_tiff_frame(const FrameFormat& format,
                          Index frames,
                          const MovieInfo& info,
                          const TiffDescription& description) {
  const auto frame_bytes = static_cast<std::uint64_t>(format.bytes());
  const auto data_bytes = static_cast<std::uint64_t>(checked_product(format.bytes(), frames));
  const std::uint64_t tags_bytes = static_cast<std::uint64_t>(frames) * directory_bytes(14, false);
  const std::uint64_t around = tags_bytes + description.text.size() + 4096;
  const bool big = data_bytes + around > std::numeric_limits<std::uint32_t>::max();

  TiffFrame out;
  Writer prefix(out.prefix), suffix(out.suffix);
  const std::uint64_t data_at = 16, suffix_at = (data_at + data_bytes + 7) / 8 * 8;
  out.suffix.resize(suffix_at - data_at - data_bytes);
  const auto here = [&] { return data_at + data_bytes + out.suffix.size(); };

  Shared shared;
  shared.unit = description.unit;
  if (is_colour(format.type)) {
    shared.bits_at = here();
    for (int i = 0; i < 4; ++i) suffix.put(std::uint16_t{8});
  }
  if (info.pixel_size) {
    shared.resolution_at = here();
    const double unit = description.unit == ResolutionUnit::none ? 10.0 : 1e8;  // nm, cm
    for (const Length edge : {info.pixel_size->x, info.pixel_size->y}) {
      for (const std::uint32_t number : rational_of(unit / edge.value)) suffix.put(number);
    }
  }
  shared.description_at = here();
  shared.description_bytes = description.text.size() + 1;
  for (const char character : description.text) suffix.put(character);
  suffix.put('\0');
  out.suffix.resize((data_bytes + out.suffix.size() + 7) / 8 * 8 - data_bytes);

  std::uint64_t directory_at = here();
  prefix.put(std::uint16_t{0x4949});
  prefix.put(static_cast<std::uint16_t>(big ? 43 : 42));
  if (big) prefix.put(std::uint32_t{8});  // offsets have 8 bytes
  prefix.put(directory_at, big);
  out.prefix.resize(data_at);

  for (Index t = 0; t < frames; ++t) {
    const std::uint64_t place = data_at + static_cast<std::uint64_t>(t) * frame_bytes;
    const std::vector<Tag> tags = tags_of(format, place, shared, t == 0, big);
    directory_at += directory_bytes(tags.size(), big);
    put_directory(suffix, tags, t + 1 < frames ? directory_at : 0, big);
  }
  return out;
}

}  // namespace kinema::io
