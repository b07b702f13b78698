// The rows that tokens are found from, as they move down a plane.
#pragma once

#include "kinema/codec/plane_gram.h"
#include "kinema/codec/plane_token_kernel.h"

#include <type_traits>
#include <vector>

namespace kinema::codec::plane {

inline constexpr Index side = 32;      // columns of padding, at least as many as a vector has
inline constexpr Index overhang = 32;  // whole vectors end as far behind the last column

/// The last rows of numbers and of magnitudes, which move down the plane.
template <class T>
class Rows {
 public:
  Rows(const CentredPlane& plane, const Header& header)
      : plane_(plane),
        header_(header),
        width_(plane.width()),
        stride_(width_ + 2 * side + overhang),
        half_(width_ / 2 + side + overhang),
        numbers_(static_cast<std::size_t>(token_rows * stride_)),
        magnitudes_(static_cast<std::size_t>(6 * half_)) {}

  /// Makes row y the next one that is turned into tokens.
  void start(Index y) {
    for (Index up = 1; up < token_rows; ++up) fill(y - up);
  }

  TokenRow next(Index y) {
    fill(y);
    plane_.prefetch(y + 1, 0, width_);
    TokenRow row{};
    for (Index up = 0; up < token_rows; ++up) row.rows[up] = number_row(y - up);
    row.narrow = std::is_same_v<T, std::int16_t>;
    row.width = width_;
    row.weights = header_.coefficients(y, 0).data();
    row.drop = header_.fraction - 3;
    row.lowest = 8 * header_.lowest;
    row.highest = 8 * header_.highest;
    row.base = header_.base;
    for (Index up = 0; up < 3; ++up) row.magnitudes[up] = magnitude_row(y - up);
    return row;
  }

  /// Once a row is known: nothing lies right of it.
  void end(Index y) {
    const SplitRow row = magnitude_row(y);
    std::fill(row.even + (width_ + 1) / 2, row.even + half_ - side / 2, 0);
    std::fill(row.odd + width_ / 2, row.odd + half_ - side / 2, 0);
  }

 private:
  T* number_row(Index y) {
    return numbers_.data() + (y + token_rows) % token_rows * stride_ + side;
  }
  void fill(Index y) { plane_.copy(y, -pad, width_ + pad, number_row(y) - pad); }
  SplitRow magnitude_row(Index y) {
    std::int32_t* row = magnitudes_.data() + (y + 3) % 3 * 2 * half_ + side / 2;
    return {row, row + half_};
  }

  const CentredPlane& plane_;
  const Header& header_;
  Index width_, stride_, half_;
  std::vector<T> numbers_;
  std::vector<std::int32_t> magnitudes_;
};

}  // namespace kinema::codec::plane
