// Bragg spots of known lattices, and none in noise.
#include "kinema/metrics/bragg.h"

#include <gtest/gtest.h>

#include "metrics/test_frames.h"

namespace kinema::metrics {
namespace {

using test::Image;
using test::lattice;
using test::noise;
using test::sum_of;

TEST(Bragg, KnownLatticesAreFoundAtTheirFrequencies) {
  const Image frame = sum_of(sum_of(lattice(256, 320, -40, 50, 3.0), lattice(256, 320, 60, 0, 3.0)),
                             noise(256, 320, 100.0, 10.0, 1));
  const auto spots = find_bragg_spots(power_spectrum(frame.view()));
  ASSERT_EQ(spots.size(), 2U);
  for (const auto& spot : spots) {
    const bool first = spot.ky == -40 && spot.kx == 50;
    const bool second = spot.ky == 60 && spot.kx == 0;
    EXPECT_TRUE(first || second) << spot.ky << ", " << spot.kx;
    if (first) {
      EXPECT_DOUBLE_EQ(spot.y, -40.0 / 256.0);
      EXPECT_DOUBLE_EQ(spot.x, 50.0 / 320.0);
    }
  }
}

TEST(Bragg, NoiseHasNone) {
  int false_spots = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Image frame = noise(192, 160, 30.0, 5.5, 100 + seed);
    false_spots += static_cast<int>(find_bragg_spots(power_spectrum(frame.view())).size());
  }
  EXPECT_LE(false_spots, 1);  // one false spot in a hundred frames is what is asked for
}

TEST(Bragg, NoiseOfAnyColourHasNone) {
  const Image white = noise(256, 256, 0.0, 1.0, 7);
  Image smooth({256, 256});
  for (Index y = 1; y < 255; ++y) {
    for (Index x = 1; x < 255; ++x) {
      for (Index dy = -1; dy <= 1; ++dy) {
        for (Index dx = -1; dx <= 1; ++dx) smooth(y, x) += white(y + dy, x + dx);
      }
    }
  }
  BraggOptions options;
  options.lowest_frequency = 0.02;
  EXPECT_LE(find_bragg_spots(power_spectrum(smooth.view()), options).size(), 3U);
}

TEST(Bragg, SignalOverBackgroundIsPowerOverPower) {
  // A Hann-windowed cosine of amplitude A over white noise: with N pixels the spot's middle holds
  // (A N / 8)^2 and its 3 x 3 neighbours ((1 + 1/4 + 1/4)^2) of that; noise holds sigma^2 N
  // (3/8)^2.
  const double amplitude = 4.0, sigma = 8.0, pixels = 256.0 * 256.0;
  const Image frame = sum_of(lattice(256, 256, 30, 44, amplitude), noise(256, 256, 50, sigma, 8));
  const PowerSpectrum spectrum = power_spectrum(frame.view());
  const double signal = std::pow(amplitude * pixels / 8.0, 2.0) * 2.25 / 9.0;
  const double background = sigma * sigma * pixels * 9.0 / 64.0;
  const double expected = 10.0 * std::log10(signal / background + 1.0);
  const double measured = 10.0 * std::log10(signal_to_background(spectrum, {30, 44}));
  EXPECT_NEAR(measured, expected, 1.0);
}

TEST(Bragg, ALatticeThatIsLostMeasuresNothing) {
  const Image clean = sum_of(lattice(256, 256, 30, 44, 4.0), noise(256, 256, 50.0, 2.0, 9));
  const auto spots = find_bragg_spots(power_spectrum(clean.view()));
  ASSERT_EQ(spots.size(), 1U);
  double mean_db = 0.0;
  for (std::uint64_t seed = 0; seed < 16; ++seed) {
    const Image lost = noise(256, 256, 50.0, 2.0, 200 + seed);
    mean_db += measure_spots(power_spectrum(lost.view()), spots).mean_db() / 16.0;
  }
  EXPECT_NEAR(mean_db, 0.0, 1.5);
  EXPECT_EQ(measure_spots(power_spectrum(clean.view()), spots).kept, 1);
}

TEST(Bragg, AnEmptyFrameHasNoneAndFailsNowhere) {
  const Image empty({64, 64}, 5.0F);
  const PowerSpectrum spectrum = power_spectrum(empty.view());
  EXPECT_TRUE(find_bragg_spots(spectrum).empty());
  EXPECT_DOUBLE_EQ(signal_to_background(spectrum, {10, 10}), 1.0);
}

TEST(Bragg, LargeFramesAreMeasuredInTheirMiddle) {
  const PowerSpectrum spectrum = power_spectrum(Image({300, 80}).view(), 128);
  EXPECT_EQ(spectrum.height, 128);
  EXPECT_EQ(spectrum.width, 80);
}

}  // namespace
}  // namespace kinema::metrics
