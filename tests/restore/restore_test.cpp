// Truths of restoration: transforms that undo each other, defects that were planted, drift that was
// made, and noise that must go.
#include "kinema/base/parallel.h"
#include "kinema/base/rng.h"
#include "kinema/restore/anscombe.h"
#include "kinema/restore/bm3d.h"
#include "kinema/restore/bm3d_kernel.h"
#include "kinema/restore/defects.h"
#include "kinema/restore/drift.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

namespace kinema::restore {
namespace {

/// Stripes and discs, grey levels 0-200, moved by (y, x).
float scene(double y, double x) {
  const double stripes = 40.0 * std::sin(0.55 * x + 0.2 * y);
  const double disc = std::hypot(y - 30.0, x - 36.0) < 14.0 ? 70.0 : 0.0;
  const double slope = 0.4 * y;
  return static_cast<float>(80.0 + stripes + disc + slope);
}

Array<float, 3> movie_of(
    Index frames, Index height, Index width, double dy = 0.0, double dx = 0.0) {
  Array<float, 3> movie({frames, height, width});
  for (Index t = 0; t < frames; ++t) {
    for (Index y = 0; y < height; ++y) {
      for (Index x = 0; x < width; ++x) {
        const auto at = static_cast<double>(t);
        movie(t, y, x) = scene(static_cast<double>(y) - dy * at, static_cast<double>(x) - dx * at);
      }
    }
  }
  return movie;
}

Array<float, 3> with_noise(const Array<float, 3>& clean, double sigma, std::uint64_t seed) {
  Array<float, 3> noisy = clean;
  Rng rng(seed);
  for (float& pixel : noisy.flat()) pixel += static_cast<float>(sigma * rng.normal());
  return noisy;
}

double rms_difference(const Array<float, 3>& a, const Array<float, 3>& b) {
  double sum = 0.0;
  for (Index i = 0; i < a.size(); ++i) {
    const double difference = a.data()[i] - b.data()[i];
    sum += difference * difference;
  }
  return std::sqrt(sum / static_cast<double>(a.size()));
}

TEST(Anscombe, MakesTheNoiseOneAndComesBackUnbiased) {
  const CountingNoise noise{2.5, 40.0, 3.0};
  for (const double electrons : {3.0, 10.0, 50.0}) {
    Rng rng(static_cast<std::uint64_t>(electrons));
    std::vector<float> pixels(200000);
    for (float& pixel : pixels) {
      pixel = static_cast<float>(noise.offset + noise.gain * rng.poisson(electrons) +
                                 noise.read_noise * rng.normal());
    }
    anscombe(pixels, noise);
    const auto count = static_cast<double>(pixels.size());
    const double mean = std::accumulate(pixels.begin(), pixels.end(), 0.0) / count;
    double variance = 0.0;
    for (const float pixel : pixels) variance += (pixel - mean) * (pixel - mean) / count;
    EXPECT_NEAR(variance, 1.0, 0.08) << electrons;
    std::vector<float> denoised{static_cast<float>(mean)};
    inverse_anscombe(denoised, noise);
    EXPECT_NEAR(denoised[0], noise.offset + noise.gain * electrons, 0.01 * noise.gain * electrons)
        << electrons;
  }
}

TEST(Defects, ThoseThatWerePlantedAreFoundAndFilled) {
  const Array<float, 3> clean = movie_of(24, 64, 72);
  Array<float, 3> movie = with_noise(clean, 10.0, 1);
  Rng rng(2);
  for (Index t = 0; t < 24; ++t) {
    movie(t, 10, 12) = 0.0F;                                      // dead
    movie(t, 40, 50) = 4000.0F;                                   // hot
    movie(t, 40, 51) = 3900.0F;                                   // and its neighbour
    movie(t, 60, 5) += static_cast<float>(300.0 * rng.normal());  // noisy
    movie(t, 0, 0) = 1000.0F;                                     // in the corner
  }
  PixelStatistics statistics(64, 72);
  for (Index t = 0; t < 24; ++t) statistics.add(movie[t]);
  const Defects defects = find_defects(statistics);
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

TEST(Drift, IsFoundToATenthOfAPixelInNoise) {
  const Array<float, 3> movie = with_noise(movie_of(8, 96, 128, 0.7, -1.3), 15.0, 3);
  Progress progress;
  const std::vector<Shift> places = estimate_drift(movie.view(), {}, progress);
  for (std::size_t t = 0; t < places.size(); ++t) {
    EXPECT_NEAR(places[t].y, 0.7 * static_cast<double>(t), 0.15) << t;
    EXPECT_NEAR(places[t].x, -1.3 * static_cast<double>(t), 0.15) << t;
  }
}

TEST(Drift, MovingThereAndBackIsNoMove) {
  const Array<float, 3> movie = movie_of(1, 64, 64);
  const Array<float, 2> whole = moved_by(movie[0], {3.0, -2.0});
  EXPECT_FLOAT_EQ(whole(10, 20), movie(0, 7, 22));
  const Array<float, 2> back = moved_by(moved_by(movie[0], {0.4, 0.3}).view(), {-0.4, -0.3});
  EXPECT_NEAR(back(40, 20), movie(0, 40, 20), 1.5);
}

TEST(Bm3d, TransformsAreOrthonormal) {
  for (const Simd simd : usable_simd()) {
    const Bm3dKernels kernels = bm3d_kernels(simd);
    Rng rng(4);
    std::vector<float> group(static_cast<std::size_t>(8 * block_pixels));
    for (float& value : group) value = static_cast<float>(rng.normal());
    const std::vector<float> before = group;
    EXPECT_EQ(kernels.threshold(group.data(), 8, 0.0F), 8 * block_pixels);
    for (std::size_t i = 0; i < group.size(); ++i) EXPECT_NEAR(group[i], before[i], 1e-5);
  }
}

TEST(Bm3d, NoiseGoesAndTheSceneStays) {
  const Array<float, 3> clean = movie_of(1, 96, 100);
  for (const double sigma : {10.0, 25.0, 50.0}) {
    const Array<float, 3> noisy = with_noise(clean, sigma, 5);
    Progress progress;
    const Array<float, 3> denoised = bm3d(noisy.view(), sigma, {}, progress);
    EXPECT_LT(rms_difference(denoised, clean), 0.3 * sigma) << sigma;
  }
}

TEST(Bm3d, NeighbouringFramesHelp) {
  const Array<float, 3> clean = movie_of(7, 64, 64, 0.5, 1.0), noisy = with_noise(clean, 25.0, 6);
  Progress progress;
  Bm3dOptions alone, together;
  together.frames = 3;
  const double single = rms_difference(bm3d(noisy.view(), 25.0, alone, progress), clean);
  const double joint = rms_difference(bm3d(noisy.view(), 25.0, together, progress), clean);
  EXPECT_LT(joint, 0.9 * single);
}

TEST(Bm3d, AnyThreadsAndKernelsGiveTheSame) {
  const Array<float, 3> noisy = with_noise(movie_of(2, 60, 70), 20.0, 7);
  Progress progress;
  const int before = threads();
  const Array<float, 3> many = bm3d(noisy.view(), 20.0, {}, progress);
  set_threads(1);
  const Array<float, 3> one = bm3d(noisy.view(), 20.0, {}, progress);
  set_threads(before);
  EXPECT_EQ(rms_difference(many, one), 0.0);
  const Array<float, 3> plain = bm3d(noisy.view(), 20.0, {}, progress, Simd::scalar);
  EXPECT_LT(rms_difference(many, plain), 0.05);
}

}  // namespace
}  // namespace kinema::restore
