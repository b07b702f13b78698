// Likelihood, surrogate and refinement on a small rippled flake that the solver's own model imaged:
// what they must do where nothing but noise stands between model and truth.
#include "kinema/atoms/refine.h"

#include "kinema/atoms/calibrate.h"
#include "kinema/atoms/fisher.h"
#include "kinema/atoms/surrogate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace kinema::atoms {
namespace {

constexpr Index size = 140;
constexpr double step = 0.2, middle = 14.0, dose = 1200.0;  // dose in counts a pixel

Optics good_optics() {
  Optics optics;
  optics.voltage = 80_kV;
  optics.defocus.value = -36.0;
  optics.focal_spread.value = 6.0 * std::numbers::sqrt2;
  optics.blur.value = 0.15;
  return optics;
}

struct Scene {
  std::vector<Vec3> truth;
  std::vector<Vec2> flat;
  Topology topology;
  PaddedField field = padded_field(size, size, {Length{step}, Length{step}}, true);
  std::shared_ptr<const imaging::FresnelModel> model;
  Array<float, 2> counts{{size, size}};

  explicit Scene(const Optics& optics = good_optics(), std::uint64_t seed = 1) {
    const double a = std::sqrt(3.0) * bond_length;
    for (int i = -20; i <= 20; ++i) {
      for (int j = -20; j <= 20; ++j) {
        for (const double shift : {0.0, bond_length}) {
          const double x = a * (i + 0.5 * j), y = 1.5 * bond_length * j + shift;
          if (std::hypot(x, y) > 10.5) continue;
          const double height = 0.7, k = 0.25;
          const double shrunk =
              x - 0.25 * height * height * k * k * (x + std::sin(2 * k * x) / (2 * k));
          truth.push_back({shrunk + middle, y + middle, height * std::sin(k * x)});
        }
      }
    }
    for (const Vec3& p : truth) flat.push_back({p[0], p[1]});
    topology = connect(flat);
    model = std::make_shared<imaging::FresnelModel>(field.field, optics);
    imaging::FresnelModel::Scratch scratch;
    Array<float, 2> image({size, size});
    model->image(truth, image.view(), scratch);
    Rng rng(seed);
    for (Index n = 0; n < image.size(); ++n) {
      counts.data()[n] =
          static_cast<float>(rng.poisson(dose * static_cast<double>(image.data()[n])));
    }
  }
  FrameLikelihood likelihood() const { return {model, field, counts.view(), {1.0, 0.0, true}}; }
  std::vector<double> coordinates() const {
    std::vector<double> all;
    for (const Vec3& p : truth) all.insert(all.end(), p.begin(), p.end());
    return all;
  }
};

TEST(FrameLikelihood, GradientIsAFiniteDifference) {
  const Scene scene;
  FrameLikelihood likelihood = scene.likelihood();
  std::vector<double> at = scene.coordinates(), gradient(at.size(), 0.0);
  for (std::size_t k = 0; k < at.size(); ++k) at[k] += 0.05 * std::sin(static_cast<double>(k));
  likelihood.value(at, gradient);
  for (const std::size_t k : {std::size_t{9}, std::size_t{100}, std::size_t{200}}) {
    const double h = k % 3 == 2 ? 0.1 : 0.01;
    std::vector<double> moved = at;
    moved[k] += h;
    const double high = likelihood.value(moved, {});
    moved[k] -= 2 * h;
    const double low = likelihood.value(moved, {});
    EXPECT_NEAR(gradient[k], (high - low) / (2 * h), 0.02 * std::abs(gradient[k]) + 0.5) << k;
  }
}

TEST(FrameLikelihood, ChiSquaredOfTheTruthIsOne) {
  const Scene scene;
  FrameLikelihood likelihood = scene.likelihood();
  likelihood.value(scene.coordinates(), {});
  EXPECT_NEAR(likelihood.chi_squared(), 1.0, 4.0 * std::sqrt(2.0 / (size * size)));
  EXPECT_NEAR(likelihood.mean_counts(), dose, 1.5);
}

TEST(FisherTable, IsTheCurvatureOfTheExpectedLikelihood) {
  // With mean counts in place of counts, the likelihood's second difference is the information.
  Scene scene;
  FrameLikelihood first = scene.likelihood();
  first.value(scene.coordinates(), {});
  scene.counts = first.expected();
  FrameLikelihood likelihood = scene.likelihood();
  const std::vector<double> at = scene.coordinates();
  const double zero = likelihood.value(at, {});
  const FisherTable table(*scene.model, likelihood.information(), 0.0, 8.0);
  const FisherTable::Block self = table.block(0.0, 0.0);
  for (int axis = 0; axis < 3; ++axis) {
    const std::size_t k = 3 * 60 + static_cast<std::size_t>(axis);
    const double h = axis == 2 ? 1.0 : 0.05;
    std::vector<double> moved = at;
    moved[k] += h;
    const double high = likelihood.value(moved, {});
    moved[k] -= 2 * h;
    const double low = likelihood.value(moved, {});
    const double curvature = (high + low - 2 * zero) / (h * h);
    EXPECT_NEAR(self[axis][axis], curvature, 0.2 * curvature) << axis;
  }
}

TEST(Refine, FindsARippleFromAFlatStartWithHonestErrors) {
  double square = 0.0, sigma = 0.0, inside = 0.0, count = 0.0, plane = 0.0;
  for (const std::uint64_t seed : {1, 2, 3}) {
    const Scene scene(good_optics(), seed);
    FrameLikelihood likelihood = scene.likelihood();
    std::vector<Vec3> start = scene.truth;
    Rng rng(seed);
    for (Vec3& p : start) p = {p[0] + 0.05 * rng.normal(), p[1] + 0.05 * rng.normal(), 0.0};
    const Refined refined =
        refine(likelihood, scene.topology, start, {0.0, 0.0}, {}, false, {}, Rng(seed));
    EXPECT_LT(refined.mirror_probability, 0.2);
    double mean = 0.0;
    for (const Vec3& p : scene.truth) mean += p[2] / static_cast<double>(scene.truth.size());
    for (std::size_t i = 0; i < scene.truth.size(); ++i) {
      const double off = refined.positions[i][2] - (scene.truth[i][2] - mean);
      square += off * off;
      sigma += refined.sigmas[i][2] * refined.sigmas[i][2];
      inside += std::abs(off) < refined.sigmas[i][2] ? 1.0 : 0.0;
      plane += std::pow(refined.positions[i][0] - scene.truth[i][0], 2);
      count += 1.0;
    }
  }
  EXPECT_LT(std::sqrt(square / count), 0.3);  // of a ripple of 0.49 A rms
  EXPECT_LT(std::sqrt(plane / count), 0.03);
  EXPECT_GT(inside / count, 0.5);
  EXPECT_LT(std::sqrt(square / count), 1.4 * std::sqrt(sigma / count));
}

TEST(Calibrate, FindsAstigmatismComaAndFocalSpreadFromKnownAtoms) {
  Optics truth = good_optics();
  truth.c12 = {12.0, 0.3};
  truth.c21 = {400.0, 1.0};
  const Scene scene(truth);
  const Optics told = good_optics();
  const OpticsVector sigmas{10.0, 0.0, 12.0, 12.0, 400.0, 400.0, 400.0, 400.0, 1.0, 0.05};
  const CalibrationFrame frame{scene.counts.view(), &scene.truth};
  Optics optics = told;
  Calibration found;
  for (int round = 0; round < 5; ++round) {
    found = calibrate({&frame, 1}, scene.field, {1.0, 0.0, true}, optics, to_vector(told), sigmas);
    optics = found.optics;
  }
  const OpticsVector expected = to_vector(truth), values = to_vector(optics);
  for (int p = 0; p < optics_parameters; ++p) {
    EXPECT_NEAR(values[p], expected[p], 4.0 * found.sigmas[p] + 1e-6) << p;
  }
}

}  // namespace
}  // namespace kinema::atoms
