// Scattering factors of two independent fits, and what physics demands of them.
#include "kinema/imaging/potential.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace kinema::imaging {
namespace {

double worst_difference(int z) {
  double worst = 0.0;
  for (double k = 0.0; k <= 12.0; k += 0.1) {
    const double kirkland = scattering_factor(z, k, Potential::kirkland);
    worst = std::max(worst, std::abs(scattering_factor(z, k, Potential::lobato) / kirkland - 1.0));
  }
  return worst;
}

TEST(ScatteringFactor, TwoFitsAgree) {
  EXPECT_LT(worst_difference(6), 0.004);
  for (int z = 1; z <= 103; ++z) EXPECT_LT(worst_difference(z), 0.12) << "element " << z;
}

TEST(ScatteringFactor, FallsWithFrequency) {
  for (int z = 1; z <= 103; ++z) {
    for (const Potential fit : {Potential::kirkland, Potential::lobato}) {
      for (double k = 0.0; k < 10.0; k += 0.25) {
        EXPECT_GT(scattering_factor(z, k, fit), scattering_factor(z, k + 0.25, fit));
      }
    }
  }
}

// Mott and Bethe: f_e = (Z - f_x) / (2 pi^2 a0 k^2), and X-rays see no electrons at high k.
TEST(ScatteringFactor, ScattersByTheNucleusAtHighFrequencies) {
  constexpr double bohr = 0.529177;
  const double k = 12.0;
  for (int z = 1; z <= 18; ++z) {
    const double nucleus = z / (2.0 * std::numbers::pi * std::numbers::pi * bohr * k * k);
    EXPECT_NEAR(scattering_factor(z, k, Potential::lobato) / nucleus, 1.0, 0.03) << "element " << z;
  }
}

TEST(ScatteringFactor, RefusesElementsBeyondTheTables) {
  EXPECT_THROW(scattering_factor(0, 1.0, Potential::lobato), InputError);
  EXPECT_THROW(scattering_factor(104, 1.0, Potential::kirkland), InputError);
}

}  // namespace
}  // namespace kinema::imaging
