// Golomb codes of the gaps between electrons, tile by tile.
#include "kinema/codec/plane_events.h"

#include "kinema/base/error.h"
#include "kinema/codec/bit_stream.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace kinema::codec {
namespace {

constexpr auto version = std::byte{2};
constexpr int least_tile = 5, largest_tile = 12;  // log2 of the edge
constexpr std::uint64_t electrons_a_tile = 64;    // what the edge is chosen for
constexpr std::uint64_t most_in_pixel = 15, pixels_an_electron = 4;

struct Tile {
  Index y = 0, x = 0, height = 0, width = 0;
  std::uint64_t pixels() const { return static_cast<std::uint64_t>(height * width); }
};

/// Calls `visit` with every tile of the plane, row by row.
template <class Visit>
void for_tiles(Index height, Index width, int log_edge, Visit&& visit) {
  const Index edge = Index{1} << log_edge;
  for (Index y = 0; y < height; y += edge) {
    for (Index x = 0; x < width; x += edge) {
      visit(Tile{y, x, std::min(edge, height - y), std::min(edge, width - x)});
    }
  }
}

/// The number of a tile's electrons, as its difference from that of the tile before.
class CountCode {
 public:
  void put(std::uint64_t count, BitWriter& bits) {
    const std::uint64_t folded =
        count < before_ ? 2 * (before_ - count) - 1 : 2 * (count - before_);
    bits.put_unary(folded >> shift());
    bits.put(folded & ((std::uint64_t{1} << shift()) - 1), shift());
    before_ = count;
  }
  /// Throws where it cannot be.
  std::uint64_t take(BitReader& bits);

 private:
  /// Differences are about as large as the root of the number.
  int shift() const { return std::bit_width(before_) / 2 + 1; }
  std::uint64_t before_ = electrons_a_tile;
};

/// Golomb's code of the gaps in a tile of so many pixels and electrons.
class GapCode {
 public:
  /// Half of the gaps are shorter than `half_`, ln 2 times the mean.
  GapCode(std::uint64_t pixels, std::uint64_t electrons)
      : half_(std::max<std::uint64_t>(1, (pixels * 45426 + electrons * 32768) / (electrons << 16))),
        bits_(std::bit_width(half_ - 1)),
        short_((std::uint64_t{1} << bits_) - half_) {}

  void put(std::uint64_t gap, BitWriter& bits) const {
    bits.put_unary(gap / half_);
    const std::uint64_t rest = gap % half_;
    if (rest < short_) {
      bits.put(rest, bits_ - 1);
    } else if (bits_ > 0) {
      bits.put((rest + short_) >> 1, bits_ - 1);
      bits.put((rest + short_) & 1, 1);
    }
  }
  std::uint64_t take(BitReader& bits) const {
    const std::uint64_t halves = bits.take_unary();
    if (bits_ == 0) return halves;
    std::uint64_t rest = bits.take(bits_ - 1);
    if (rest >= short_) rest = (rest << 1 | bits.take(1)) - short_;
    return halves * half_ + rest;
  }

