// The smoother against the dense Gaussian posterior of all frames at once.
#include "kinema/dynamics/state_space.h"

#include "kinema/base/linear.h"
#include "kinema/base/rng.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace kinema::dynamics {
namespace {

constexpr Index frames = 7, latents = 2, all = frames * latents;

LatentEvidence random_evidence(Rng& rng) {
  LatentEvidence evidence(frames, latents);
  for (Index t = 0; t < frames; ++t) {
    const double a = rng.normal(), b = rng.normal(), c = rng.normal();
    evidence.precision(t, 0, 0) = a * a;
    evidence.precision(t, 0, 1) = evidence.precision(t, 1, 0) = a * b;
    evidence.precision(t, 1, 1) = b * b + c * c;
    for (Index k = 0; k < latents; ++k) evidence.pull(t, k) = 2.0 * rng.normal();
  }
  return evidence;
}

/// Covariance of all latents of all frames under the prior: a^|t - u| for each latent.
Array<double, 2> dense_prior(const LatentPrior& prior) {
  Array<double, 2> covariance({all, all});
  for (Index t = 0; t < frames; ++t) {
    for (Index u = 0; u < frames; ++u) {
      for (Index k = 0; k < latents; ++k) {
        covariance(t * latents + k, u * latents + k) = std::pow(
            prior.persistence[static_cast<std::size_t>(k)], static_cast<double>(std::abs(t - u)));
      }
    }
  }
  return covariance;
}

double invert(Array<double, 2>& a) {
  EXPECT_TRUE(cholesky(a.view()));
  double log_determinant = 0.0;
  for (Index i = 0; i < all; ++i) log_determinant += 2.0 * std::log(a(i, i));
  cholesky_invert(a.view());
  for (Index i = 0; i < all; ++i) {
    for (Index j = i + 1; j < all; ++j) a(i, j) = a(j, i);
  }
  return log_determinant;
}

TEST(StateSpace, TheSmootherIsTheDensePosterior) {
  Rng rng(7);
  const LatentEvidence evidence = random_evidence(rng);
  const LatentPrior prior{{0.9, 0.5}};
  const LatentPosterior smoothed = smooth(evidence, prior);

  Array<double, 2> covariance = dense_prior(prior);
  const double log_prior = invert(covariance);  // now the precision
  std::vector<double> pull(all);
  for (Index t = 0; t < frames; ++t) {
    for (Index i = 0; i < latents; ++i) {
      pull[static_cast<std::size_t>(t * latents + i)] = evidence.pull(t, i);
      for (Index j = 0; j < latents; ++j) {
        covariance(t * latents + i, t * latents + j) += evidence.precision(t, i, j);
      }
    }
  }
  const double log_posterior = invert(covariance);
  double squares = 0.0;
  for (Index i = 0; i < all; ++i) {
    double mean = 0.0;
    for (Index j = 0; j < all; ++j) mean += covariance(i, j) * pull[static_cast<std::size_t>(j)];
    squares += mean * pull[static_cast<std::size_t>(i)];
    const Index t = i / latents, k = i % latents;
    EXPECT_NEAR(smoothed.mean(t, k), mean, 1e-9);
    EXPECT_NEAR(smoothed.covariance(t, k, 0), covariance(i, t * latents), 1e-9);
  }
  EXPECT_NEAR(smoothed.log_evidence, 0.5 * (squares - log_prior - log_posterior), 1e-9);
}

TEST(StateSpace, WithoutPersistenceFramesStandAlone) {
  Rng rng(8);
  const LatentEvidence evidence = random_evidence(rng);
  const LatentPosterior alone = smooth(evidence, {{0.0, 0.0}});
  const double a = evidence.precision(3, 0, 0) + 1.0, b = evidence.precision(3, 0, 1),
               d = evidence.precision(3, 1, 1) + 1.0;
  EXPECT_NEAR(alone.mean(3, 0),
              (d * evidence.pull(3, 0) - b * evidence.pull(3, 1)) / (a * d - b * b),
              1e-12);
}

TEST(StateSpace, ThePersistenceOfAProcessIsFoundThroughNoise) {
  Rng rng(9);
  constexpr Index many = 5000;
  constexpr double truth = 0.95, precision = 2.0;
  LatentEvidence evidence(many, 1);
  double z = 0.0;
  for (Index t = 0; t < many; ++t) {
    z = truth * z + std::sqrt(1.0 - truth * truth) * rng.normal();
    evidence.precision(t, 0, 0) = precision;
    evidence.pull(t, 0) = precision * (z + rng.normal() / std::sqrt(precision));
  }
  LatentPrior prior{{0.5}};
  for (int i = 0; i < 5; ++i) prior = likeliest_prior(evidence, prior);
  EXPECT_NEAR(prior.persistence[0], truth, 0.012);
}

}  // namespace
}  // namespace kinema::dynamics
