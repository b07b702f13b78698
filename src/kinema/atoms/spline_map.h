// A smooth periodic function of x and y by cubic B-splines: value, gradient and curvature anywhere.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/fft.h"

#include <array>
#include <cmath>

namespace kinema::atoms {

using Vec2 = std::array<double, 2>;  // x, y in angstrom

inline double length(const Vec2& v) {
  return std::sqrt(v[0] * v[0] + v[1] * v[1]);
}

/// A function and its first and second derivatives at one place.
struct Jet {
  double value = 0.0, x = 0.0, y = 0.0, xx = 0.0, xy = 0.0, yy = 0.0;
};

/// Where samples lie: sample (i_y, i_x) is at origin + (i_x step_x, i_y step_y).
struct Grid {
  Index height = 0, width = 0;
  Vec2 origin{};  // angstrom
  Vec2 step{};    // angstrom
};

/// A band-limited periodic function on a grid.
class SplineMap {
 public:
  SplineMap() = default;

  /// From the spectrum (Y, X) of the samples, in the order of fft2 and divided by nothing; the
  /// spline's coefficients are found by the division of Unser, IEEE Signal Processing Magazine 16
  /// (1999), equation 16, in Fourier space.
  SplineMap(Array<Complex, 2> spectrum, const Grid& grid);

  double value(double x, double y) const;
  Jet jet(double x, double y) const;

  const Grid& grid() const { return grid_; }

 private:
  Grid grid_;
  Array<float, 2> coefficients_;  // (Y, X)
};

}  // namespace kinema::atoms
