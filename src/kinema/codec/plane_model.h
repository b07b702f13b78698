// What coding and decoding of a plane share: neighbours, levels of activity, the header.
#pragma once

#include "kinema/base/array.h"
#include "kinema/codec/residual_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

namespace kinema::codec::plane {

struct Tap {
  int up, left;
};
/// Neighbours that are known before a pixel; the first three lie in its own row.
inline constexpr std::array<Tap, 18> taps = {{{0, 1},
                                              {0, 2},
                                              {0, 3},
                                              {1, 3},
                                              {1, 2},
                                              {1, 1},
                                              {1, 0},
                                              {1, -1},
                                              {1, -2},
                                              {1, -3},
                                              {2, 2},
                                              {2, 1},
                                              {2, 0},
                                              {2, -1},
                                              {2, -2},
                                              {3, 1},
                                              {3, 0},
                                              {3, -1}}};
inline constexpr int tap_count = 18, own_taps = 3;
inline constexpr Index tile = 128, band_rows = 64, pad = 8, rows_above = 3;
inline constexpr int levels = 32;

using Coefficients = std::array<std::int32_t, tap_count>;

/// Rows with room for neighbours around them; everything starts as zero.
class PaddedPlane {
 public:
  PaddedPlane(Index height, Index width)
      : height_(height), width_(width), values_({height + rows_above, width + 2 * pad}) {}
  Index height() const { return height_; }
  Index width() const { return width_; }
  std::int32_t* row(Index y) { return &values_(y + rows_above, pad); }
  const std::int32_t* row(Index y) const { return &values_(y + rows_above, pad); }
  /// Before a row is predicted: what lies left of it repeats the first pixel of the row above.
  void pad_left(Index y) { std::fill_n(row(y) - pad, pad, *row(y - 1)); }
  /// Once a row is known: what lies right of it repeats its last pixel.
  void pad_right(Index y) { std::fill_n(row(y) + width_, pad, row(y)[width_ - 1]); }

 private:
  Index height_, width_;
  Array<std::int32_t, 2> values_;
};

/// How active a pixel's surroundings are: half octaves of the residuals' magnitudes, which are
/// given as pointers at the pixel in its own row and the two above.
inline int level_of(const std::int32_t* here,
                    const std::int32_t* above,
                    const std::int32_t* higher) {
  const std::int32_t activity =
      2 * (here[-1] + above[0]) + here[-2] + above[-1] + above[1] + higher[0];
  const auto shifted = static_cast<std::uint32_t>(activity) + 4;
  const int octave = std::bit_width(shifted) - 1;
  return std::min(levels - 1, 2 * (octave - 2) + static_cast<int>(shifted >> (octave - 1) & 1U));
}

/// Magnitude of a residual in eighths, as level_of takes it.
inline std::int32_t magnitude(std::int64_t value, std::int64_t predicted) {
  const std::int64_t eighths = 8 * value - predicted;
  return static_cast<std::int32_t>(std::min<std::int64_t>(std::abs(eighths), 1 << 24));
}

/// How residuals of one level are coded. Of values and predictions the lowest `shift` bits are left
/// out of the table's symbols and follow as they are.
struct LevelModel {
  static constexpr int given = residual_shapes, unused = given + 1;  // instead of a known shape
  int shape = unused, scale = 0, shift = 0;
  ResidualTable own;                     // of a given shape
  const ResidualTable* known = nullptr;  // eight of another one

  void use(int its_shape, int its_scale) {
    shape = its_shape;
    scale = its_scale;
    known = shape < given ? residual_tables(scale, shape) : nullptr;
  }

  /// Where the prediction (in eighths) lies among the shortened values, in eighths.
  std::int64_t place(std::int64_t predicted) const {
    const std::int64_t short_eighths = (predicted - 4 * ((std::int64_t{1} << shift) - 1)) >> shift;
    return shape == given ? (short_eighths + 4) & ~std::int64_t{7} : short_eighths;
  }
  const ResidualTable& table(std::int64_t place) const {
    return known == nullptr ? own : known[place & 7];
  }
};

/// Values in proportion to how long pixels were open: `normal` is what a pixel of the mean exposure
/// would have.
class Exposure {
 public:
  Exposure(const std::uint16_t* open, Index pixels);
  bool uniform() const { return open_ == nullptr; }
  bool is_open(Index pixel) const { return open_ == nullptr || open_[pixel] != 0; }
  std::int64_t normal(std::int64_t value, Index pixel) const {
    return open_ == nullptr ? value : (value * to_normal_[open_[pixel]]) >> 16;
  }
  std::int64_t exposed(std::int64_t normal, Index pixel) const {
    return open_ == nullptr ? normal : (normal * from_normal_[open_[pixel]]) >> 16;
  }

 private:
  const std::uint16_t* open_;
  std::vector<std::int64_t> to_normal_, from_normal_;  // by open frames, of 2^16
};

/// What stands before the coded residuals.
struct Header {
  int fraction = 0;                      // bits behind the point of the coefficients
  std::int32_t base = 0;                 // taken off before values are predicted
  std::int32_t lowest = 0, highest = 0;  // of values without base; predictions stay within
  Coefficients common{};
  Index tiles_y = 0, tiles_x = 0;
  std::vector<std::uint8_t> has_own;  // by tile
  std::vector<Coefficients> own;      // by tile; as common where it has none
  std::array<LevelModel, levels> models;

  const Coefficients& coefficients(Index y, Index tile_x) const {
    return own[static_cast<std::size_t>(y / tile * tiles_x + tile_x)];
  }
  /// Sum of weighted neighbours to a prediction in eighths, base included.
  std::int64_t predicted(std::uint32_t sum) const {
    const auto half = std::uint32_t{1} << (fraction - 3) >> 1;
    const std::int64_t eighths = static_cast<std::int32_t>(sum + half) >> (fraction - 3);
    return std::clamp<std::int64_t>(eighths, 8 * std::int64_t{lowest}, 8 * std::int64_t{highest}) +
           8 * std::int64_t{base};
  }
};

Header header_for(Index height, Index width);
/// Bits behind the point of the coefficients, for values from `lowest` to `highest`.
int fraction_for(std::int32_t lowest, std::int32_t highest);
void write_header(const Header& header, std::vector<std::byte>& out);
/// Moves `bytes` behind the header; throws InputError where it is damaged.
Header read_header(std::span<const std::byte>& bytes, Index height, Index width);

}  // namespace kinema::codec::plane
