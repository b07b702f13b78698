#include "kinema/atoms/sheet_prior.h"

#include "kinema/base/rng.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kinema::atoms {
namespace {

/// Atoms of a honeycomb within `radius` of its middle.
std::vector<Vec2> flake(double radius) {
  std::vector<Vec2> atoms;
  const double a = std::sqrt(3.0) * bond_length;
  for (int i = -20; i <= 20; ++i) {
    for (int j = -20; j <= 20; ++j) {
      for (const double shift : {0.0, bond_length}) {
        const Vec2 p{a * (i + 0.5 * j), 1.5 * bond_length * j + shift};
        if (std::hypot(p[0], p[1]) < radius) atoms.push_back(p);
      }
    }
  }
  return atoms;
}

struct Sheet {
  std::vector<Vec2> flat = flake(8.0);
  Topology topology = connect(flat);
  SheetPrior prior{topology, flat, {0.0, 0.0}, {}};
  std::vector<double> unknowns = std::vector<double>(static_cast<std::size_t>(prior.size()));

  explicit Sheet(double ripple = 0.0, double noise = 0.0) {
    Rng rng(2);
    for (std::size_t i = 0; i < flat.size(); ++i) {
      unknowns[3 * i] = flat[i][0] + noise * rng.normal();
      unknowns[3 * i + 1] = flat[i][1] + noise * rng.normal();
      unknowns[3 * i + 2] = ripple * std::sin(0.3 * flat[i][0]) + noise * rng.normal();
    }
    prior.set_references(unknowns);
  }
};

TEST(SheetPrior, AFlatHoneycombCostsNothing) {
  Sheet sheet;
  sheet.prior.freeze(sheet.unknowns);
  std::vector<double> gradient(sheet.unknowns.size(), 0.0);
  EXPECT_NEAR(sheet.prior.energy(sheet.unknowns, gradient), 0.0, 1e-6);
  for (const double slope : gradient) EXPECT_NEAR(slope, 0.0, 1e-3);
}

TEST(SheetPrior, TiltAndTurnCostNothing) {
  Sheet sheet;
  for (std::size_t i = 0; i < sheet.flat.size(); ++i) {
    const double x = sheet.flat[i][0], y = sheet.flat[i][1];
    const double turned = x * std::cos(0.2) - y * std::sin(0.2);
    sheet.unknowns[3 * i] = turned * std::cos(0.1);
    sheet.unknowns[3 * i + 1] = x * std::sin(0.2) + y * std::cos(0.2);
    sheet.unknowns[3 * i + 2] = turned * std::sin(0.1);
  }
  sheet.prior.freeze(sheet.unknowns);
  std::vector<double> gradient(sheet.unknowns.size(), 0.0);
  EXPECT_NEAR(sheet.prior.energy(sheet.unknowns, gradient), 0.0, 1e-3);
}

TEST(SheetPrior, GradientIsAFiniteDifference) {
  Sheet sheet(0.8, 0.03);
  sheet.prior.freeze(sheet.unknowns);
  std::vector<double> gradient(sheet.unknowns.size(), 0.0), ignored(gradient);
  sheet.prior.energy(sheet.unknowns, gradient);
  const double step = 1e-5;
  for (const std::size_t k : {std::size_t{0},
                              std::size_t{31},
                              std::size_t{62},
                              gradient.size() - 1,
                              3 * sheet.flat.size()}) {
    std::vector<double> moved = sheet.unknowns;
    moved[k] += step;
    const double high = sheet.prior.energy(moved, ignored);
    moved[k] -= 2 * step;
    const double low = sheet.prior.energy(moved, ignored);
    EXPECT_NEAR(gradient[k], (high - low) / (2 * step), 1e-3 * std::abs(gradient[k]) + 1e-3) << k;
  }
}

TEST(SheetPrior, CurvatureIsTheGradientsDerivativeWhereTheMisfitVanishes) {
  Sheet sheet;
  sheet.prior.freeze(sheet.unknowns);
  const auto size = static_cast<Index>(sheet.unknowns.size());
  Array<float, 2> matrix({size, size});
  sheet.prior.add_curvature(sheet.unknowns, matrix.view());
  const double step = 1e-4;
  // The anchor that keeps the in-plane stiffness definite leaks some 1e-3 of a bond's 5000 / A^2.
  for (const Index k : {Index{0}, Index{50}, Index{3} * 40 + 2, size - 2}) {
    std::vector<double> high(sheet.unknowns.size(), 0.0), low(high), moved = sheet.unknowns;
    moved[static_cast<std::size_t>(k)] += step;
    sheet.prior.energy(moved, high);
    moved[static_cast<std::size_t>(k)] -= 2 * step;
    sheet.prior.energy(moved, low);
    for (Index j = 0; j < size; ++j) {
      const double slope =
          (high[static_cast<std::size_t>(j)] - low[static_cast<std::size_t>(j)]) / (2 * step);
      EXPECT_NEAR(static_cast<double>(matrix(k, j)), slope, 0.01 * std::abs(slope) + 20.0)
          << k << " " << j;
    }
  }
}

TEST(SheetPrior, ARelaxedSheetIsNotPulledFlat) {
  // x and y that follow a ripple along x, bonds keeping their lengths: no energy but of bending.
  Sheet sheet;
  const double height = 0.6, k = 0.25;
  for (std::size_t i = 0; i < sheet.flat.size(); ++i) {
    const double x = sheet.flat[i][0];
    // Arc length to x: int sqrt(1 + z'^2) = x to second order when x shrinks by (h k)^2 / 4 (x +
    // sin 2kx / 2k).
    sheet.unknowns[3 * i] =
        x - 0.25 * height * height * k * k * (x + std::sin(2 * k * x) / (2 * k));
    sheet.unknowns[3 * i + 2] = height * std::sin(k * x);
  }
  sheet.prior.freeze(sheet.unknowns);
  EXPECT_LT(sheet.prior.stretching(sheet.unknowns), 0.02);  // eV, of 80 atoms
  std::vector<double> flat = sheet.unknowns;
  for (std::size_t i = 0; i < sheet.flat.size(); ++i) flat[3 * i + 2] = 0.0;
  EXPECT_GT(sheet.prior.stretching(flat), 0.03);
}

}  // namespace
}  // namespace kinema::atoms
