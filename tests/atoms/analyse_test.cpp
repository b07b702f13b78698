// Truths of analysis on sheets whose strain, curvature and waves are known.
#include "kinema/atoms/analyse.h"

#include <gtest/gtest.h>

#include "atoms/sheets.h"

namespace kinema::atoms {
namespace {

Analysis analyse_frames(const std::vector<std::vector<Vec3>>& frames, AnalyseOptions options = {}) {
  std::vector<AtomicModel> models;
  for (const auto& positions : frames) {
    models.push_back({std::vector<std::uint8_t>(positions.size(), 6), positions, {}});
  }
  Progress progress;
  return analyse(to_trajectory(models), options, progress);
}

/// The shapes of atoms with all second neighbours around: those far from the flake's edge.
std::vector<LocalShape> inner(const Analysis& analysis,
                              const std::vector<Vec3>& flat,
                              double half) {
  std::vector<LocalShape> shapes;
  for (std::size_t i = 0; i < flat.size(); ++i) {
    if (std::max(std::abs(flat[i][0]), std::abs(flat[i][1])) < half) {
      shapes.push_back(analysis.shapes[0][i]);
    }
  }
  return shapes;
}

TEST(Analyse, UniformStrainIsRecoveredWhateverTheTurn) {
  for (const double angle : {0.0, 0.4}) {
    std::vector<Vec3> sheet = test::flat_sheet({0.0, 0.0, 0.0}, 15.0, angle);
    const std::vector<Vec3> flat = sheet;
    for (Vec3& at : sheet) at = {1.02 * at[0] + 0.005 * at[1], 0.99 * at[1], 0.0};
    AnalyseOptions options;
    options.reference = Length{bond_length};
    const Analysis analysis = analyse_frames({sheet}, options);
    for (const LocalShape& shape : inner(analysis, flat, 12.0)) {
      // Green: E = (F^T F - 1) / 2. The turn that fits best may take a little of the shear.
      EXPECT_NEAR(shape.xx, 0.5 * (1.02 * 1.02 - 1.0), 3e-4);
      EXPECT_NEAR(shape.yy, 0.5 * (0.99 * 0.99 + 0.005 * 0.005 - 1.0), 3e-4);
      EXPECT_NEAR(shape.xy, 0.5 * 1.02 * 0.005, 3e-4);
      EXPECT_NEAR(shape.curvature, 0.0, 1e-9);
    }
  }
}

TEST(Analyse, ACylinderAndASphereHaveTheirCurvature) {
  const std::vector<Vec3> flat = test::flat_sheet({0.0, 0.0, 0.0}, 14.0, 0.2);
  const double radius = 40.0;
  std::vector<Vec3> cylinder = flat, sphere = flat;
  for (std::size_t i = 0; i < flat.size(); ++i) {
    const auto& [x, y, z] = flat[i];
    cylinder[i] = {radius * std::sin(x / radius), y, radius * std::cos(x / radius)};
    const double r = std::hypot(x, y), turn = r / radius;
    const double scale = r > 0.0 ? radius * std::sin(turn) / r : 1.0;
    sphere[i] = {scale * x, scale * y, radius * std::cos(turn)};
  }
  // Hills: negative. The quadratic surface is wrong by the fourth order, (distance / radius)^2.
  for (const LocalShape& shape : inner(analyse_frames({cylinder}), flat, 10.0)) {
    EXPECT_NEAR(shape.curvature, -0.5 / radius, 0.01 * 0.5 / radius);
    EXPECT_GT(shape.pyramid, 0.0);
  }
  for (const LocalShape& shape : inner(analyse_frames({sphere}), flat, 10.0)) {
    EXPECT_NEAR(shape.curvature, -1.0 / radius, 0.015 / radius);
    // Bonds of length b leave the tangent plane by b / 2 radius.
    EXPECT_NEAR(shape.pyramid, 0.5 * bond_length / radius, 0.02 * 0.5 * bond_length / radius);
  }
}

TEST(Analyse, ATravellingWaveIsNamedWithItsPhaseVelocity) {
  const std::vector<Vec3> flat = test::flat_sheet({0.0, 0.0, 0.0}, 22.0, 0.0);
  const double wavelength = 18.0, direction = 0.5, frequency = 0.13;  // per frame
  const double kx = std::cos(direction) / wavelength, ky = std::sin(direction) / wavelength;
  std::vector<std::vector<Vec3>> frames;
  for (int t = 0; t < 12; ++t) {
    frames.push_back(flat);
    for (Vec3& at : frames.back()) {
      at[2] = 0.8 * std::cos(2.0 * std::numbers::pi * (kx * at[0] + ky * at[1] - frequency * t)) +
              0.2 * std::cos(2.0 * std::numbers::pi * (at[0] / 11.0 + 0.3 * t));
    }
  }
  const Analysis analysis = analyse_frames(frames);
  ASSERT_GE(analysis.waves.size(), 2U);
  const Wave& first = analysis.waves[0];
  EXPECT_NEAR(first.wavelength(), wavelength, 0.3);
  EXPECT_NEAR(std::atan2(first.ky, first.kx), direction, 0.03);
  EXPECT_NEAR(first.amplitude, 0.8, 0.05);
  EXPECT_NEAR(first.phase_velocity(), wavelength * frequency, 0.05 * wavelength * frequency);
  const Wave& second = analysis.waves[1];
  EXPECT_NEAR(second.wavelength(), 11.0, 0.4);
  EXPECT_NEAR(second.frequency, 0.3, 0.02);
  EXPECT_LT(second.kx, 0.0);  // it runs against x
}

TEST(Analyse, StepsOfAPlaneWaveCorrelateAsABesselFunction) {
  const std::vector<Vec3> flat = test::flat_sheet({0.0, 0.0, 0.0}, 30.0, 0.0);
  std::vector<std::vector<Vec3>> frames;
  for (int t = 0; t < 6; ++t) {
    frames.push_back(flat);
    for (Vec3& at : frames.back())
      at[2] = std::cos(2.0 * std::numbers::pi * (at[0] / 20.0 - 0.1 * t));
  }
  const StepCorrelation correlation = analyse_frames(frames).correlation;
  EXPECT_EQ(correlation.values[0], 1.0);
  for (std::size_t i = 1; i < 12; ++i) {
    const double expected =
        std::cyl_bessel_j(0.0, 2.0 * std::numbers::pi * correlation.distances[i] / 20.0);
    EXPECT_NEAR(correlation.values[i], expected, 0.12) << correlation.distances[i];
  }
}

TEST(Analyse, HeightsOverPlaceAndTimeFollowTheWave) {
  std::vector<Vec3> sheet = test::flat_sheet({0.0, 0.0, 0.0}, 15.0, 0.0);
  for (Vec3& at : sheet) at[2] = 5.0 + 0.1 * at[1];
  AnalyseOptions options;
  options.direction = 90.0;
  const HeightMap map = analyse_frames({sheet}, options).heights;
  const auto [frames, bins] = map.heights.shape();
  for (Index s = 2; s < bins - 2; ++s) {
    if (!std::isfinite(map.heights(0, s))) continue;
    EXPECT_NEAR(map.heights(0, s), 0.1 * (map.first + static_cast<double>(s)), 0.06);
  }
}

TEST(Analyse, BondsOfEachAtomAreMeasuredAgainstTheWholeMovie) {
  const std::vector<Vec3> sheet = test::flat_sheet({0.0, 0.0, 0.0}, 8.0, 0.3);
  std::vector<Vec3> longer = sheet;
  for (Vec3& at : longer) at = {1.02 * at[0], 1.02 * at[1], 0.0};
  const auto model = [](const std::vector<Vec3>& positions) {
    return AtomicModel{std::vector<std::uint8_t>(positions.size(), 6), positions, {}};
  };
  const Array<double, 2> strains = bond_strains(to_trajectory({model(sheet), model(longer)}));
  for (Index i = 0; i < strains.shape()[1]; ++i) {
    if (strains(0, i) == 0.0) continue;  // a corner without a bond
    EXPECT_NEAR(strains(0, i), 1.0 / 1.01 - 1.0, 1e-9);
    EXPECT_NEAR(strains(1, i), 1.02 / 1.01 - 1.0, 1e-9);
  }
  EXPECT_EQ(bond_strains(to_trajectory({model({{0.0, 0.0, 0.0}, {9.0, 0.0, 0.0}})}))(0, 1), 0.0);
}

TEST(Analyse, WhatIsNoSheetIsRefused) {
  EXPECT_THROW(analyse_frames({{{0.0, 0.0, 0.0}, {9.0, 0.0, 0.0}}}), InputError);
}

}  // namespace
}  // namespace kinema::atoms
