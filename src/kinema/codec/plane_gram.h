// Sums of products of neighbouring pixels, tile by tile: all that the fit of a prediction needs to
// know of a plane.
#pragma once

#include "kinema/codec/plane_kernel.h"
#include "kinema/codec/plane_model.h"
#include "kinema/codec/plane_token_kernel.h"

#include <cstring>
#include <type_traits>

namespace kinema::codec::plane {

inline constexpr int gram_size = tap_count + 1;  // the pixel itself comes last
inline constexpr Index sampled = 8;              // every so many rows

struct Gram {
  std::array<double, gram_size * gram_size> products{};  // upper triangle
  double at(int i, int j) const {
    return products[static_cast<std::size_t>(i <= j ? i * gram_size + j : j * gram_size + i)];
  }
  Gram& operator+=(const Gram& other) {
    for (std::size_t i = 0; i < products.size(); ++i) products[i] += other.products[i];
    return *this;
  }
};

/// The numbers of a plane without their base, with what neighbours find beyond its sides.
class CentredPlane {
 public:
  CentredPlane(ArrayView<const std::int32_t, 2> values,
               std::int32_t base,
               const TokenKernels& kernels)
      : values_(values), base_(base), kernels_(kernels) {}
  Index height() const { return values_.shape()[0]; }
  Index width() const { return values_.shape()[1]; }

  /// Asks for columns [first, last) of row y ahead of their copy.
  void prefetch(Index y, Index first, Index last) const {
    if (y < 0 || y >= height()) return;
    const std::int32_t* row = values_.data() + y * width();
    for (Index x = std::max<Index>(first, 0); x < std::min(last, width()); x += 16) {
      __builtin_prefetch(row + x);
    }
  }

  /// Columns [first, last) of row y, of int16 or int32, some of them within the plane.
  template <class T>
  void copy(Index y, Index first, Index last, T* out) const {
    if (y < 0) {
      std::fill(out, out + last - first, T{0});
      return;
    }
    const Index start = std::max<Index>(first, 0), end = std::min(last, width());
    std::fill(out, out + start - first, y > 0 ? number<T>(y - 1, 0) : T{0});
    kernels_.centre(&values_(y, start),
                    end - start,
                    base_,
                    std::is_same_v<T, std::int16_t>,
                    out + start - first);
    std::fill(out + end - first, out + last - first, number<T>(y, width() - 1));
  }

 private:
  template <class T>
  T number(Index y, Index x) const {
    return static_cast<T>(values_(y, x) - base_);
  }

  ArrayView<const std::int32_t, 2> values_;
  std::int32_t base_;
  const TokenKernels& kernels_;
};

/// Of every tile, over every eighth row.
std::vector<Gram> grams_of(const PaddedPlane& plane, const PlaneKernels& kernels);
/// The same; `small` says that no number exceeds most_multiplied: then sums are in integers.
std::vector<Gram> grams_of(const CentredPlane& plane,
                           const PlaneKernels& kernels,
                           const TokenKernels& token_kernels,
                           bool small);

}  // namespace kinema::codec::plane
