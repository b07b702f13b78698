// The noise of frames whose noise is known, at rest and in motion.
#include "kinema/restore/noise.h"

#include <gtest/gtest.h>

#include "codec/movies.h"

namespace kinema::restore {
namespace {

/// Shot noise of so many recorded units an electron upon a disk that crosses the view.
Array<float, 3> noisy_disk(double speed, double gain) {
  Array<float, 3> movie = test::disk_movie({60, 128, 128}, speed);
  Rng rng(11);
  for (float& pixel : movie.flat()) pixel = static_cast<float>(gain * rng.poisson(pixel / gain));
  return movie;
}

double measured_over_true(double speed, double gain) {
  constexpr double level = 80.0;
  const Array<float, 3> movie = noisy_disk(speed, gain);
  NoiseMeter meter(128, 128);
  for (Index t = 0; t < 60; t += 10) {
    meter.add(PixelType::f32, reinterpret_cast<const std::byte*>(movie[t].data()), 10);
  }
  return meter.model().variance(level) / (gain * level);
}

TEST(NoiseMeter, MeasuresShotNoiseWhetherTheSpecimenMovesOrRests) {
  for (const double gain : {1.0, 4.0}) {
    EXPECT_NEAR(measured_over_true(0.0, gain), 1.0, 0.02) << gain;
    EXPECT_NEAR(measured_over_true(0.2, gain), 1.0, 0.05) << gain;
    EXPECT_NEAR(measured_over_true(1.0, gain), 1.0, 0.05) << gain;
  }
}

TEST(NoiseMeter, KnowsCountsOfSingleElectronsFromReadNoise) {
  for (const double dose : {0.01, 0.05, 0.3, 3.0}) {
    Array<float, 3> movie = test::disk_movie({60, 128, 128}, 0.2);
    Rng rng(12);
    for (float& pixel : movie.flat()) pixel = static_cast<float>(rng.poisson(dose * pixel / 80.0));
    NoiseMeter meter(128, 128);
    for (Index t = 0; t < 60; t += 10) {
      meter.add(PixelType::f32, reinterpret_cast<const std::byte*>(movie[t].data()), 10);
    }
    EXPECT_NEAR(meter.model().gain, 1.0, 0.1) << dose;
    EXPECT_NEAR(meter.model().variance(dose) / dose, 1.0, 0.05) << dose;
  }
}

}  // namespace
}  // namespace kinema::restore
