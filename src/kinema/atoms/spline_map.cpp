#include "kinema/atoms/spline_map.h"

#include <cmath>
#include <numbers>

namespace kinema::atoms {
namespace {

/// Weights of the four splines around a point at fraction f of a step, and their derivatives by
/// the step.
struct Taps {
  std::array<double, 4> value, first, second;
  std::array<Index, 4> at;
};

Taps taps(double position, Index count) {
  const double floor = std::floor(position), f = position - floor, g = 1.0 - f;
  Taps t{{g * g * g / 6.0,
          (4.0 - 6.0 * f * f + 3.0 * f * f * f) / 6.0,
          (4.0 - 6.0 * g * g + 3.0 * g * g * g) / 6.0,
          f * f * f / 6.0},
         {-g * g / 2.0, f * (1.5 * f - 2.0), g * (2.0 - 1.5 * g), f * f / 2.0},
         {g, 3.0 * f - 2.0, 3.0 * g - 2.0, f},
         {}};
  Index index = (static_cast<Index>(floor) - 1) % count;
  if (index < 0) index += count;
  for (Index& at : t.at) {
    at = index;
    if (++index == count) index = 0;
  }
  return t;
}

double spline_transfer(Index i, Index count) {
  return (2.0 +
          std::cos(2.0 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(count))) /
         3.0;
}

}  // namespace

SplineMap::SplineMap(Array<Complex, 2> spectrum, const Grid& grid) : grid_(grid) {
  for (Index y = 0; y < grid.height; ++y) {
    const double row = spline_transfer(y, grid.height);
    for (Index x = 0; x < grid.width; ++x) {
      spectrum(y, x) /= static_cast<float>(row * spline_transfer(x, grid.width));
    }
  }
  const Array<Complex, 2> samples = inverse_fft2(spectrum);
  coefficients_ = Array<float, 2>::uninitialised({grid.height, grid.width});
  for (Index i = 0; i < samples.size(); ++i) coefficients_.data()[i] = samples.data()[i].real();
}

double SplineMap::value(double x, double y) const {
  const Taps tx = taps((x - grid_.origin[0]) / grid_.step[0], grid_.width);
  const Taps ty = taps((y - grid_.origin[1]) / grid_.step[1], grid_.height);
  double sum = 0.0;
  for (std::size_t j = 0; j < 4; ++j) {
    const float* row = coefficients_.data() + ty.at[j] * grid_.width;
    double in_row = 0.0;
    for (std::size_t i = 0; i < 4; ++i) in_row += tx.value[i] * row[tx.at[i]];
    sum += ty.value[j] * in_row;
  }
  return sum;
}

Jet SplineMap::jet(double x, double y) const {
  const Taps tx = taps((x - grid_.origin[0]) / grid_.step[0], grid_.width);
  const Taps ty = taps((y - grid_.origin[1]) / grid_.step[1], grid_.height);
  Jet jet;
  for (std::size_t j = 0; j < 4; ++j) {
    const float* row = coefficients_.data() + ty.at[j] * grid_.width;
    double v = 0.0, d = 0.0, dd = 0.0;
    for (std::size_t i = 0; i < 4; ++i) {
      const double coefficient = row[tx.at[i]];
      v += tx.value[i] * coefficient;
      d += tx.first[i] * coefficient;
      dd += tx.second[i] * coefficient;
    }
    jet.value += ty.value[j] * v;
    jet.x += ty.value[j] * d;
    jet.xx += ty.value[j] * dd;
    jet.y += ty.first[j] * v;
    jet.xy += ty.first[j] * d;
    jet.yy += ty.second[j] * v;
  }
  const auto [hx, hy] = grid_.step;
  jet.x /= hx;
  jet.y /= hy;
  jet.xx /= hx * hx;
  jet.xy /= hx * hy;
  jet.yy /= hy * hy;
  return jet;
}

}  // namespace kinema::atoms
