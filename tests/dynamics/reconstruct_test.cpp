// Whole reconstructions of small simulated movies of blobs: what moves is found, what does not move
// stays.
#include "kinema/dynamics/reconstruct.h"

#include "kinema/dynamics/evaluate.h"
#include "kinema/imaging/particle_ctf.h"
#include "kinema/imaging/projection.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace kinema::dynamics {
namespace {

constexpr Index box = 16, frames = 300;
constexpr double pixel = 4.0, width = 4.5;  // angstrom

/// Eleven blobs at rest, and one of twice their weight that swings along x by `swing` angstrom.
std::vector<Vec3> places(double swing, double phase) {
  std::vector<Vec3> out;
  Rng rng(21);
  for (int i = 0; i < 11; ++i) {
    out.push_back({rng.uniform(-14, 14), rng.uniform(-14, 14), rng.uniform(-14, 0)});
  }
  const Vec3 swinging{swing * std::cos(phase), 0.0, 13.0};
  out.push_back(swinging);
  out.push_back(swinging);
  return out;
}

double phase_at(Index t) {
  return 2.0 * std::numbers::pi * static_cast<double>(t) / 75.0;
}

Particles movie(double swing, double noise) {
  Rng rng(22);
  const imaging::SliceLattice lattice = imaging::slice_lattice(box);
  const double length = static_cast<double>(box) * pixel;
  Particles particles;
  particles.images = Array<float, 3>({frames, box, box});
  particles.pixel_size = Length{pixel};
  std::vector<Complex> spectrum(static_cast<std::size_t>(lattice.size()));
  for (Index t = 0; t < frames; ++t) {
    const Pose pose{random_rotation(rng), {4.0 * rng.normal(), 4.0 * rng.normal()}};
    const FrameCtf ctf{.defocus_u = 9000, .defocus_v = 9500, .cs = 2.7e7};
    for (std::size_t s = 0; s < spectrum.size(); ++s) {
      const double kx = lattice.kx[s] / length, ky = lattice.ky[s] / length;
      std::complex<double> sum = 0.0;
      for (const Vec3& place : places(swing, phase_at(t))) {
        const Vec3 lab = pose.lab_from_body * place;
        sum += std::polar(1.0,
                          -2.0 * std::numbers::pi *
                              (kx * (lab[0] - pose.shift[0]) + ky * (lab[1] - pose.shift[1])));
      }
      sum *= imaging::particle_ctf(ctf, kx, ky) *
             std::exp(-2.0 * std::pow(std::numbers::pi * width, 2) * (kx * kx + ky * ky));
      spectrum[s] = Complex(sum);
    }
    const Array<float, 2> image = imaging::image_of_spectrum(spectrum.data(), lattice);
    for (Index i = 0; i < box * box; ++i) {
      particles.images[t].data()[i] = image.data()[i] + static_cast<float>(noise * rng.normal());
    }
    particles.poses.push_back(pose);
    particles.ctfs.push_back(ctf);
  }
  return particles;
}

Volume truth(double swing, Index t) {
  Volume volume{.density = Array<float, 3>({box, box, box}), .voxel_size = Length{pixel}};
  for (const Vec3& place : places(swing, phase_at(t))) {
    for (Index i = 0; i < volume.density.size(); ++i) {
      const double x = pixel * static_cast<double>(i % box - box / 2) - place[0],
                   y = pixel * static_cast<double>(i / box % box - box / 2) - place[1],
                   z = pixel * static_cast<double>(i / box / box - box / 2) - place[2];
      volume.density.data()[i] +=
          static_cast<float>(std::exp(-0.5 * (x * x + y * y + z * z) / (width * width)));
    }
  }
  return volume;
}

Evaluation judged(const Reconstruction& result, double swing) {
  EvaluateInput input;
  for (Index t = 0; t < frames; t += 23) input.frames.push_back(t);
  input.found = [&](std::size_t i) { return result.volumes->at(input.frames[i]); };
  input.truth = [&](std::size_t i) { return truth(swing, input.frames[i]); };
  input.latents = result.latents.mean;
  for (Index t = 0; t < frames; ++t) input.coordinate.push_back(std::cos(phase_at(t)));
  return evaluate(input);
}

ReconstructOptions small(Model model) {
  ReconstructOptions options;
  options.model = model;
  options.latents = 1;
  options.gaussians = 60;
  options.ensemble = 1;
  options.epochs = 15;
  return options;
}

constexpr double noise = 0.05;

TEST(Reconstruct, EachModelFindsMoreThanTheOneBefore) {
  Progress silent;
  const Particles particles = movie(8.0, noise);
  const auto score = [&](Model model) {
    return judged(reconstruct(particles, small(model), Rng(1), silent), 8.0);
  };
  const Evaluation still = score(Model::homogeneous), low = score(Model::low_rank),
                   moving = score(Model::gaussians);
  EXPECT_GT(still.area, 0.6);
  EXPECT_EQ(still.dynamic_area, 0.0);
  EXPECT_GT(low.area, still.area);
  EXPECT_GT(low.dynamic_area, 0.3);
  EXPECT_GT(low.latent_correlation.value_or(0.0), 0.97);
  EXPECT_GT(moving.area, still.area);
  EXPECT_GT(moving.dynamic_area, low.dynamic_area);
  EXPECT_GT(moving.latent_correlation.value_or(0.0), 0.97);
}

TEST(Reconstruct, AMovieWithoutMotionGivesNone) {
  Progress silent;
  const Reconstruction result =
      reconstruct(movie(0.0, noise), small(Model::gaussians), Rng(1), silent);
  const Volume first = result.volumes->at(0);
  double change = 0.0, power = 0.0;
  for (Index t = 20; t < frames; t += 40) {
    const Volume later = result.volumes->at(t);
    for (Index i = 0; i < first.density.size(); ++i) {
      change += std::pow(static_cast<double>(later.density.data()[i] - first.density.data()[i]), 2);
      power += std::pow(static_cast<double>(first.density.data()[i]), 2);
    }
  }
  EXPECT_LT(change / power, 0.01);
  EXPECT_GT(judged(result, 0.0).area, 0.8);
}

TEST(Reconstruct, OptionsOutOfRangeAreRefused) {
  Progress silent;
  ReconstructOptions options = small(Model::low_rank);
  options.latents = 9;
  EXPECT_THROW(reconstruct(movie(0.0, 1.0), options, Rng(1), silent), InputError);
  Particles short_movie = movie(0.0, 1.0);
  short_movie.images = Array<float, 3>({4, box, box});
  EXPECT_THROW(reconstruct(short_movie, small(Model::low_rank), Rng(1), silent), InputError);
}

}  // namespace
}  // namespace kinema::dynamics
