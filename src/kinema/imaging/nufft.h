// Sums of plane waves over points that lie anywhere (non-uniform Fourier transforms of types 1 and
// 2): points are spread onto a grid by a short kernel, the grid is transformed, and the kernel's
// own transform is divided out. Barnett, Magland and af Klinteberg, SIAM J. Sci. Comput. 41 (2019)
// C479: exp(beta (sqrt(1 - t^2) - 1)) is nearly the best kernel of its width.
//
// The grid is the periodic image itself. Its frequencies are exact to about 1e-4 up to 0.8 of
// Nyquist.
#pragma once

#include "kinema/base/array.h"

#include <array>
#include <span>
#include <vector>

namespace kinema::imaging {

/// The kernel: even, zero beyond half its width, in grid steps.
class SpreadKernel {
 public:
  static constexpr int width = 8;
  SpreadKernel();

  /// Values and derivatives at the `width` grid points around a point: out[i] belongs to grid index
  /// first + i; `first` is returned.
  Index values(double at, std::array<float, width>& value) const;
  Index values(double at, std::array<float, width>& value, std::array<float, width>& slope) const;

  /// One over the kernel's transform at index k of a grid of n points, k as KissFFT counts it.
  std::vector<float> correction(Index n) const;

 private:
  /// Value and slope on a fine table, interpolated linearly.
  std::vector<float> table_, slope_table_;
};

/// Points in grid steps: x right, y down, from grid point (0, 0); the grid wraps.
struct GridPoint {
  double x, y;
};

/// grid_p(Y, X) += weight_p(j) for each point j and each p: weights (P, N), grids (P, Y, X).
void spread(const SpreadKernel& kernel,
            std::span<const GridPoint> points,
            ArrayView<const float, 2> weights,
            ArrayView<float, 3> grids);

/// The adjoint of spread and its derivative by the points: for each p and j the sum of the grid
/// under the kernel at point j, out (P, N, 3): sum, d/dx, d/dy (per grid step).
void gather(const SpreadKernel& kernel,
            std::span<const GridPoint> points,
            ArrayView<const float, 3> grids,
            ArrayView<float, 3> out);

}  // namespace kinema::imaging
