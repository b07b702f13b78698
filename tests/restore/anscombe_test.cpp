// Truths of the Anscombe transform.
#include "kinema/restore/anscombe.h"

#include "kinema/base/error.h"
#include "kinema/base/rng.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

namespace kinema::restore {
namespace {

struct Moments {
  double mean, variance;
};

Moments moments_of(const std::vector<float>& values) {
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double variance = 0.0;
  for (const float value : values) variance += (value - mean) * (value - mean) / count;
  return {mean, variance};
}

std::vector<float> recorded(double electrons, const CountingNoise& noise) {
  Rng rng(static_cast<std::uint64_t>(100.0 * electrons));
  std::vector<float> pixels(200000);
  for (float& pixel : pixels) {
    pixel = static_cast<float>(noise.offset + noise.gain * rng.poisson(electrons) +
                               noise.read_noise * rng.normal());
  }
  return pixels;
}

TEST(Anscombe, MakesTheNoiseOne) {
  const CountingNoise noise{2.5, 40.0, 3.0};
  for (const double electrons : {3.0, 10.0, 50.0, 400.0}) {
    std::vector<float> pixels = recorded(electrons, noise);
    anscombe(pixels, noise);
    EXPECT_NEAR(moments_of(pixels).variance, 1.0, 0.08) << electrons;
  }
}

TEST(Anscombe, ComesBackFromTheMeanWithoutBias) {
  for (const CountingNoise& noise : {CountingNoise{2.5, 40.0, 3.0}, CountingNoise{1.0, 0.0, 0.0}}) {
    for (const double electrons : {0.5, 1.0, 3.0, 10.0, 50.0, 400.0}) {
      std::vector<float> pixels = recorded(electrons, noise);
      anscombe(pixels, noise);
      std::vector<float> denoised{static_cast<float>(moments_of(pixels).mean)};
      inverse_anscombe(denoised, noise);
      const double back = (denoised[0] - noise.offset) / noise.gain;
      EXPECT_NEAR(back, electrons, 0.04 + 0.01 * electrons) << electrons;
    }
  }
}

TEST(Anscombe, TheOffsetMayStandForReadNoise) {
  const CountingNoise noise{2.0, 10.0, 0.0}, same{2.0, 20.0, std::sqrt(20.0)};
  std::vector<float> pixels{12.0F, 50.0F, 300.0F}, others = pixels;
  anscombe(pixels, noise);
  anscombe(others, same);
  for (std::size_t i = 0; i < pixels.size(); ++i) EXPECT_NEAR(pixels[i], others[i], 1e-4);
}

TEST(Anscombe, NoiseWithoutCountsIsDividedByItsDeviation) {
  const CountingNoise noise{0.0, 0.0, 4.0};
  std::vector<float> pixels{-8.0F, 12.0F};
  stabilise(pixels, noise);
  EXPECT_FLOAT_EQ(pixels[0], -2.0F);
  destabilise(pixels, noise);
  EXPECT_FLOAT_EQ(pixels[1], 12.0F);
  EXPECT_THROW(stabilise(pixels, {0.0, 0.0, 0.0}), InputError);
}

}  // namespace
}  // namespace kinema::restore
