// Truths of a simulated movie of fibres.
#include "kinema/simulate/fibres.h"

#include "kinema/simulate/fibre_image.h"

#include <gtest/gtest.h>

#include "scene.h"
#include <algorithm>
#include <cmath>
#include <limits>

namespace kinema::simulate {
namespace {

/// One straight fibre along x, in the middle of a view of 64 x 96 pixels, on a film without
/// texture.
std::vector<float> profile(const Fibre& fibre, const FibrePose& pose) {
  const SupportFilm film(96, 0.0, 5.0, 20000.0, Rng{1});
  const FibreImage image({&fibre, 1}, {&pose, 1}, 64, 96, film);
  std::vector<float> column;
  for (Index y = 0; y < 64; ++y) {
    std::vector<float> row(96, 1.0F);
    image.darken_row(y, row);
    column.push_back(row[48]);
  }
  return column;
}

Fibre solid(double radius) {
  Fibre fibre;
  fibre.radius = radius;
  fibre.absorption = 0.012;
  fibre.end = std::numeric_limits<double>::infinity();
  return fibre;
}

TEST(Fibres, TheShadowOfASolidFibreIsThatOfACylinder) {
  const auto column = profile(solid(15.0), {.origin = {48.0, 32.0}});
  for (const int d : {0, 5, 10}) {
    const double carbon = 2.0 * std::sqrt(15.0 * 15.0 - d * d);
    EXPECT_NEAR(column[static_cast<std::size_t>(32 + d)], std::exp(-0.012 * carbon), 1e-5);
    EXPECT_FLOAT_EQ(column[static_cast<std::size_t>(32 + d)],
                    column[static_cast<std::size_t>(32 - d)]);
  }
  EXPECT_FLOAT_EQ(column[5], 1.0F);   // far off
  EXPECT_GT(column[32 + 17], 1.02F);  // the Fresnel fringe
}

TEST(Fibres, AHollowFibreIsBrighterAlongItsMiddle) {
  Fibre hollow = solid(15.0);
  hollow.core = 7.0;
  const auto column = profile(hollow, {.origin = {48.0, 32.0}});
  EXPECT_NEAR(column[32], std::exp(-0.012 * 2.0 * 8.0), 1e-5);
  EXPECT_GT(column[32], column[32 + 8]);
}

TEST(Fibres, ABendShiftsTheMiddle) {
  FibrePose pose{.origin = {48.0, 32.0}};
  pose.bend[0] = 9.0;
  const auto bent = profile(solid(8.0), pose);
  EXPECT_EQ(std::min_element(bent.begin(), bent.end()) - bent.begin(), 32 + 9);
}

TEST(Fibres, DiametersAreWithinTheirBounds) {
  FibreOptions options;
  options.frames = 1;
  options.fibres = 300.0;
  const FibreMovie movie(options, Rng{2});
  ASSERT_EQ(movie.truth().fibres.size(), 300U);
  for (const Fibre& fibre : movie.truth().fibres) {
    EXPECT_GE(2.0 * fibre.radius, 10.0 - 1e-9);
    EXPECT_LE(2.0 * fibre.radius, 60.0 + 1e-9);
    EXPECT_LT(fibre.core, fibre.radius);
  }
}

TEST(Fibres, WithoutMotionAndBendingNothingMoves) {
  FibreOptions options;
  options.frames = 8;
  options.height = options.width = 96;
  options.motion = options.bending = 0.0;
  const FibreMovie movie(options, Rng{3});
  EXPECT_EQ(clean_frame(movie, 0), clean_frame(movie, 7));
}

/// However long the movie, fibres swing about where they began: sd 15 pixels for the softest bend.
TEST(Fibres, BendsStayBounded) {
  FibreOptions options;
  options.height = options.width = 64;
  options.frames = 4000;
  options.fibres = 10.0;
  options.motion = 0.0;
  const FibreMovie movie(options, Rng{4});
  double widest = 0.0;
  for (Index t = 0; t < options.frames; ++t) {
    for (Index i = 0; i < 10; ++i) {
      const double away = movie.truth().poses(t, i).bend[1] - movie.truth().poses(0, i).bend[1];
      widest = std::max(widest, std::abs(away));
    }
  }
  EXPECT_GT(widest, 10.0);
  EXPECT_LT(widest, 100.0);
}

TEST(Fibres, OptionsThatMakeNoSenseAreRefused) {
  FibreOptions thin, crossed;
  thin.thinnest = Length{10.0};  // 2 pixels
  crossed.thickest = Length{40.0};
  EXPECT_THROW(FibreMovie(thin, Rng{1}), InputError);
  EXPECT_THROW(FibreMovie(crossed, Rng{1}), InputError);
}

}  // namespace
}  // namespace kinema::simulate
