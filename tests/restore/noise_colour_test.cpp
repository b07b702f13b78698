// Truths of coloured noise: it is seen where the specimen rests, and taken for what it is.
#include "kinema/restore/noise_colour.h"

#include "kinema/restore/bm3d.h"
#include "kinema/restore/restore.h"

#include <gtest/gtest.h>

#include "restore/scene.h"

namespace kinema::restore {
namespace {

/// Noise whose neighbours are alike, as a detector's blur makes it.
Array<float, 3> with_coloured_noise(const Array<float, 3>& clean, double sigma) {
  const Array<float, 3> white = with_noise(Array<float, 3>(clean.shape()), sigma, 12);
  const auto [frames, height, width] = clean.shape();
  Array<float, 3> noisy = clean;
  for (Index t = 0; t < frames; ++t) {
    for (Index y = 0; y < height; ++y) {
      for (Index x = 0; x < width; ++x) {
        const Index v = (y + 1) % height, u = (x + 1) % width;
        noisy(t, y, x) +=
            0.5F * (white(t, y, x) + white(t, v, x) + white(t, y, u) + white(t, v, u));
      }
    }
  }
  return noisy;
}

std::vector<Array<float, 2>> frames_of(const Array<float, 3>& movie) {
  std::vector<Array<float, 2>> frames;
  for (Index t = 0; t < movie.shape()[0]; ++t) frames.push_back(Array<float, 2>::copy_of(movie[t]));
  return frames;
}

TEST(NoiseColour, WhiteNoiseIsWhite) {
  const auto frames = frames_of(with_noise(movie_of({4, 160, 160}), 3.0, 2));
  const NoiseColour colour = colour_of(frames).value();
  for (const float deviation : colour.deviations) EXPECT_NEAR(deviation, 3.0, 0.5);
}

TEST(NoiseColour, BlurredNoiseIsStrongWhereItIsSmooth) {
  const auto frames = frames_of(with_coloured_noise(movie_of({4, 160, 160}), 3.0));
  const NoiseColour colour = colour_of(frames).value();
  EXPECT_NEAR(colour.deviations[0], 6.0, 1.2);  // the sum of four halves, in step
  EXPECT_LT(colour.deviations[63], 1.0);
}

TEST(NoiseColour, IsNotSeenWhereThingsMove) {
  EXPECT_FALSE(colour_of(frames_of(with_noise(movie_of({4, 160, 160}, 1.0, 2.0), 3.0, 2))));
  EXPECT_FALSE(colour_of(frames_of(with_noise(movie_of({3, 160, 160}), 3.0, 2))));
}

TEST(NoiseColour, SingleElectronsHaveNone) {
  Array<float, 3> counts({4, 96, 96});
  Rng rng(5);
  for (float& pixel : counts.flat()) pixel = static_cast<float>(rng.poisson(0.005));
  EXPECT_FALSE(colour_of(frames_of(counts)));
}

TEST(NoiseColour, AFewMovingThingsDoNotHideIt) {
  Array<float, 3> movie = with_coloured_noise(movie_of({4, 160, 160}), 3.0);
  for (Index t = 0; t < 4; ++t) {
    for (Index y = 0; y < 12; ++y) {
      for (Index x = 0; x < 16; ++x) movie(t, y + 20 * t, x + 20 * t) += 100.0F;
    }
  }
  const NoiseColour colour = colour_of(frames_of(movie)).value();
  EXPECT_NEAR(colour.deviations[0], 6.0, 1.2);
}

TEST(NoiseColour, KnowingItTakesMoreOfTheNoiseAway) {
  const Array<float, 3> clean = movie_of({4, 96, 96}), noisy = with_coloured_noise(clean, 10.0);
  const Movie movie{noisy, {}};
  ArraySource source = source_of(movie);
  RestoreOptions options;
  options.gain = 0.0;
  options.read_noise = 10.0;
  options.neighbours = 0;
  Progress progress;
  Array<float, 3> restored(clean.shape());
  const auto take = [&](Index t, ArrayView<const float, 2> frame) {
    std::copy_n(frame.data(), frame.size(), restored[t].data());
  };
  const Survey survey = survey_movie(source, {}, options, progress);
  restore(source, survey, options, take, progress, Index{1} << 30);
  const Array<float, 3> as_white = bm3d(noisy.view(), 10.0, {}, progress);
  EXPECT_LT(rms_difference(restored, clean), 0.85 * rms_difference(as_white, clean));
}

}  // namespace
}  // namespace kinema::restore
