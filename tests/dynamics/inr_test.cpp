// inr-dvae: its divergence against Monte Carlo, resuming, what it finds, and its way from answers
// to volumes. Skipped where the LibTorch module was not built.
#include "kinema/dynamics/inr.h"

#include "kinema/base/fft.h"
#include "kinema/base/module.h"
#include "kinema/base/parallel.h"
#include "kinema/dynamics/inr_input.h"
#include "kinema/io/safetensors.h"

#include <gtest/gtest.h>

#include "dynamics/swinging_blobs.h"
#include "test_data.h"
#include <cmath>
#include <cstdlib>
#include <numbers>

namespace kinema::dynamics {
namespace {

using kinema::test::TempFolder;
using test::box;
using test::frames;
using test::movie;

constexpr double noise = 0.05;

class Inr : public testing::Test {
 protected:
  void SetUp() override {
    setenv("KINEMA_MODULE_PATH", KINEMA_MODULES, 1);
    set_threads(1);  // networks this small gain nothing from more
    if (find_module("torch").empty()) GTEST_SKIP() << "LibTorch module not built";
  }
  void TearDown() override { unsetenv("KINEMA_MODULE_PATH"); }
};

ReconstructOptions small() {
  ReconstructOptions options;
  options.model = Model::inr_dvae;
  options.latents = 1;
  options.inr.width = 32;
  options.inr.depth = 1;
  options.inr.features = 48;
  options.inr.modes = 3;
  options.inr.encoder_width = 24;
  options.inr.sequence_length = 16;
  options.inr.batch = 4;
  options.inr.learning_rate = 4e-3;
  options.inr.epochs = 12;
  return options;
}

/// Asks to stop after some epochs.
class Impatient : public Progress {
 public:
  explicit Impatient(Index epochs) : left_(epochs) {}
  void advance(Index steps) override {
    left_ -= steps;
    if (left_ <= 0) request_stop();
  }

