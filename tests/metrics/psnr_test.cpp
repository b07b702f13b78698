// Truths of PSNR, its peak, its temporal form, and the rate.
#include "kinema/metrics/psnr.h"

#include "kinema/base/parallel.h"
#include "kinema/metrics/rate.h"
#include "kinema/metrics/temporal.h"

#include <gtest/gtest.h>

#include "metrics/test_frames.h"

namespace kinema::metrics {
namespace {

using test::Image;
using test::noise;

TEST(Psnr, KnownNoiseGivesTheKnownFigure) {
  const Image reference({300, 200}, 100.0F);
  const double sigma = 4.0;
  const Image image = noise(300, 200, 100.0, sigma, 1);
  // 60,000 pixels: the variance is known to 0.6 %, or 0.025 dB.
  EXPECT_NEAR(psnr(image.view(), reference.view(), 255.0),
              10.0 * std::log10(255.0 * 255.0 / (sigma * sigma)),
              0.1);
}

TEST(Psnr, AnOffsetOfOneIsAMeanSquareOfOne) {
  EXPECT_EQ(mean_squared_error(Image({7, 9}, 3.0F).view(), Image({7, 9}, 4.0F).view()), 1.0);
  EXPECT_NEAR(psnr_from(1.0, 255.0), 48.1308, 1e-4);
}

TEST(Psnr, TheSameFrameIsInfinitelyGood) {
  const Image image = noise(32, 32, 10.0, 1.0, 2);
  EXPECT_TRUE(std::isinf(psnr(image.view(), image.view(), 255.0)));
}

TEST(Psnr, ThreadsDoNotChangeIt) {
  const Image a = noise(257, 131, 10.0, 3.0, 3), b = noise(257, 131, 10.0, 3.0, 4);
  const int before = threads();
  set_threads(1);
  const double alone = mean_squared_error(a.view(), b.view());
  set_threads(2);
  EXPECT_EQ(alone, mean_squared_error(a.view(), b.view()));
  set_threads(before);
}

TEST(Psnr, FramesOfDifferentSizesAreRefused) {
  EXPECT_THROW(mean_squared_error(Image({4, 5}).view(), Image({5, 4}).view()), InputError);
}

TEST(Peak, EightBitInputHas255AndOthersTheReferencesMaximum) {
  EXPECT_EQ(peak_of(PixelType::u8, 97.0).value, 255.0);
  EXPECT_EQ(peak_of(PixelType::u16, 97.0).value, 97.0);
  EXPECT_EQ(peak_of(PixelType::f32, 97.0).value, 97.0);
}

TEST(TemporalError, AConstantOffsetIsNoTemporalError) {
  TemporalError error;
  for (std::uint64_t t = 0; t < 4; ++t) {
    const Image reference = noise(20, 20, 50.0, 8.0, t);
    const Image image = test::sum_of(reference, Image({20, 20}, 8.0F));
    const auto change = error.add(image.view(), reference.view());
    EXPECT_EQ(change.has_value(), t > 0);
    EXPECT_NEAR(change.value_or(0.0), 0.0, 1e-9);
  }
}

TEST(TemporalError, FlickerCountsTwiceAsMuchAsItsVariance) {
  const Image reference({200, 200}, 100.0F);
  TemporalError error;
  error.add(noise(200, 200, 100.0, 3.0, 1).view(), reference.view());
  const auto change = error.add(noise(200, 200, 100.0, 3.0, 2).view(), reference.view());
  EXPECT_NEAR(*change, 2.0 * 9.0, 0.5);
}

TEST(Rate, CountsEveryBitOnDisk) {
  const Rate rate = rate_of(1000, 4000);
  EXPECT_DOUBLE_EQ(rate.bits_per_pixel, 2.0);
  EXPECT_DOUBLE_EQ(rate.ratio_8bit, 4.0);
  EXPECT_DOUBLE_EQ(rate.ratio_16bit, 8.0);
  EXPECT_THROW(rate_of(0, 4000), InputError);
}

}  // namespace
}  // namespace kinema::metrics
