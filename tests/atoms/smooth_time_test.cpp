#include "kinema/atoms/smooth_time.h"

#include "kinema/base/rng.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kinema::atoms {
namespace {

/// Heights sin(w t + phase of the atom) with independent errors.
Trajectory waves(Index frames, Index atoms, double w, double error) {
  std::vector<AtomicModel> models(static_cast<std::size_t>(frames));
  Rng rng(11);
  for (Index t = 0; t < frames; ++t) {
    for (Index i = 0; i < atoms; ++i) {
      models[t].atomic_numbers.push_back(6);
      models[t].positions.push_back(
          {0.0,
           0.0,
           std::sin(w * static_cast<double>(t) + static_cast<double>(i)) + error * rng.normal()});
    }
  }
  Trajectory trajectory = to_trajectory(models);
  trajectory.sigmas = Array<double, 3>({frames, atoms, 3}, error);
  return trajectory;
}

double error_of(const Trajectory& trajectory, double w) {
  double sum = 0.0;
  for (Index t = 0; t < trajectory.frames(); ++t) {
    for (Index i = 0; i < trajectory.atoms(); ++i) {
      const double off = trajectory.positions(t, i, 2) -
                         std::sin(w * static_cast<double>(t) + static_cast<double>(i));
      sum += off * off;
    }
  }
  return std::sqrt(sum / static_cast<double>(trajectory.frames() * trajectory.atoms()));
}

TEST(SmoothTime, TheStepOfAWaveIsFoundUnderErrors) {
  // The second difference of a wave is (2 - 2 cos w) times it, of rms 1 / sqrt(2).
  const double w = 0.4, expected = (2.0 - 2.0 * std::cos(w)) / std::sqrt(2.0);
  EXPECT_NEAR(height_step(waves(45, 500, w, 0.2)), expected, 0.15 * expected);
}

TEST(SmoothTime, TooFewFramesTellNothing) {
  EXPECT_EQ(height_step(waves(4, 10, 0.4, 0.1)), 0.0);
}

TEST(SmoothTime, SmoothingShrinksErrorsAsItsRatioSays) {
  // A wave slower than the step allows for errs less than the posterior's variance: 3/4 of it.
  const double w = 0.05, error = 0.2, step = 0.01;
  Trajectory trajectory = waves(200, 100, w, error);
  smooth_heights(trajectory, step);
  const double found = error_of(trajectory, w);
  EXPECT_NEAR(
      found * found, 0.75 * error * error * variance_ratio(error, step), 0.15 * found * found);
}

TEST(SmoothTime, ExpectationIsWhereTheSecondDifferencesAreLeast) {
  const Trajectory trajectory = waves(9, 3, 0.4, 0.3);
  const Index t = 4, i = 1;
  const Expectation expected = expectation(trajectory, t, {i}, 0.5);
  const auto cost = [&](double z) {
    Trajectory moved = trajectory;
    moved.positions(t, i, 2) = z;
    double sum = 0.0;
    for (Index s = 1; s + 1 < moved.frames(); ++s) {
      const double d = moved.positions(s - 1, i, 2) - 2 * moved.positions(s, i, 2) +
                       moved.positions(s + 1, i, 2);
      sum += 0.5 * d * d / 0.25;
    }
    return sum;
  };
  const double best = cost(expected.z[0]);
  EXPECT_NEAR(cost(expected.z[0] + 0.1) - best, 0.5 * expected.weight[0] * 0.01, 1e-9);
  EXPECT_NEAR(cost(expected.z[0] - 0.1) - best, 0.5 * expected.weight[0] * 0.01, 1e-9);
}

}  // namespace
}  // namespace kinema::atoms
