#include "kinema/imaging/fresnel.h"

#include "kinema/base/rng.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace kinema::imaging {
namespace {

Optics aberrated() {
  Optics optics;
  optics.voltage = 80_kV;
  optics.defocus.value = -36.0;
  optics.cs.value = 2e4;
  optics.c12 = {12.0, 0.4};
  optics.c21 = {400.0, 1.1};
  optics.c23 = {300.0, -0.7};
  optics.focal_spread.value = 8.0 * std::numbers::sqrt2;
  optics.blur.value = 0.15;
  optics.convergence = 1e-3;
  return optics;
}

const Field field{90, 100, 0.2, 0.21};

std::vector<Vec3> some_atoms() {
  Rng rng(3);
  std::vector<Vec3> atoms;
  for (int j = 0; j < 20; ++j) {
    atoms.push_back({rng.uniform(0, 21), rng.uniform(0, 18), rng.uniform(-2, 2)});
  }
  return atoms;
}

Array<float, 2> random_plane() {
  Array<float, 2> plane({field.height, field.width});
  Rng rng(4);
  for (float& value : plane.flat()) value = static_cast<float>(rng.normal());
  return plane;
}

/// The sum of adjoint times image.
double objective(const Optics& optics,
                 const std::vector<Vec3>& atoms,
                 const Array<float, 2>& adjoint) {
  FresnelModel model(field, aberrated());
  model.set_optics(optics);
  FresnelModel::Scratch scratch;
  Array<float, 2> image({field.height, field.width});
  model.image(atoms, image.view(), scratch);
  double sum = 0.0;
  for (Index i = 0; i < image.size(); ++i) {
    sum += (static_cast<double>(image.data()[i]) - 1.0) * adjoint.data()[i];
  }
  return sum;
}

FresnelGradient gradient_at(const Optics& optics,
                            const std::vector<Vec3>& atoms,
                            const Array<float, 2>& adjoint) {
  FresnelModel model(field, aberrated());
  model.set_optics(optics);
  FresnelModel::Scratch scratch;
  Array<float, 2> image({field.height, field.width});
  model.image(atoms, image.view(), scratch);
  return model.gradient(atoms, adjoint.view(), scratch);
}

TEST(Fresnel, VacuumIsOne) {
  const FresnelModel model(field, aberrated());
  FresnelModel::Scratch scratch;
  Array<float, 2> image({field.height, field.width});
  model.image({}, image.view(), scratch);
  for (const float value : image.flat()) EXPECT_EQ(value, 1.0F);
}

TEST(Fresnel, GradientsByCoordinatesAreFiniteDifferences) {
  const Optics optics = aberrated();
  const auto atoms = some_atoms();
  const auto adjoint = random_plane();
  const FresnelGradient gradient = gradient_at(optics, atoms, adjoint);
  for (const std::size_t j : {std::size_t{0}, std::size_t{7}, std::size_t{13}}) {
    for (int axis = 0; axis < 3; ++axis) {
      const double step = axis == 2 ? 0.1 : 0.01;
      auto high = atoms, low = atoms;
      high[j][axis] += step;
      low[j][axis] -= step;
      const double slope =
          (objective(optics, high, adjoint) - objective(optics, low, adjoint)) / (2 * step);
      EXPECT_NEAR(gradient.positions[j][axis], slope, 0.01 * std::abs(slope) + 0.01) << j << axis;
    }
  }
}

TEST(Fresnel, GradientsByOpticsAreFiniteDifferences) {
  Optics optics = aberrated();
  optics.convergence = 0.0;  // whose envelope is held fixed in these derivatives
  const auto atoms = some_atoms();
  const auto adjoint = random_plane();
  const FresnelGradient gradient = gradient_at(optics, atoms, adjoint);
  const double steps[] = {0.5, 500.0, 0.5, 0.5, 20.0, 20.0, 20.0, 20.0};
  for (int c = 0; c < coefficient_count; ++c) {
    Coefficients high = coefficients(optics), low = high;
    high[c] += steps[c];
    low[c] -= steps[c];
    const double slope = (objective(with_coefficients(optics, high), atoms, adjoint) -
                          objective(with_coefficients(optics, low), atoms, adjoint)) /
                         (2 * steps[c]);
    EXPECT_NEAR(gradient.coefficients[c], slope, 0.01 * std::abs(slope) + 1e-5) << c;
  }
  Optics high = optics, low = optics;
  high.focal_spread.value += 0.2 * std::numbers::sqrt2;
  low.focal_spread.value -= 0.2 * std::numbers::sqrt2;
  const double by_spread = (objective(high, atoms, adjoint) - objective(low, atoms, adjoint)) / 0.4;
  EXPECT_NEAR(gradient.focal_spread_rms, by_spread, 0.01 * std::abs(by_spread) + 1e-4);
  high = low = optics;
  high.blur.value += 0.01;
  low.blur.value -= 0.01;
  const double by_blur = (objective(high, atoms, adjoint) - objective(low, atoms, adjoint)) / 0.02;
  EXPECT_NEAR(gradient.blur, by_blur, 0.01 * std::abs(by_blur) + 1e-3);
}

TEST(Fresnel, HeightIsDefocus) {
  Optics optics = aberrated();
  optics.convergence = 0.0;
  auto atoms = some_atoms();
  const auto adjoint = random_plane();
  const double before = objective(optics, atoms, adjoint);
  for (Vec3& atom : atoms) atom[2] += 0.7;
  optics.defocus.value -= 0.7;  // C10 rises with z
  EXPECT_NEAR(objective(optics, atoms, adjoint), before, 2e-3 * std::abs(before));
}

TEST(Fresnel, ResponseIsTheDerivativeOfAFaintAtomsImage) {
  const FresnelModel model(field, aberrated());
  FresnelModel::Scratch scratch;
  const double x = 40 * field.step_x, y = 30 * field.step_y, step = 0.02;
  Array<float, 2> high({field.height, field.width}), low = high;
  const RealFourier2 plan(field.height, field.width);
  auto response = model.response(0.5);
  for (int axis = 0; axis < 3; ++axis) {
    std::vector<Vec3> atom{{x, y, 0.5}};
    atom[0][axis] += step;
    model.image(atom, high.view(), scratch);
    atom[0][axis] -= 2 * step;
    model.image(atom, low.view(), scratch);
    Array<float, 2> expected({field.height, field.width});
    plan.inverse(response.view()[axis], expected.view());
    double product = 0.0, norm = 0.0, other = 0.0;
    for (Index row = 0; row < field.height; ++row) {
      for (Index column = 0; column < field.width; ++column) {
        const double slope = (high(row, column) - low(row, column)) / (2 * step);
        const double value = expected((row + field.height - 30) % field.height,
                                      (column + field.width - 40) % field.width);
        product += slope * value, norm += slope * slope, other += value * value;
      }
    }
    EXPECT_GT(product / std::sqrt(norm * other), 0.98) << axis;
    EXPECT_NEAR(product / other, 1.0, 0.05) << axis;
  }
}

}  // namespace
}  // namespace kinema::imaging
