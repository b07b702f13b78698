// Gaussians: derivatives against finite differences, projections against the volume.
#include "kinema/dynamics/gaussian_model.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kinema::dynamics {
namespace {

constexpr Index box = 16;

GaussianModel random_model(Rng& rng) {
  GaussianModel model(6, 2, box, 3_A);
  std::vector<float>& p = model.parameters();
  for (std::size_t i = 0; i < p.size(); ++i) {
    const bool centre = i < model.amplitudes_at();
    p[i] = static_cast<float>((centre ? 6.0 : 0.5) * rng.normal());
    if (i >= model.widths_at() && i < model.modes_at()) p[i] = 1.2F;
  }
  return model;
}

/// sum Re(conj(weights) spectrum)
double reading(const GaussianModel& model,
               const imaging::SliceLattice& lattice,
               const double* latents,
               const Rotation& rotation,
               const std::vector<Complex>& weights) {
  GaussianImage image(model, lattice);
  std::vector<Complex> f(weights.size());
  image.project(latents, rotation, f.data());
  double sum = 0.0;
  for (std::size_t s = 0; s < f.size(); ++s) {
    sum += static_cast<double>((std::conj(weights[s]) * f[s]).real());
  }
  return sum;
}

class GaussianModelTest : public ::testing::Test {
 protected:
  Rng rng{11};
  GaussianModel model = random_model(rng);
  imaging::SliceLattice lattice = imaging::slice_lattice(box);
  Rotation rotation = random_rotation(rng);
  std::vector<Complex> weights;
  double latents[2] = {0.4, -0.7};

  void SetUp() override {
    for (Index s = 0; s < lattice.size(); ++s) {
      weights.emplace_back(static_cast<float>(rng.normal()), static_cast<float>(rng.normal()));
    }
  }
};

TEST_F(GaussianModelTest, TheGradientIsThatOfFiniteDifferences) {
  GaussianImage image(model, lattice);
  std::vector<Complex> f(weights.size());
  image.project(latents, rotation, f.data());
  std::vector<float> gradient(model.parameters().size());
  image.add_gradient(weights.data(), gradient);
  for (std::size_t i = 0; i < gradient.size(); i += 5) {
    constexpr float h = 1e-2F;
    GaussianModel more = model, less = model;
    more.parameters()[i] += h;
    less.parameters()[i] -= h;
    const double slope = (reading(more, lattice, latents, rotation, weights) -
                          reading(less, lattice, latents, rotation, weights)) /
                         (2.0 * static_cast<double>(h));
    EXPECT_NEAR(static_cast<double>(gradient[i]), slope, 0.01 * std::abs(slope) + 0.03) << i;
  }
}

TEST_F(GaussianModelTest, SoIsTheDerivativeByLatents) {
  GaussianImage image(model, lattice);
  std::vector<Complex> f(weights.size());
  image.project(latents, rotation, f.data());
  for (int k = 0; k < 2; ++k) {
    image.latent_derivative(k, f.data());
    double found = 0.0;
    for (std::size_t s = 0; s < f.size(); ++s) {
      found += static_cast<double>((std::conj(weights[s]) * f[s]).real());
    }
    constexpr double h = 1e-2;
    double more[2] = {latents[0], latents[1]}, less[2] = {latents[0], latents[1]};
    more[k] += h;
    less[k] -= h;
    const double slope = (reading(model, lattice, more, rotation, weights) -
                          reading(model, lattice, less, rotation, weights)) /
                         (2.0 * h);
    EXPECT_NEAR(found, slope, 0.01 * std::abs(slope) + 0.03);
  }
}

TEST_F(GaussianModelTest, AProjectionIsTheSumOfTheVolumeAlongTheBeam) {
  const Array<float, 3> volume = model.volume(latents);
  Array<float, 2> sum({box, box});
  for (Index z = 0; z < box; ++z) {
    for (Index i = 0; i < sum.size(); ++i) sum.data()[i] += volume[z].data()[i];
  }
  GaussianImage image(model, lattice);
  std::vector<Complex> f(weights.size());
  image.project(latents, Rotation{}, f.data());
  const Array<float, 2> projected = imaging::image_of_spectrum(f.data(), lattice);
  for (Index i = 0; i < sum.size(); ++i) {
    EXPECT_NEAR(sum.data()[i], projected.data()[i], 1e-4);
  }
}

}  // namespace
}  // namespace kinema::dynamics
