// Movies that restoration is tried on: a scene that may drift, and noise.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/rng.h"

#include <cmath>
#include <vector>

namespace kinema::restore {

/// Stripes, a disc and a slope, grey levels 0-200.
inline float scene(double y, double x) {
  const double stripes = 40.0 * std::sin(0.55 * x + 0.2 * y);
  const double disc = std::hypot(y - 30.0, x - 36.0) < 14.0 ? 70.0 : 0.0;
  const double slope = 0.4 * y;
  return static_cast<float>(80.0 + stripes + disc + slope);
}

/// Gaussian blobs at places that a seed draws, of 2 pixels (standard deviation) each, over 100.
inline float blobs(double y, double x) {
  struct Blob {
    double y, x, height;
  };
  static const std::vector<Blob> all = [] {
    std::vector<Blob> drawn;
    Rng rng(11);
    for (int i = 0; i < 120; ++i) {
      const double v = rng.uniform(-20.0, 140.0), u = rng.uniform(-20.0, 170.0);
      drawn.push_back({v, u, rng.uniform(30.0, 90.0)});
    }
    return drawn;
  }();
  double sum = 100.0;
  for (const Blob& blob : all) {
    const double v = y - blob.y, u = x - blob.x;
    if (v * v + u * u < 200.0) sum += blob.height * std::exp(-0.125 * (v * v + u * u));
  }
  return static_cast<float>(sum);
}

/// A movie (T, Y, X) of a scene that moves by (dy, dx) pixels a frame.
inline Array<float, 3> movie_of(const Shape<3>& shape,
                                double dy = 0.0,
                                double dx = 0.0,
                                float (*of)(double, double) = scene) {
  Array<float, 3> movie(shape);
  for (Index t = 0; t < shape[0]; ++t) {
    const auto at = static_cast<double>(t);
    for (Index y = 0; y < shape[1]; ++y) {
      for (Index x = 0; x < shape[2]; ++x) {
        movie(t, y, x) = of(static_cast<double>(y) - dy * at, static_cast<double>(x) - dx * at);
      }
    }
  }
  return movie;
}

inline Array<float, 3> with_noise(const Array<float, 3>& clean, double sigma, std::uint64_t seed) {
  Array<float, 3> noisy = clean;
  Rng rng(seed);
  for (float& pixel : noisy.flat()) pixel += static_cast<float>(sigma * rng.normal());
  return noisy;
}

/// Root of the mean squared difference.
inline double rms_difference(const Array<float, 3>& a, const Array<float, 3>& b) {
  double sum = 0.0;
  for (Index i = 0; i < a.size(); ++i) {
    const double difference = a.data()[i] - b.data()[i];
    sum += difference * difference;
  }
  return std::sqrt(sum / static_cast<double>(a.size()));
}

}  // namespace kinema::restore
