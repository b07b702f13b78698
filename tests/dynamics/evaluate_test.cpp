// Scores of series whose worth is known.
#include "kinema/dynamics/evaluate.h"

#include "kinema/base/rng.h"

#include <gtest/gtest.h>

namespace kinema::dynamics {
namespace {

constexpr Index box = 16;

Volume blob(double x) {
  Volume volume{.density = Array<float, 3>({box, box, box}), .voxel_size = 3_A};
  for (Index i = 0; i < volume.density.size(); ++i) {
    const double dx = static_cast<double>(i % box) - x,
                 dy = static_cast<double>(i / box % box) - 8.0,
                 dz = static_cast<double>(i / box / box) - 8.0;
    volume.density.data()[i] = static_cast<float>(std::exp(-(dx * dx + dy * dy + dz * dz) / 4.0));
  }
  return volume;
}

EvaluateInput moving_truth() {
  EvaluateInput input;
  for (Index t = 0; t < 6; ++t) input.frames.push_back(t);
  input.truth = [](std::size_t i) { return blob(6.0 + 0.8 * static_cast<double>(i)); };
  return input;
}

TEST(Evaluate, TheTruthScoresAllAndAStaticMapNothingOfMotion) {
  EvaluateInput input = moving_truth();
  input.found = input.truth;
  const Evaluation perfect = evaluate(input);
  EXPECT_NEAR(perfect.area, 1.0, 1e-4);
  EXPECT_NEAR(perfect.dynamic_area, 1.0, 1e-4);
  EXPECT_NEAR(perfect.resolution_half, 6.0, 1e-9);
  input.found = [](std::size_t) { return blob(8.0); };
  const Evaluation still = evaluate(input);
  EXPECT_GT(still.area, 0.3);
  EXPECT_EQ(still.dynamic_area, 0.0);
}

TEST(Evaluate, LatentsTellTheCoordinateUpToALine) {
  Rng rng(1);
  Array<double, 2> latents({200, 2});
  std::vector<double> coordinate, noise;
  for (Index t = 0; t < 200; ++t) {
    latents(t, 0) = rng.normal();
    latents(t, 1) = rng.normal();
    coordinate.push_back(3.0 - 2.0 * latents(t, 0) + 0.5 * latents(t, 1));
    noise.push_back(rng.normal());
  }
  EXPECT_NEAR(multiple_correlation(latents, coordinate), 1.0, 1e-6);
  EXPECT_LT(multiple_correlation(latents, noise), 0.3);
}

TEST(Evaluate, OneFrameIsTooFew) {
  EvaluateInput input = moving_truth();
  input.found = input.truth;
  input.frames.resize(1);
  EXPECT_THROW(evaluate(input), InputError);
}

}  // namespace
}  // namespace kinema::dynamics