 private:
  Index left_;
};

double log_density(double x, double mean, double deviation) {
  const double scaled = (x - mean) / deviation;
  return -0.5 * scaled * scaled - std::log(deviation);
}

TEST_F(Inr, TheTransitionsDivergenceIsThatOfMonteCarlo) {
  FrameSpectra spectra = spectra_of(movie(8.0, noise));
  Progress silent;
  const LowRankModel start = fit_low_rank(spectra, {.latents = 0}, Rng(1), silent);
  const nn::InrMovie input = inr_movie(spectra, start, profile_of(start), 24, Rng(2));
  auto* make = module_function<nn::InrDvae*(const nn::InrMovie&, const nn::InrSettings&)>(
      "torch", nn::inr_dvae_symbol, "");
  const std::unique_ptr<nn::InrDvae> network(make(
      input, {.latents = 2, .width = 16, .depth = 1, .modes = 3, .encoder_width = 16, .seed = 3}));
  network->train(0);
  // KL(q || p) = E_q[log q - log p] over whole paths, each z_t's prior told by z_(t-1).
  const int draws = 2000;
  const Index length = 8;
  double counted = 0.0, sampled = 0.0, square = 0.0;
  for (int draw = 0; draw < draws; ++draw) {
    const nn::InrPath path = network->path(40, length, static_cast<std::uint64_t>(draw));
    counted += path.divergence / draws;
    double one = 0.0;
    for (Index i = 0; i < path.latents.size(); ++i) {
      const auto z = static_cast<double>(path.latents.data()[i]);
      const auto at = [i](const Array<float, 2>& array) {
        return static_cast<double>(array.data()[i]);
      };
      one += log_density(z, at(path.mean), at(path.deviation)) -
             log_density(z, at(path.prior_mean), at(path.prior_deviation));
    }
    sampled += one / draws;
    square += one * one / draws;
  }
  const double error = std::sqrt((square - sampled * sampled) / draws);
  EXPECT_GT(counted, 0.5);
  EXPECT_LT(error, 0.05 * counted);
  EXPECT_NEAR(counted, sampled, 4.0 * error);
}

TEST_F(Inr, ResumingEqualsNeverHavingStopped) {
  const TempFolder folder;
  const Particles particles = movie(8.0, noise);
  ReconstructOptions options = small();
  options.inr.epochs = 3;
  options.checkpoint = folder / "whole.safetensors";
  Progress silent;
  const Reconstruction whole = reconstruct(particles, options, Rng(1), silent);
  options.checkpoint = folder / "part.safetensors";
  Impatient impatient(1);
  EXPECT_THROW(reconstruct(particles, options, Rng(1), impatient), Interrupted);
  options.inr.resume = options.checkpoint.string();
  const Reconstruction resumed = reconstruct(particles, options, Rng(1), silent);
  EXPECT_EQ(whole.curves.misfit, resumed.curves.misfit);
  EXPECT_EQ(whole.held_out, resumed.held_out);
  EXPECT_EQ(whole.best_epoch, resumed.best_epoch);
  ASSERT_EQ(whole.latents.mean.size(), resumed.latents.mean.size());
  for (Index i = 0; i < whole.latents.mean.size(); ++i) {
    ASSERT_EQ(whole.latents.mean.data()[i], resumed.latents.mean.data()[i]) << i;
  }
  const io::TensorFile one = io::read_safetensors(folder / "whole.safetensors"),
                       other = io::read_safetensors(folder / "part.safetensors");
  ASSERT_EQ(one.tensors.size(), other.tensors.size());
  for (std::size_t i = 0; i < one.tensors.size(); ++i) {
    EXPECT_EQ(one.tensors[i].values, other.tensors[i].values) << one.tensors[i].name;
  }

  options.inr.width = 33;
  EXPECT_THROW(reconstruct(particles, options, Rng(1), silent), InputError);
}

TEST_F(Inr, WhatMovesIsFoundInOrderOfTime) {
  Progress silent;
  const Reconstruction result = reconstruct(movie(8.0, noise), small(), Rng(1), silent);
  const Evaluation judged = test::judged(result, 8.0);
  EXPECT_GT(judged.area, 0.6);
  EXPECT_GT(judged.dynamic_area, 0.2);
  EXPECT_GT(judged.latent_correlation.value_or(0.0), 0.95);
}

TEST_F(Inr, AMovieWithoutMotionGivesNone) {
  Progress silent;
  ReconstructOptions options = small();
  options.inr.epochs = 4;
  const Reconstruction result = reconstruct(movie(0.0, noise), options, Rng(1), silent);
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
}

TEST_F(Inr, EveryWayToTrainRuns) {
  const Particles particles = movie(8.0, noise);
  Progress silent;
  ReconstructOptions options = small();
  options.inr.epochs = 2;
  options.inr.stride = 6;
  options.inr.sequence_length = 20;
  options.prior = Prior::independent;
  options.inr.static_epochs = 1;
  options.inr.free_bits = 0.1;
  options.inr.modes = 0;
  const Reconstruction result = reconstruct(particles, options, Rng(1), silent);
  EXPECT_EQ(result.held_out.size(), 2U);
  EXPECT_EQ(result.curves.divergence.at(0), 0.0);  // nothing moves yet
  EXPECT_GT(result.curves.divergence.at(1), 0.0);
}

TEST_F(Inr, ADeviceThatIsNotThereIsRefused) {
  Progress silent;
  ReconstructOptions options = small();
  for (const char* device : {"cuda:99", "abacus"}) {
    options.inr.device = device;
    EXPECT_THROW(reconstruct(movie(0.0, 1.0), options, Rng(1), silent), InputError) << device;
  }
}

TEST(InrInput, AnswersBecomeTheVolumeThatTheyAreTheTransformOf) {
  const double length = static_cast<double>(box), sigma = 1.5;
  const Vec3 centre{2.0, -1.0, 1.5};  // voxels
  const Array<float, 2> places = half_places(box);
  Array<float, 2> answers({places.shape()[0], 2});
  for (Index i = 0; i < places.shape()[0]; ++i) {
    double phase = 0.0, square = 0.0;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const auto k = static_cast<double>(places(i, static_cast<Index>(axis))) / length;
      phase -= 2.0 * std::numbers::pi * k * centre[axis];
      square += k * k;
    }
    const double size = std::exp(-2.0 * std::pow(std::numbers::pi * sigma, 2) * square);
    answers(i, Index{0}) = static_cast<float>(0.5 * size * std::cos(phase));
    answers(i, Index{1}) = static_cast<float>(0.5 * size * std::sin(phase));
  }
  const Array<float, 3> volume = volume_of(places, answers, std::vector<float>(box / 2, 2.0F));
  const double peak = std::pow(2.0 * std::numbers::pi * sigma * sigma, -1.5);
  for (Index i = 0; i < volume.size(); ++i) {
    const double x = static_cast<double>(i % box - box / 2) - centre[0],
                 y = static_cast<double>(i / box % box - box / 2) - centre[1],
                 z = static_cast<double>(i / box / box - box / 2) - centre[2];
    EXPECT_NEAR(volume.data()[i],
                peak * std::exp(-0.5 * (x * x + y * y + z * z) / (sigma * sigma)),
                1e-3 * peak);
  }
}

TEST(InrInput, OptionsOutOfRangeAreRefused) {
  Progress silent;
  const auto refused = [&](auto change) {
    ReconstructOptions options = small();
    change(options);
    EXPECT_THROW(reconstruct(movie(0.0, 1.0), options, Rng(1), silent), InputError);
  };
  refused([](ReconstructOptions& o) { o.inr.width = 0; });
  refused([](ReconstructOptions& o) { o.inr.stride = 200; });
  refused([](ReconstructOptions& o) { o.prior = Prior::kalman; });
  refused([](ReconstructOptions& o) {
    o.model = Model::low_rank;
    o.prior = Prior::gated;
  });
  refused([](ReconstructOptions& o) {
    o.model = Model::homogeneous;
    o.inr.resume = "checkpoint.safetensors";
  });
}

}  // namespace
}  // namespace kinema::dynamics
