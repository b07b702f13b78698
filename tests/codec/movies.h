// Small movies that the codec's tests share.
#pragma once

#include "kinema/base/rng.h"
#include "kinema/codec/encode.h"
#include "kinema/data/movie_source.h"

#include <cmath>

namespace kinema::test {

/// Random pixels over the whole range of T (floats: normal).
template <class T>
Array<T, 3> random_movie(const Shape<3>& shape, std::uint64_t seed) {
  Rng rng(seed);
  auto movie = Array<T, 3>::uninitialised(shape);
  for (T& pixel : movie.flat()) {
    if constexpr (std::is_floating_point_v<T>)
      pixel = static_cast<T>(rng.normal());
    else
      pixel = static_cast<T>(rng.bits());
  }
  return movie;
}

template <class T>
ArraySource source_over(const Array<T, 3>& movie) {
  const auto [frames, height, width] = movie.shape();
  return {reinterpret_cast<const std::byte*>(movie.data()),
          {pixel_type_of<T>(), height, width},
          frames};
}

/// A bright disk that crosses a smooth background, 0 to 200.
inline Array<float, 3> disk_movie(const Shape<3>& shape, double speed) {
  auto movie = Array<float, 3>::uninitialised(shape);
  const auto [frames, height, width] = shape;
  for (Index t = 0; t < frames; ++t) {
    for (Index y = 0; y < height; ++y) {
      for (Index x = 0; x < width; ++x) {
        const double dx = static_cast<double>(x) - 0.3 * static_cast<double>(width) -
                          speed * static_cast<double>(t);
        const double dy = static_cast<double>(y) - 0.5 * static_cast<double>(height);
        const double disk =
            1.0 / (1.0 + std::exp(std::sqrt(dx * dx + dy * dy) - 0.2 * static_cast<double>(width)));
        movie(t, y, x) = static_cast<float>(
            60.0 + 20.0 * std::sin(0.05 * static_cast<double>(x + y)) + 120.0 * disk);
      }
    }
  }
  return movie;
}

inline double psnr_of(ArrayView<const float, 3> image,
                      ArrayView<const float, 3> truth,
                      double peak) {
  double square = 0.0;
  for (Index i = 0; i < image.size(); ++i) {
    const double error =
        static_cast<double>(image.data()[i]) - static_cast<double>(truth.data()[i]);
    square += error * error;
  }
  return 10.0 * std::log10(peak * peak * static_cast<double>(image.size()) / square);
}

}  // namespace kinema::test