 private:
  std::uint64_t half_;
  int bits_;             // of the longer rests
  std::uint64_t short_;  // rests below take one bit less
};

[[noreturn]] void damaged(const char* what) {
  throw InputError(std::string("coded events are damaged: ") + what);
}

std::uint64_t CountCode::take(BitReader& bits) {
  const std::uint64_t high = bits.take_unary();
  const std::uint64_t folded = high << shift() | bits.take(shift());
  if (bits.passed_end()) damaged("they end early");
  if ((folded & 1) != 0 && folded / 2 + 1 > before_) damaged("a tile of fewer electrons than none");
  before_ = (folded & 1) != 0 ? before_ - folded / 2 - 1 : before_ + folded / 2;
  return before_;
}

/// What decides whether and how a frame is packed.
struct Survey {
  bool suits = false;
  std::uint64_t electrons = 0;
};

template <class T>
Survey survey_of(const T* frame, Index pixels) {
  std::uint64_t electrons = 0;
  for (Index first = 0; first < pixels;) {
    const Index last = std::min(pixels, first + 4096);
    T smallest = 0, largest = 0;
    std::uint32_t sum = 0;
    for (; first < last; ++first) {
      smallest = std::min(smallest, frame[first]);
      largest = std::max(largest, frame[first]);
      sum += static_cast<std::uint32_t>(frame[first]);
    }
    if (smallest < 0 || largest > static_cast<T>(most_in_pixel)) return {};
    electrons += sum;
  }
  return {electrons * pixels_an_electron <= static_cast<std::uint64_t>(pixels), electrons};
}

/// Places of the tile's electrons, counted row by row.
template <class T>
void find_electrons(const T* frame, Index width, const Tile& tile, std::vector<std::uint32_t>& at) {
  constexpr Index together = 8 / sizeof(T);
  at.clear();
  for (Index y = 0; y < tile.height; ++y) {
    const T* row = frame + (tile.y + y) * width + tile.x;
    const auto add = [&](Index x) {
      for (T n = row[x]; n > 0; --n) at.push_back(static_cast<std::uint32_t>(y * tile.width + x));
    };
    Index x = 0;
    for (; x + together <= tile.width; x += together) {
      std::uint64_t pixels = 0;
      std::memcpy(&pixels, row + x, sizeof pixels);
      if (pixels == 0) continue;
      for (Index i = 0; i < together; ++i) add(x + i);
    }
    for (; x < tile.width; ++x) add(x);
  }
}

template <class T>
std::optional<std::vector<std::byte>> pack(const T* frame, Index height, Index width) {
  const Survey survey = survey_of(frame, height * width);
  if (!survey.suits) return std::nullopt;
  int log_edge = least_tile;
  const auto pixels = static_cast<std::uint64_t>(height * width);
  while (log_edge < largest_tile &&
         (survey.electrons << (2 * log_edge)) / pixels < electrons_a_tile) {
    ++log_edge;
  }
  BitWriter bits;
  bits.put(std::to_integer<std::uint64_t>(version), 8);
  bits.put(static_cast<std::uint64_t>(log_edge), 8);
  CountCode counts;
  std::vector<std::uint32_t> places;
  for_tiles(height, width, log_edge, [&](const Tile& tile) {
    find_electrons(frame, width, tile, places);
    counts.put(places.size(), bits);
    if (places.empty()) return;
    const GapCode gaps(tile.pixels(), places.size());
    std::uint64_t before = 0;
    for (const std::uint64_t place : places) {
      gaps.put(place - before, bits);
      before = place;
    }
  });
  return bits.finish();
}

}  // namespace

std::optional<std::vector<std::byte>> pack_events(PixelType type,
                                                  const std::byte* frame,
                                                  Index height,
                                                  Index width) {
  switch (type) {
    case PixelType::u8:
      return pack(reinterpret_cast<const std::uint8_t*>(frame), height, width);
    case PixelType::i8:
      return pack(reinterpret_cast<const std::int8_t*>(frame), height, width);
    case PixelType::u16:
      return pack(reinterpret_cast<const std::uint16_t*>(frame), height, width);
    case PixelType::i16:
      return pack(reinterpret_cast<const std::int16_t*>(frame), height, width);
    default:
      return std::nullopt;
  }
}

bool are_events(std::span<const std::byte> bytes) {
  return !bytes.empty() && bytes.front() == version;
}

void unpack_events(std::span<const std::byte> bytes, ArrayView<std::int32_t, 2> plane) {
  if (!are_events(bytes)) damaged("their version is unknown");
  BitReader bits(bytes.subspan(1));
  const auto log_edge = static_cast<int>(bits.take(8));
  if (log_edge < least_tile || log_edge > largest_tile) damaged("tiles of an unknown edge");
  const Index height = plane.shape()[0], width = plane.shape()[1];
  std::fill(plane.flat().begin(), plane.flat().end(), 0);
  CountCode counts;
  for_tiles(height, width, log_edge, [&](const Tile& tile) {
    const std::uint64_t electrons = counts.take(bits);
    if (electrons == 0) return;
    if (electrons > 8 * bytes.size()) damaged("more electrons than bits");
    const GapCode gaps(tile.pixels(), electrons);
    std::uint64_t place = 0;
    for (std::uint64_t i = 0; i < electrons; ++i) {
      place += gaps.take(bits);
      if (bits.passed_end() || place >= tile.pixels()) damaged("an electron outside its tile");
      const auto at = static_cast<Index>(place);
      ++plane(tile.y + at / tile.width, tile.x + at % tile.width);
    }
  });
  if (!bits.ended_well()) damaged("they do not end as they must");
}

}  // namespace kinema::codec
