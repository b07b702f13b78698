// What cameras make of electrons: Poisson's law, gain, and noise that the MTF correlates.
#include "kinema/imaging/detector.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kinema::imaging {
namespace {

constexpr Index side = 128;
const Array<float, 2> flat({side, side}, 40.0F);

struct Moments {
  double mean, variance, neighbours;  // neighbours: correlation with the pixel to the right
};

Moments moments_of(const Array<float, 2>& image) {
  const auto count = static_cast<double>(image.size());
  double mean = 0.0, variance = 0.0, shared = 0.0;
  for (const float value : image.flat()) mean += value / count;
  for (Index y = 0; y < side; ++y) {
    for (Index x = 0; x < side; ++x) {
      const double here = image(y, x) - mean;
      variance += here * here / count;
      shared += here * (image(y, (x + 1) % side) - mean) / count;
    }
  }
  return {mean, variance, shared / variance};
}

TEST(Record, CountsFollowPoissonsLaw) {
  const Moments counts = moments_of(record(flat, Detector{}, Rng(3)));
  EXPECT_NEAR(counts.mean, 40.0, 0.2);
  EXPECT_NEAR(counts.variance, 40.0, 2.0);
  EXPECT_NEAR(counts.neighbours, 0.0, 0.03);
}

TEST(Record, AnIntegratingCameraSpreadsItsNoise) {
  Detector camera;
  camera.counting = false;
  camera.gain = 5.0;
  camera.mtf = gaussian_mtf(0.3);
  const Moments spread = moments_of(record(flat, camera, Rng(3)));
  double passed = 0.0;  // mean of MTF^2 over all frequencies
  for (Index y = 0; y < side; ++y) {
    for (Index x = 0; x < side; ++x) {
      const auto in_nyquist = [](Index i) {
        return 2.0 * static_cast<double>(std::min(i, side - i)) / side;
      };
      const double f = std::min(std::hypot(in_nyquist(x), in_nyquist(y)), 1.0);
      passed += std::pow(0.3, 2.0 * f * f) / (side * side);
    }
  }
  EXPECT_NEAR(spread.mean, 200.0, 1.0);
  EXPECT_NEAR(spread.variance, 25.0 * 40.0 * passed, 0.05 * 25.0 * 40.0 * passed);
  EXPECT_GT(spread.neighbours, 0.2);

  camera.noise_power = Curve{1.0, 1.0};  // a detector whose noise is white although it blurs
  EXPECT_NEAR(moments_of(record(flat, camera, Rng(3))).neighbours, 0.0, 0.03);
}

TEST(Record, ReadNoiseAddsItsVariance) {
  Detector camera;
  camera.counting = false;
  camera.gain = 2.0;
  camera.read_noise = 10.0;
  EXPECT_NEAR(moments_of(record(flat, camera, Rng(5))).variance, 4.0 * 40.0 + 100.0, 10.0);
}

TEST(Record, IsTheMeanRecordingOnAverage) {
  Array<float, 2> image({side, side});
  for (Index y = 0; y < side; ++y) {
    for (Index x = 0; x < side; ++x) image(y, x) = 20.0F + 10.0F * ((x / 4 + y / 4) % 2);
  }
  Detector camera;
  camera.counting = false;
  camera.gain = 3.0;
  camera.mtf = gaussian_mtf(0.5);
  const Array<float, 2> expected = mean_recording(image, camera);
  double error = 0.0;
  constexpr int draws = 30;
  Array<float, 2> sum({side, side});
  for (int i = 0; i < draws; ++i) {
    const Array<float, 2> frame = record(image, camera, Rng(static_cast<std::uint64_t>(i)));
    for (Index p = 0; p < sum.size(); ++p) sum.data()[p] += frame.data()[p] / draws;
  }
  for (Index p = 0; p < sum.size(); ++p) {
    error += std::pow(sum.data()[p] - expected.data()[p], 2) / static_cast<double>(sum.size());
  }
  EXPECT_LT(error, 9.0 * 25.0 / draws);  // no more than shot noise, which the MTF lessens
}

TEST(DeadPixels, AreAsManyAsAsked) {
  EXPECT_TRUE(dead_pixels(side, side, 0.0, Rng(1)).empty());
  EXPECT_NEAR(static_cast<double>(dead_pixels(side, side, 0.02, Rng(1)).size()), 328.0, 60.0);
}

}  // namespace
}  // namespace kinema::imaging
