// SSIM against its definition, in double precision and without any shortcut.
#include "kinema/metrics/ssim.h"

#include <gtest/gtest.h>

#include "metrics/test_frames.h"

namespace kinema::metrics {
namespace {

using test::Image;
using test::noise;

double defined_ssim(const Image& image, const Image& reference, double peak) {
  const auto [height, width] = image.shape();
  double weights[11][11], total = 0.0;
  for (int i = 0; i < 11; ++i) {
    for (int j = 0; j < 11; ++j) {
      weights[i][j] = std::exp(-((i - 5) * (i - 5) + (j - 5) * (j - 5)) / (2.0 * 1.5 * 1.5));
      total += weights[i][j];
    }
  }
  const double c1 = std::pow(0.01 * peak, 2), c2 = std::pow(0.03 * peak, 2);
  double sum = 0.0;
  for (Index y = 5; y < height - 5; ++y) {
    for (Index x = 5; x < width - 5; ++x) {
      double mx = 0, mr = 0, xx = 0, rr = 0, xr = 0;
      for (Index i = 0; i < 11; ++i) {
        for (Index j = 0; j < 11; ++j) {
          const double w = weights[i][j] / total;
          const double a = image(y + i - 5, x + j - 5), b = reference(y + i - 5, x + j - 5);
          mx += w * a;
          mr += w * b;
          xx += w * a * a;
          rr += w * b * b;
          xr += w * a * b;
        }
      }
      sum += (2 * mx * mr + c1) * (2 * (xr - mx * mr) + c2) /
             ((mx * mx + mr * mr + c1) * (xx - mx * mx + rr - mr * mr + c2));
    }
  }
  return sum / static_cast<double>((height - 10) * (width - 10));
}

TEST(Ssim, AgreesWithItsDefinition) {
  for (const double mean : {20.0, 1000.0, 30000.0}) {
    const Image reference =
        test::sum_of(noise(45, 37, mean, 2.0, 1), test::lattice(45, 37, 5, 3, 10.0));
    const Image image = test::sum_of(reference, noise(45, 37, 0.0, 6.0, 2));
    const double peak = mean < 255.0 ? 255.0 : mean;
    EXPECT_NEAR(
        ssim(image.view(), reference.view(), peak), defined_ssim(image, reference, peak), 2e-6);
  }
}

TEST(Ssim, AFrameIsLikeItself) {
  const Image image = noise(64, 48, 100.0, 20.0, 3);
  EXPECT_NEAR(ssim(image.view(), image.view(), 255.0), 1.0, 1e-6);
}

TEST(Ssim, TheOrderDoesNotMatterAndNoiseLowersIt) {
  const Image clean = test::lattice(64, 64, 6, 8, 40.0);
  const Image little = test::sum_of(clean, noise(64, 64, 0.0, 5.0, 4));
  const Image much = test::sum_of(clean, noise(64, 64, 0.0, 25.0, 5));
  const double good = ssim(little.view(), clean.view(), 255.0);
  EXPECT_NEAR(good, ssim(clean.view(), little.view(), 255.0), 1e-6);
  EXPECT_GT(good, ssim(much.view(), clean.view(), 255.0) + 0.1);
}

TEST(Ssim, TheBorderOfFivePixelsIsLeftOut) {
  const Image reference = noise(40, 40, 100.0, 10.0, 6);
  Image image = reference;
  image(0, 0) += 100.0F;  // in the window of pixel (5, 5) alone
  const double windows = 30.0 * 30.0;
  EXPECT_GT(1.0 - ssim(image.view(), reference.view(), 255.0), 0.0);
  EXPECT_LT(1.0 - ssim(image.view(), reference.view(), 255.0), 1.0 / windows);
  EXPECT_THROW(ssim(Image({10, 40}).view(), Image({10, 40}).view(), 255.0), InputError);
}

}  // namespace
}  // namespace kinema::metrics
