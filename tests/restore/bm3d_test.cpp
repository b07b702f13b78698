// Truths of block matching: what is not noise stays, noise goes, and neighbouring frames help.
#include "kinema/restore/bm3d.h"

#include "kinema/base/parallel.h"
#include "kinema/restore/bm3d_kernel.h"

#include <gtest/gtest.h>

#include "restore/bm3d_reference.h"
#include "restore/scene.h"
#include <vector>

namespace kinema::restore {
namespace {

const Progress silent;

double decibel(double ratio) {
  return 20.0 * std::log10(ratio);
}

TEST(Bm3d, TransformsAreOrthonormal) {
  for (const Simd simd : usable_simd()) {
    const Bm3dKernels kernels = bm3d_kernels(simd);
    Rng rng(4);
    std::vector<float> group(static_cast<std::size_t>(8 * block_pixels));
    for (float& value : group) value = static_cast<float>(rng.normal());
    const std::vector<float> before = group;
    const NoiseColour white = white_noise();
    EXPECT_EQ(kernels.threshold(group.data(), 8, white.deviations.data(), 0.0F), 8 * block_pixels);
    for (std::size_t i = 0; i < group.size(); ++i) EXPECT_NEAR(group[i], before[i], 1e-5);
  }
}

TEST(Bm3d, AConstantStaysAConstant) {
  const Array<float, 3> constant({3, 40, 50}, 12.5F);
  for (const int neighbours : {0, 1}) {
    const Array<float, 3> out = bm3d(constant.view(), 1.0, {.neighbours = neighbours}, silent);
    for (const float pixel : out.flat()) EXPECT_NEAR(pixel, 12.5F, 1e-4);
  }
}

TEST(Bm3d, IsThePapersWithinATenthOfADecibel) {
  const Array<float, 3> clean = movie_of({1, 72, 80});
  for (const double sigma : {10.0, 25.0, 50.0}) {
    const Array<float, 3> noisy = with_noise(clean, sigma, 5);
    const Bm3dOptions paper{.step = 3, .search = 19, .group = 16};
    const double ours = rms_difference(bm3d(noisy.view(), sigma, paper, silent), clean);
    const double papers = rms_difference(reference::bm3d(noisy, sigma), clean);
    EXPECT_NEAR(decibel(ours / papers), 0.0, 0.1) << sigma;
    EXPECT_LT(ours, 0.3 * sigma) << sigma;
  }
}

TEST(Bm3d, NeighbouringFramesHelpStillMoviesAndMovingOnes) {
  for (const double speed : {0.0, 1.0}) {
    const Array<float, 3> clean = movie_of({7, 64, 64}, 0.5 * speed, speed);
    const Array<float, 3> noisy = with_noise(clean, 25.0, 6);
    const double alone = rms_difference(bm3d(noisy.view(), 25.0, {}, silent), clean);
    const double joint = rms_difference(bm3d(noisy.view(), 25.0, {.neighbours = 3}, silent), clean);
    EXPECT_LT(joint, 0.9 * alone) << speed;
  }
}

TEST(Bm3d, AnyThreadsAndKernelsGiveTheSame) {
  const Array<float, 3> noisy = with_noise(movie_of({4, 150, 170}), 20.0, 7);
  const Bm3dOptions options{.step = 4, .search = 9, .neighbours = 1};
  const int before = threads();
  set_threads(3);
  const Array<float, 3> many = bm3d(noisy.view(), 20.0, options, silent);
  set_threads(1);
  const Array<float, 3> one = bm3d(noisy.view(), 20.0, options, silent);
  set_threads(before);
  EXPECT_EQ(rms_difference(many, one), 0.0);
  const Array<float, 3> plain = bm3d(noisy.view(), 20.0, options, silent, Simd::scalar);
  EXPECT_LT(rms_difference(many, plain), 0.05);
}

TEST(Bm3d, StopsWhenItIsAsked) {
  Progress stopped;
  stopped.request_stop();
  EXPECT_THROW(bm3d(movie_of({1, 32, 32}).view(), 1.0, {}, stopped), Interrupted);
}

}  // namespace
}  // namespace kinema::restore
