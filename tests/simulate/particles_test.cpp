// Truths of a simulated movie of particles in a liquid.
#include "kinema/simulate/particles.h"

#include <gtest/gtest.h>

#include "scene.h"
#include <algorithm>
#include <cmath>

namespace kinema::simulate {
namespace {

ParticleOptions free_particles() {
  ParticleOptions options;
  options.frames = 65;
  options.particles = 1500.0;
  options.sticking = 0.0;
  options.motion = 0.0;
  return options;
}

enum class Size { small, large };

/// Sum and number of the squared displacements over `lag` frames of particles below or above the
/// middle size, each times its diameter over the middle one.
struct Displacement {
  double sum = 0.0, count = 0.0;
};
Displacement displacement(const ParticleSet& set, Index lag, Size size, double typical) {
  Displacement total;
  for (Index t = 0; t + lag < set.poses.shape()[0]; t += lag) {
    for (std::size_t i = 0; i < set.particles.size(); ++i) {
      const double diameter = 2.0 * set.particles[i].radius;
      if ((diameter > typical) != (size == Size::large)) continue;
      const auto at = static_cast<Index>(i);
      const Vec2 moved = set.poses(t + lag, at).centre - set.poses(t, at).centre;
      total.sum += std::pow(norm(moved), 2) * diameter / typical;
      total.count += 1.0;
    }
  }
  return total;
}

/// <r^2> = 4 D t in two dimensions, D = step^2 / 2 a frame at the middle size and like 1 /
/// diameter.
TEST(Particles, TheirSquaredDisplacementGrowsWithTimeAsAsked) {
  ParticleOptions options = free_particles();
  for (const double step : {0.4, 1.5}) {
    options.step = step;
    const ParticleMovie movie(options, Rng{1});
    const double typical = std::sqrt(8.0 * 50.0);  // pixels
    for (const Index lag : {1, 4, 16, 64}) {
      for (const Size size : {Size::small, Size::large}) {
        const Displacement seen = displacement(movie.truth(), lag, size, typical);
        const double expected = 2.0 * step * step * static_cast<double>(lag) * seen.count;
        // r^2 is exponentially distributed: its standard deviation is its mean.
        EXPECT_NEAR(seen.sum / expected, 1.0, 4.0 / std::sqrt(seen.count))
            << "after " << lag << " frames";
      }
    }
  }
}

TEST(Particles, StuckOnesKeepTheirDistance) {
  ParticleOptions options = free_particles();
  options.height = options.width = 256;
  options.particles = 60.0;
  options.sticking = 1.0;
  options.step = 2.0;
  const ParticleMovie movie(options, Rng{3});
  const ParticleSet& set = movie.truth();
  int stuck = 0;
  for (Index i = 0; i < static_cast<Index>(set.particles.size()); ++i) {
    for (Index j = i + 1; j < static_cast<Index>(set.particles.size()); ++j) {
      const auto apart = [&](Index t) {
        return norm(set.poses(t, j).centre - set.poses(t, i).centre);
      };
      const double reach = set.particles[static_cast<std::size_t>(i)].radius +
                           set.particles[static_cast<std::size_t>(j)].radius;
      if (apart(32) < 0.9 * reach) {  // touching halfway: stuck from then on
        ++stuck;
        EXPECT_NEAR(apart(64), apart(32), 1e-9);
      }
    }
  }
  EXPECT_GT(stuck, 5);
}

TEST(Particles, WhatLeavesTheViewComesInAtTheOtherSide) {
  ParticleSet set;
  set.box = {100.0, 80.0};
  const Vec2 at = set.in_box({-31.0, 171.0}, 20.0);
  EXPECT_DOUBLE_EQ(at.x, 69.0);
  EXPECT_DOUBLE_EQ(at.y, 11.0);
  EXPECT_DOUBLE_EQ(set.in_box({-9.0, 0.0}, 20.0).x, -9.0);  // within the margin
}

TEST(Particles, TheLiquidIsThickestInTheMiddle) {
  ParticleOptions options;
  options.frames = 1;
  options.particles = 0.0;
  options.film = 0.0;
  options.liquid = 0.2;
  const auto frame = clean_frame(ParticleMovie(options, Rng{4}), 0);
  const float middle = frame[192 * 384 + 192];
  EXPECT_NEAR(middle / frame[0], 0.8, 1e-3);
  EXPECT_FLOAT_EQ(*std::min_element(frame.begin(), frame.end()), middle);
}

TEST(Particles, OptionsThatMakeNoSenseAreRefused) {
  const auto refused = [](auto change) {
    ParticleOptions options;
    change(options);
    EXPECT_THROW(ParticleMovie(options, Rng{1}), InputError);
  };
  refused([](ParticleOptions& o) { o.smallest = Length{10.0}; });  // 2 pixels
  refused([](ParticleOptions& o) { o.largest = Length{30.0}; });
  refused([](ParticleOptions& o) { o.sticking = 1.5; });
  refused([](ParticleOptions& o) { o.step = -1.0; });
  refused([](ParticleOptions& o) { o.liquid = 1.0; });
}

}  // namespace
}  // namespace kinema::simulate
