// Frames that tests of the metrics measure.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/rng.h"

#include <cmath>
#include <numbers>

namespace kinema::test {

using Image = Array<float, 2>;  // (Y, X)

inline Image noise(Index height, Index width, double mean, double deviation, std::uint64_t seed) {
  Image image({height, width});
  Rng rng{seed};
  for (float& value : image.flat()) value = static_cast<float>(mean + deviation * rng.normal());
  return image;
}

/// A cosine lattice of (ky, kx) cycles a frame.
inline Image lattice(Index height, Index width, double ky, double kx, double amplitude) {
  Image image({height, width});
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      const double turns = ky * static_cast<double>(y) / static_cast<double>(height) +
                           kx * static_cast<double>(x) / static_cast<double>(width);
      image(y, x) = static_cast<float>(amplitude * std::cos(2.0 * std::numbers::pi * turns));
    }
  }
  return image;
}

inline Image sum_of(const Image& a, const Image& b) {
  Image sum = a;
  for (Index i = 0; i < sum.size(); ++i) sum.data()[i] += b.data()[i];
  return sum;
}

}  // namespace kinema::test
