// Truths of Fourier shell correlation.
#include "kinema/metrics/fsc.h"

#include "kinema/base/rng.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kinema::metrics {
namespace {

constexpr Index box = 32;

Volume noise(std::uint64_t seed) {
  Rng rng(seed);
  Volume volume{.density = Array<float, 3>({box, box, box}), .voxel_size = 3_A};
  for (float& value : volume.density.flat()) value = static_cast<float>(rng.normal());
  return volume;
}

/// a + weight b
Volume sum(const Volume& a, const Volume& b, float weight) {
  Volume out = a;
  for (Index i = 0; i < out.density.size(); ++i) {
    out.density.data()[i] += weight * b.density.data()[i];
  }
  return out;
}

TEST(Fsc, AVolumeAgreesWithItselfAtEveryScale) {
  const Volume volume = noise(1);
  const FscCurve curve = fsc(volume, sum(volume, volume, 2.0F));
  for (std::size_t s = 1; s < curve.values.size(); ++s) EXPECT_NEAR(curve.values[s], 1.0, 1e-5);
  EXPECT_NEAR(area_under(curve), 1.0, 1e-5);
  EXPECT_DOUBLE_EQ(resolution(curve, 0.5), 6.0);  // Nyquist
}

TEST(Fsc, TwoNoisesDoNotAgree) {
  EXPECT_NEAR(area_under(fsc(noise(1), noise(2))), 0.0, 0.05);
}

TEST(Fsc, HalvesOfOneSignalAgreeBySignalOverSignalAndNoise) {
  // Signal and noise of equal power: FSC = 1 / (1 + 1).
  const Volume signal = noise(1);
  const FscCurve curve = fsc(sum(signal, noise(2), 1.0F), sum(signal, noise(3), 1.0F));
  EXPECT_NEAR(area_under(curve), 0.5, 0.04);
}

TEST(Fsc, AResolutionLiesBetweenShellsOnAStraightLine) {
  FscCurve curve{.values = {1.0, 1.0, 0.8, 0.4, 0.0}, .box = 10, .voxel_size = 2_A};
  EXPECT_NEAR(resolution(curve, 0.5), 20.0 / 2.75, 1e-12);
  EXPECT_NEAR(area_under(curve), 0.55, 1e-12);
}

TEST(Fsc, VolumesOfTwoSizesAreRefused) {
  Volume small{.density = Array<float, 3>({8, 8, 8}), .voxel_size = 3_A};
  EXPECT_THROW(fsc(noise(1), small), InputError);
}

}  // namespace
}  // namespace kinema::metrics
