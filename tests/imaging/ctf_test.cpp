#include "kinema/imaging/ctf.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace kinema::imaging {
namespace {

constexpr double pi = std::numbers::pi;

Optics aberrated() {
  Optics optics;
  optics.voltage = 80_kV;
  optics.defocus = 36.0_A;
  optics.cs.value = -5e4;
  optics.c12 = {12.0, 0.4};
  optics.c21 = {400.0, 1.1};
  optics.c23 = {300.0, -0.7};
  optics.focal_spread.value = 6.0 * std::numbers::sqrt2;
  optics.convergence = 2e-3;
  return optics;
}

TEST(Ctf, WavelengthAndInteractionAreTheTabulatedOnes) {
  // Kirkland, Advanced Computing in Electron Microscopy, second edition, tables of appendix.
  EXPECT_NEAR(wavelength(100_kV), 0.0370144, 1e-6);
  EXPECT_NEAR(wavelength(200_kV), 0.0250793, 1e-6);
  EXPECT_NEAR(wavelength(300_kV), 0.0196875, 1e-6);
  EXPECT_NEAR(interaction_constant(100_kV), 0.9244e-3, 1e-7);
  EXPECT_NEAR(interaction_constant(200_kV), 0.7288e-3, 1e-7);
}

TEST(Ctf, ChiIsThePublishedFormula) {
  const Optics optics = aberrated();
  const double lambda = wavelength(optics.voltage);
  for (const double angle : {0.0, 0.5, 2.0, 4.0}) {
    const double k = 0.8, kx = k * std::cos(angle), ky = k * std::sin(angle);
    const double expected =
        pi * lambda * -36.0 * k * k + pi / 2 * -5e4 * std::pow(lambda, 3) * std::pow(k, 4) +
        pi * lambda * 12.0 * k * k * std::cos(2 * (angle - 0.4)) +
        2 * pi / 3 * lambda * lambda * k * k * k *
            (400.0 * std::cos(angle - 1.1) + 300.0 * std::cos(3 * (angle + 0.7)));
    EXPECT_NEAR(chi(optics, kx, ky), expected, 1e-9);
  }
}

TEST(Ctf, GradientOfChiIsItsDerivative) {
  const Optics optics = aberrated();
  const double step = 1e-5;
  for (const auto& [kx, ky] : {std::pair{0.3, 0.4}, {-0.9, 0.2}, {0.5, -1.2}}) {
    const auto [gx, gy] = chi_gradient(optics, kx, ky);
    EXPECT_NEAR(gx, (chi(optics, kx + step, ky) - chi(optics, kx - step, ky)) / (2 * step), 1e-5);
    EXPECT_NEAR(gy, (chi(optics, kx, ky + step) - chi(optics, kx, ky - step)) / (2 * step), 1e-5);
  }
}

TEST(Ctf, CoefficientsRoundTrip) {
  const Optics optics = aberrated();
  const Optics back = with_coefficients(optics, coefficients(optics));
  EXPECT_NEAR(chi(back, 0.7, -0.3), chi(optics, 0.7, -0.3), 1e-12);
  EXPECT_NEAR(back.c23.size, optics.c23.size, 1e-9);
  EXPECT_NEAR(back.defocus.value, optics.defocus.value, 1e-12);
}

TEST(Ctf, ConvergenceDampsByTheSpreadOfTilts) {
  // The average of exp(-i grad chi . q) over tilts q = theta / lambda of density
  // exp(-theta^2/alpha^2).
  const Optics optics = aberrated();
  const double lambda = wavelength(optics.voltage), alpha = optics.convergence;
  const auto [gx, gy] = chi_gradient(optics, 0.6, 0.5);
  double sum = 0.0, weight = 0.0;
  for (double x = -5; x <= 5; x += 0.02) {
    for (double y = -5; y <= 5; y += 0.02) {
      const double w = std::exp(-x * x - y * y);
      sum += w * std::cos((gx * x + gy * y) * alpha / lambda);
      weight += w;
    }
  }
  EXPECT_NEAR(spatial_envelope(optics, 0.6, 0.5), sum / weight, 1e-6);
}

TEST(Ctf, FocalSpreadDampsByTheSpreadOfFoci) {
  const Optics optics = aberrated();
  const double rms = 6.0, k = 0.9;
  double sum = 0.0, weight = 0.0;
  for (double f = -8 * rms; f <= 8 * rms; f += 0.01) {
    const double w = std::exp(-f * f / (2 * rms * rms));
    sum += w * std::cos(pi * wavelength(optics.voltage) * f * k * k);
    weight += w;
  }
  EXPECT_NEAR(temporal_envelope(optics, k), sum / weight, 1e-9);
}

}  // namespace
}  // namespace kinema::imaging
