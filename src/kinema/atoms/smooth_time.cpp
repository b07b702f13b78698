#include "kinema/atoms/smooth_time.h"

#include "kinema/base/linear.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kinema::atoms {
namespace {

constexpr Index longest_lag = 6;
constexpr double smallest_step = 0.015, largest_step = 1.0;  // angstrom

}  // namespace

double height_step(const Trajectory& trajectory) {
  const Index frames = trajectory.frames(), atoms = trajectory.atoms();
  const Index lags = std::min(longest_lag, frames / 2);
  if (lags < 3) return 0.0;
  Array<double, 2> normal({3, 3});
  std::vector<double> right(3, 0.0);
  for (Index lag = 1; lag <= lags; ++lag) {
    double sum = 0.0, count = 0.0;
    for (Index t = 0; t + lag < frames; ++t) {
      for (Index i = 0; i < atoms; ++i) {
        if (trajectory.present(t, i) == 0 || trajectory.present(t + lag, i) == 0) continue;
        const double step = trajectory.positions(t + lag, i, 2) - trajectory.positions(t, i, 2);
        sum += step * step;
        count += 1.0;
      }
    }
    if (count == 0.0) return 0.0;
    const double n2 = static_cast<double>(lag * lag);
    const double terms[] = {1.0, n2, n2 * n2};
    for (int a = 0; a < 3; ++a) {
      right[a] += terms[a] * sum / count;
      for (int b = 0; b < 3; ++b) normal(a, b) += terms[a] * terms[b];
    }
  }
  if (!cholesky(normal.view())) return 0.0;
  cholesky_solve(std::as_const(normal).view(), std::span<double>(right));
  return std::clamp(std::sqrt(std::max(0.0, -12.0 * right[2])), smallest_step, largest_step);
}

void smooth_heights(Trajectory& trajectory, double step) {
  const Index frames = trajectory.frames();
  const double precision = 1.0 / (step * step), second[] = {1.0, -2.0, 1.0};
  for (Index i = 0; i < trajectory.atoms(); ++i) {
    Array<double, 2> normal({frames, 3}),
        right({1, frames});  // banded: rows A(t, t - 2) ... A(t, t)
    for (Index t = 0; t < frames; ++t) {
      normal(t, 2) = 1e-9;
      if (trajectory.present(t, i) == 0) continue;
      const double sigma = trajectory.sigmas(t, i, 2);
      normal(t, 2) += 1.0 / (sigma * sigma);
      right(0, t) = trajectory.positions(t, i, 2) / (sigma * sigma);
    }
    for (Index t = 1; t + 1 < frames; ++t) {
      if (trajectory.present(t - 1, i) == 0 || trajectory.present(t, i) == 0 ||
          trajectory.present(t + 1, i) == 0)
        continue;
      for (Index a = 0; a < 3; ++a) {
        for (Index b = 0; b <= a; ++b)
          normal(t - 1 + a, 2 - (a - b)) += precision * second[a] * second[b];
      }
    }
    if (!band_cholesky(normal.view())) continue;
    band_cholesky_solve(std::as_const(normal).view(), right.view());
    for (Index t = 0; t < frames; ++t) {
      if (trajectory.present(t, i) != 0) trajectory.positions(t, i, 2) = right(0, t);
    }
  }
}

Expectation expectation(const Trajectory& trajectory,
                        Index t,
                        const std::vector<Index>& atoms,
                        double step) {
  Expectation expected;
  const Index frames = trajectory.frames();
  const double precision = 1.0 / (step * step);
  for (const Index i : atoms) {
    const auto there = [&](Index s) {
      return s >= 0 && s < frames && trajectory.present(s, i) != 0;
    };
    const auto z = [&](Index s) { return trajectory.positions(s, i, 2); };
    double weight = 0.0, sum = 0.0;
    // As the middle of a triple, its last and its first.
    if (there(t - 1) && there(t + 1)) weight += 4.0, sum += 2.0 * (z(t - 1) + z(t + 1));
    if (there(t - 1) && there(t - 2)) weight += 1.0, sum += 2.0 * z(t - 1) - z(t - 2);
    if (there(t + 1) && there(t + 2)) weight += 1.0, sum += 2.0 * z(t + 1) - z(t + 2);
    expected.z.push_back(weight > 0.0 ? sum / weight : 0.0);
    expected.weight.push_back(weight * precision);
  }
  return expected;
}

double variance_ratio(double sigma, double step) {
  constexpr int samples = 64;
  double sum = 0.0;
  for (int n = 0; n < samples; ++n) {
    const double w = std::numbers::pi * (n + 0.5) / samples, d = 2.0 - 2.0 * std::cos(w);
    sum += 1.0 / (1.0 + d * d * sigma * sigma / (step * step));
  }
  return sum / samples;
}

}  // namespace kinema::atoms
