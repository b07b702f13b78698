// BM3D of one frame, written as the paper tells it, in double precision and without any hurry: what
// the fast one is held against. Dabov et al., IEEE Trans. Image Process. 16, 2080 (2007).
#pragma once

#include "kinema/base/array.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace kinema::restore::reference {

using Matrix = std::vector<std::vector<double>>;
using Block = std::vector<double>;  // 64 pixels or coefficients

inline constexpr int edge = 8, step = 3, search = 19, blocks = 16;

inline double dct(int k, int x) {
  return std::sqrt((k == 0 ? 1.0 : 2.0) / edge) *
         std::cos(std::numbers::pi * (2 * x + 1) * k / (2.0 * edge));
}

/// Two-dimensional DCT of a block; backwards with `inverse`.
inline Block dct2(const Block& in, bool inverse) {
  Block out(64, 0.0);
  for (int v = 0; v < edge; ++v) {
    for (int u = 0; u < edge; ++u) {
      for (int y = 0; y < edge; ++y) {
        for (int x = 0; x < edge; ++x) {
          const double wave = inverse ? dct(y, v) * dct(x, u) : dct(v, y) * dct(u, x);
          out[v * edge + u] += wave * in[y * edge + x];
        }
      }
    }
  }
  return out;
}

/// Entry of the orthonormal Hadamard matrix of n rows.
inline double hadamard(unsigned i, unsigned j, std::size_t n) {
  return (__builtin_popcount(i & j) % 2 == 0 ? 1.0 : -1.0) / std::sqrt(static_cast<double>(n));
}

inline std::vector<Block> hadamard(const std::vector<Block>& in) {
  std::vector<Block> out(in.size(), Block(64, 0.0));
  for (std::size_t i = 0; i < in.size(); ++i) {
    for (std::size_t j = 0; j < in.size(); ++j) {
      const double sign = hadamard(static_cast<unsigned>(i), static_cast<unsigned>(j), in.size());
      for (int k = 0; k < 64; ++k) out[i][k] += sign * in[j][k];
    }
  }
  return out;
}

inline Block block_at(const Matrix& image, int y, int x) {
  Block out;
  for (int v = 0; v < edge; ++v) {
    for (int u = 0; u < edge; ++u) out.push_back(image[y + v][x + u]);
  }
  return out;
}

struct Found {
  double distance;
  int y, x;
};

inline std::vector<Found> alike(
    const Matrix& image, int y0, int x0, double bound, std::size_t most) {
  const int height = static_cast<int>(image.size()), width = static_cast<int>(image[0].size());
  const Block own = block_at(image, y0, x0);
  std::vector<Found> found;
  for (int y = std::max(0, y0 - search); y <= std::min(height - edge, y0 + search); ++y) {
    for (int x = std::max(0, x0 - search); x <= std::min(width - edge, x0 + search); ++x) {
      const Block other = block_at(image, y, x);
      double distance = 0.0;
      for (int k = 0; k < 64; ++k) distance += (own[k] - other[k]) * (own[k] - other[k]);
      if (y == y0 && x == x0) distance = -1.0;  // itself comes first
      if (distance < bound) found.push_back({distance, y, x});
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
    return a.distance < b.distance;
  });
  std::size_t count = 1;
  while (2 * count <= std::min(most, found.size())) count *= 2;
  found.resize(count);
  return found;
}

/// A pass: by hard threshold, or Wiener where there is a guide.
inline Matrix pass(const Matrix& noisy, const Matrix* guide, double sigma) {
  const int height = static_cast<int>(noisy.size()), width = static_cast<int>(noisy[0].size());
  Matrix values(height, std::vector<double>(width, 0.0)), weights = values;
  const auto kaiser = [](int i) {
    const double at = 2.0 * i / (edge - 1) - 1.0;
    return std::cyl_bessel_i(0.0, 2.0 * std::sqrt(1.0 - at * at)) / std::cyl_bessel_i(0.0, 2.0);
  };
  for (int y = 0; y <= height - edge; ++y) {
    if (y % step != 0 && y != height - edge) continue;
    for (int x = 0; x <= width - edge; ++x) {
      if (x % step != 0 && x != width - edge) continue;
      const auto found = alike(guide != nullptr ? *guide : noisy,
                               y,
                               x,
                               64.0 * sigma * sigma * (guide != nullptr ? 2.0 : 8.0),
                               guide != nullptr ? 2 * blocks : blocks);
      std::vector<Block> group, known;
      for (const Found& f : found) {
        group.push_back(dct2(block_at(noisy, f.y, f.x), false));
        if (guide != nullptr) known.push_back(dct2(block_at(*guide, f.y, f.x), false));
      }
      group = hadamard(group);
      known = hadamard(known);
      double kept = 0.0;
      for (std::size_t i = 0; i < group.size(); ++i) {
        for (int k = 0; k < 64; ++k) {
          double factor = std::abs(group[i][k]) > 2.7 * sigma ? 1.0 : 0.0;
          if (guide != nullptr) {
            const double power = known[i][k] * known[i][k];
            factor = power / (power + sigma * sigma);
          }
          group[i][k] *= factor;
          kept += factor * factor;
        }
      }
      group = hadamard(group);
      for (std::size_t i = 0; i < group.size(); ++i) {
        const Block block = dct2(group[i], true);
        for (int k = 0; k < 64; ++k) {
          const double w = kaiser(k / edge) * kaiser(k % edge) / std::max(kept, 1e-3);
          values[found[i].y + k / edge][found[i].x + k % edge] += w * block[k];
          weights[found[i].y + k / edge][found[i].x + k % edge] += w;
        }
      }
    }
  }
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) values[y][x] /= weights[y][x];
  }
  return values;
}

inline Array<float, 3> bm3d(const Array<float, 3>& frame, double sigma) {
  Matrix noisy(frame.shape()[1], std::vector<double>(frame.shape()[2]));
  for (std::size_t y = 0; y < noisy.size(); ++y) {
    for (std::size_t x = 0; x < noisy[0].size(); ++x) noisy[y][x] = frame(0, y, x);
  }
  const Matrix basic = pass(noisy, nullptr, sigma), best = pass(noisy, &basic, sigma);
  Array<float, 3> out(frame.shape());
  for (std::size_t y = 0; y < noisy.size(); ++y) {
    for (std::size_t x = 0; x < noisy[0].size(); ++x) out(0, y, x) = static_cast<float>(best[y][x]);
  }
  return out;
}

}  // namespace kinema::restore::reference
