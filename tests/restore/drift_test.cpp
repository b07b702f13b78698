// Truths of drift: known shifts are found, and moving there and back is no move.
#include "kinema/restore/drift.h"

#include <gtest/gtest.h>

#include "restore/scene.h"
#include <numbers>

namespace kinema::restore {
namespace {

TEST(Drift, IsFoundToATwentiethOfAPixelInNoise) {
  const Array<float, 3> movie = with_noise(movie_of({12, 112, 144}, 0.7, -1.3, blobs), 6.0, 3);
  DriftTracker tracker({});
  for (Index t = 0; t < movie.shape()[0]; ++t) {
    const Shift place = tracker.add(movie[t]);
    EXPECT_NEAR(place.y, 0.7 * static_cast<double>(t), 0.05) << t;
    EXPECT_NEAR(place.x, -1.3 * static_cast<double>(t), 0.05) << t;
  }
}

TEST(Drift, FramesOfOneMoveAreOneMoveApart) {
  for (const Shift& moved : {Shift{0.0, 0.0}, Shift{0.31, -0.12}, Shift{-6.5, 9.25}}) {
    const Array<float, 3> movie = movie_of({2, 128, 128}, moved.y, moved.x, blobs);
    const Shift found = phase_shift(movie[0], movie[1], {}).value();
    EXPECT_NEAR(found.y, moved.y, 0.05);
    EXPECT_NEAR(found.x, moved.x, 0.05);
  }
}

TEST(Drift, NoiseAloneDoesNotDrift) {
  const Array<float, 3> noise = with_noise(Array<float, 3>({12, 128, 128}, 50.0F), 5.0, 6);
  DriftTracker tracker({});
  for (Index t = 0; t < 12; ++t) EXPECT_EQ(tracker.add(noise[t]), Shift{});
  EXPECT_EQ(tracker.untold(), 11);
}

TEST(Move, ThereAndBackIsNoMove) {
  const Array<float, 3> movie = movie_of({1, 96, 96}, 0, 0, blobs);
  const Array<float, 2> whole = moved_by(movie[0], {3.0, -2.0});
  for (Index y = 3; y < 96; ++y) EXPECT_EQ(whole(y, 20), movie(0, y - 3, 22));
  const Array<float, 2> back = moved_by(moved_by(movie[0], {0.4, 0.3}).view(), {-0.4, -0.3});
  for (Index y = 16; y < 80; ++y) EXPECT_NEAR(back(y, 40), movie(0, y, 40), 0.1);
}

TEST(Move, KeepsConstantsAndMovesWaves) {
  const Array<float, 2> flat({40, 40}, 7.0F);
  const Array<float, 2> still = moved_by(flat.view(), {0.37, 5.5});
  for (const float pixel : still.flat()) EXPECT_NEAR(pixel, 7.0, 1e-5);
  for (const double frequency : {0.1, 0.25, 0.4}) {
    Array<float, 2> wave({64, 64}), truth({64, 64});
    for (Index y = 0; y < 64; ++y) {
      for (Index x = 0; x < 64; ++x) {
        const double turn = 2.0 * std::numbers::pi * frequency;
        wave(y, x) = static_cast<float>(std::sin(turn * static_cast<double>(x)));
        truth(y, x) = static_cast<float>(std::sin(turn * (static_cast<double>(x) - 0.5)));
      }
    }
    const Array<float, 2> moved = moved_by(wave.view(), {0.0, 0.5});
    for (Index x = 10; x < 54; ++x) EXPECT_NEAR(moved(30, x), truth(30, x), 0.01) << frequency;
  }
}

TEST(Move, LeavesWhiteNoiseWhite) {
  Array<float, 3> noise({1, 128, 128});
  noise = with_noise(noise, 1.0, 5);
  const Array<float, 2> moved = moved_by(noise[0], {0.5, 0.5});
  double power = 0.0, neighbours = 0.0;
  for (Index y = 16; y < 112; ++y) {
    for (Index x = 16; x < 112; ++x) {
      power += moved(y, x) * moved(y, x);
      neighbours += moved(y, x) * moved(y, x + 1);
    }
  }
  EXPECT_GT(power / (96.0 * 96.0), 0.75);
  EXPECT_LT(std::abs(neighbours / power), 0.12);
}

}  // namespace
}  // namespace kinema::restore
