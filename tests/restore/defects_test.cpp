// Truths of bad pixels and of dark and flat fields: what was planted is found, and nothing else.
#include "kinema/restore/defects.h"

#include "kinema/restore/flat_field.h"

#include <gtest/gtest.h>

#include "restore/scene.h"

namespace kinema::restore {
namespace {

Defects defects_in(const Array<float, 3>& movie) {
  PixelStatistics statistics(movie.shape()[1], movie.shape()[2]);
  for (Index t = 0; t < movie.shape()[0]; ++t) statistics.add(movie[t]);
  return find_defects(statistics);
}

TEST(Defects, ThoseThatWerePlantedAreFoundAndFilled) {
  const Array<float, 3> clean = movie_of({24, 64, 72});
  Array<float, 3> movie = with_noise(clean, 10.0, 1);
  Rng rng(2);
  for (Index t = 0; t < 24; ++t) {
    movie(t, 10, 12) = 0.0F;                                      // dead
    movie(t, 40, 50) = 4000.0F;                                   // hot
    movie(t, 40, 51) = 3900.0F;                                   // and its neighbour
    movie(t, 60, 5) += static_cast<float>(300.0 * rng.normal());  // noisy
    movie(t, 0, 0) = 1000.0F;                                     // in the corner
  }
  const Defects defects = defects_in(movie);
  EXPECT_EQ(defects.dead, 1);
  EXPECT_EQ(defects.hot, 3);
  EXPECT_EQ(defects.noisy, 1);
  for (const auto& [y, x] : {std::pair{10, 12}, {40, 50}, {40, 51}, {60, 5}, {0, 0}}) {
    EXPECT_EQ(defects.bad(y, x), 1) << y << ", " << x;
  }
  inpaint(movie[3], defects);
  EXPECT_LT(std::abs(movie(3, 40, 50) - clean(3, 40, 50)), 60.0F);
  EXPECT_LT(std::abs(movie(3, 10, 12) - clean(3, 10, 12)), 60.0F);
}

TEST(Defects, CleanMoviesHaveNone) {
  EXPECT_EQ(defects_in(with_noise(movie_of({24, 96, 96}), 10.0, 3)).count(), 0);
  EXPECT_EQ(defects_in(with_noise(movie_of({24, 96, 96}, 0, 0, blobs), 10.0, 4)).count(), 0);
  for (const double dose : {0.0005, 0.01, 0.3}) {
    Array<float, 3> counts({20, 96, 96});
    Rng rng(5);
    for (float& pixel : counts.flat()) pixel = static_cast<float>(rng.poisson(dose));
    EXPECT_EQ(defects_in(counts).count(), 0) << dose;
  }
}

TEST(FlatField, UndoesWhatTheDetectorDid) {
  const Array<float, 3> clean = movie_of({1, 32, 40});
  Array<float, 3> recorded = clean;
  Array<float, 2> dark({32, 40}), flat({32, 40});
  Rng rng(6);
  for (Index i = 0; i < dark.size(); ++i) {
    dark.data()[i] = static_cast<float>(100.0 + 5.0 * rng.normal());
    flat.data()[i] = static_cast<float>(500.0 + 20.0 * rng.normal());
    recorded.data()[i] = recorded.data()[i] * flat.data()[i] / 500.0F + dark.data()[i];
  }
  const Calibration calibration = make_calibration(dark, flat, 32, 40);
  calibrate(recorded[0], calibration);
  const float scale = recorded(0, 0, 0) / clean(0, 0, 0);  // the flat's median
  EXPECT_NEAR(scale, 1.0, 0.01);
  for (Index i = 0; i < dark.size(); ++i) {
    EXPECT_NEAR(recorded.data()[i], scale * clean.data()[i], 1e-2);
  }
}

TEST(FlatField, RefusesWhatDoesNotFit) {
  EXPECT_THROW(make_calibration(Array<float, 2>({8, 8}), {}, 8, 9), InputError);
  EXPECT_THROW(make_calibration({}, Array<float, 2>({8, 8}), 8, 8), InputError);  // all dark
}

TEST(FlatField, AGainReferenceIsOneOverAFlat) {
  Array<float, 2> flat({4, 4}, 2.0F), gain({4, 4}, 0.5F);
  flat(1, 2) = 4.0F;
  gain(1, 2) = 0.25F;
  gain(3, 3) = 0.0F;
  flat(3, 3) = 0.0F;
  invert_gain(gain.view());
  for (Index i = 0; i < 16; ++i) EXPECT_EQ(gain.data()[i], flat.data()[i]);
}

TEST(FlatField, UnlitPixelsAreDead) {
  Array<float, 2> flat({8, 8}, 100.0F);
  flat(3, 3) = 1.0F;
  const Calibration calibration = make_calibration({}, flat, 8, 8);
  EXPECT_EQ(calibration.unlit, 1);
  EXPECT_EQ(calibration.factor(3, 3), 0.0F);
}

}  // namespace
}  // namespace kinema::restore
