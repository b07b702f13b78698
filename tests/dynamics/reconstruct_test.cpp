// Whole reconstructions of small simulated movies of blobs: what moves is found, what does not move
// stays.
#include "kinema/dynamics/reconstruct.h"

#include <gtest/gtest.h>

#include "dynamics/swinging_blobs.h"

namespace kinema::dynamics {
namespace {

using test::box;
using test::frames;
using test::judged;
using test::movie;
using test::truth;

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

TEST(Reconstruct, HalvesOfAMovieAgreeOnWhatMovesAndOnNothingElse) {
  Progress silent;
  ReconstructOptions options = small(Model::low_rank);
  options.latents = 2;
  options.half_sets = true;
  const auto mean_of = [](const std::vector<double>& curve, std::size_t shells) {
    double sum = 0.0;
    for (std::size_t s = 1; s <= shells; ++s) sum += curve.at(s) / static_cast<double>(shells);
    return sum;
  };
  const Reconstruction moving = reconstruct(movie(8.0, 0.02), options, Rng(1), silent);
  ASSERT_TRUE(moving.half_sets);
  EXPECT_EQ(moving.half_sets->volumes.size(), 8U);
  EXPECT_GT(mean_of(moving.half_sets->volumes, 4), 0.9);
  EXPECT_GT(mean_of(moving.half_sets->differences, 4), 0.5);
  const Reconstruction still = reconstruct(movie(0.0, noise), options, Rng(1), silent);
  EXPECT_GT(mean_of(still.half_sets->volumes, 4), 0.9);
  EXPECT_LT(mean_of(still.half_sets->differences, 4), 0.3);
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
