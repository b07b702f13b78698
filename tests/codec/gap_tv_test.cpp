#include "kinema/codec/gap_tv.h"

#include "kinema/base/parallel.h"
#include "kinema/codec/decode.h"

#include <gtest/gtest.h>

#include "codec/gap_tv_reference.h"
#include "codec/movies.h"

namespace kinema::codec {
namespace {

using test::disk_movie;
using test::psnr_of;
using test::source_over;

/// A movie, its masks as floats, and its snapshot, all as one tile.
struct Scene {
  Array<float, 3> truth;
  std::vector<float> masks, y, rho;

  Scene(const Shape<3>& shape, MaskKind kind) : truth(disk_movie(shape, 1.0)) {
    const auto [frames, height, width] = shape;
    const MaskSet bits = make_masks({kind, frames, 3}, height, width);
    y.resize(static_cast<std::size_t>(height * width));
    rho.resize(y.size());
    for (Index i = 0; i < truth.size(); ++i) {
      const auto pixel = static_cast<std::size_t>(i % (height * width));
      const bool open = bits.masks(i / (height * width), i / width % height, i % width);
      masks.push_back(open ? 1.0F : 0.0F);
      if (open) y[pixel] += truth.data()[i];
      rho[pixel] += masks.back();
    }
  }

  GapTvTile tile(bool noisy) const {
    const auto [frames, height, width] = truth.shape();
    return {frames, height, width, y.data(), masks.data(), noisy ? rho.data() : nullptr};
  }
};

struct Case {
  bool in_time, noisy, accelerate;
  int tv_iterations;
};

GapTvSettings settings_of(const Case& c) {
  GapTvSettings settings;
  settings.tv_iterations = c.tv_iterations;
  settings.weight = 12.0F;
  settings.weight_time = c.in_time ? 2.4F : 0.0F;
  settings.accelerate = c.accelerate;
  return settings;
}

void expect_like_reference(const Shape<3>& shape, MaskKind kind, const Case& c) {
  const Scene scene(shape, kind);
  const GapTvTile tile = scene.tile(c.noisy);
  const GapTvSettings settings = settings_of(c);
  auto reference = Array<float, 3>::uninitialised(shape);
  const std::vector<double> exact = test::GapTvReference(tile, settings).run();
  std::copy(exact.begin(), exact.end(), reference.data());
  const double reference_psnr = psnr_of(reference.view(), scene.truth.view(), 255.0);
  EXPECT_GT(reference_psnr, 25.0);
  for (const Simd simd : usable_simd()) {
    auto estimate = Array<float, 3>::uninitialised(shape);
    GapTv(simd, shape[0], shape[1], shape[2]).run(tile, settings, estimate.data());
    EXPECT_NEAR(psnr_of(estimate.view(), scene.truth.view(), 255.0), reference_psnr, 0.05)
        << to_text(simd) << (c.in_time ? ", 3D" : ", 2D") << (c.noisy ? ", noise-aware" : "")
        << (c.accelerate ? ", accelerated" : "") << ", " << c.tv_iterations << " inner steps";
  }
}

TEST(GapTv, EveryKernelFollowsTheDoublePrecisionReference) {
  for (const bool in_time : {false, true}) {
    expect_like_reference({8, 64, 64}, MaskKind::balanced, {in_time, false, true, 2});
    expect_like_reference({8, 64, 64}, MaskKind::balanced, {in_time, false, true, 5});
    expect_like_reference({8, 64, 64}, MaskKind::balanced, {in_time, false, false, 2});
    expect_like_reference({8, 64, 64}, MaskKind::balanced, {in_time, true, false, 2});
  }
}

TEST(GapTv, FollowsTheReferenceAtOddWidthsAndWherePixelsNeverOpen) {
  expect_like_reference({5, 33, 47}, MaskKind::bernoulli, {true, false, true, 2});
  expect_like_reference({5, 40, 61}, MaskKind::balanced, {true, true, false, 3});
  expect_like_reference({1, 32, 33}, MaskKind::open, {true, false, true, 2});
}

Measurement measure(const Array<float, 3>& movie, const MaskOptions& masks) {
  auto source = source_over(movie);
  Progress progress;
  return encode(source, make_masks(masks, movie.shape()[1], movie.shape()[2]), progress);
}

Decoded decoded(const Measurement& measurement, const DecodeOptions& options) {
  Progress progress;
  return decode(measurement, options, progress);
}

TEST(GapTv, ThePlainFormAgreesWithTheMeasurement) {
  const Measurement measurement = measure(disk_movie({8, 64, 80}, 0.5), {MaskKind::balanced, 8, 1});
  DecodeOptions options;
  options.data_step = DataStep::exact;
  options.iterations = 100;
  for (const GroupReport& report : decoded(measurement, options).groups) {
    EXPECT_LT(report.residual, 0.01);
    EXPECT_FALSE(report.noise_aware);
  }
}

TEST(GapTv, AConstantMovieIsItsOwnFixedPoint) {
  const Array<float, 3> movie({15, 48, 64}, 87.0F);
  for (const DataStep step : {DataStep::exact, DataStep::noise_aware, DataStep::automatic}) {
    DecodeOptions options;
    options.data_step = step;
    const Decoded result = decoded(measure(movie, {MaskKind::balanced, 5, 2}), options);
    for (const float pixel : result.movie.frames.flat()) ASSERT_NEAR(pixel, 87.0F, 1e-3F);
  }
}

TEST(GapTv, FramesDoNotDependOnTheNumberOfThreads) {
  const Measurement measurement =
      measure(disk_movie({14, 150, 170}, 1.0), {MaskKind::balanced, 6, 4});
  DecodeOptions options;
  options.iterations = 8;
  options.tile = 64;
  options.overlap = 16;
  const int before = threads();
  set_threads(1);
  const Decoded one = decoded(measurement, options);
  set_threads(4);
  const Decoded four = decoded(measurement, options);
  set_threads(before);
  const auto a = one.movie.frames.flat(), b = four.movie.frames.flat();
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
}

TEST(GapTv, TilesCostNoQuality) {
  const Array<float, 3> movie = disk_movie({8, 180, 200}, 1.0);
  const Measurement measurement = measure(movie, {MaskKind::balanced, 8, 5});
  DecodeOptions whole, tiled;
  tiled.tile = 96;
  const double once = psnr_of(decoded(measurement, whole).movie.frames.view(), movie.view(), 255.0);
  const double cut = psnr_of(decoded(measurement, tiled).movie.frames.view(), movie.view(), 255.0);
  EXPECT_NEAR(once, cut, 0.1);
}

/// Y / sum C, in the short last group over the masks that it used.
TEST(GapTv, TheMeanDecoderDividesByTheOpenFrames) {
  const Array<float, 3> movie = disk_movie({13, 20, 70}, 1.0);
  const Measurement measurement = measure(movie, {MaskKind::bernoulli, 5, 6});
  DecodeOptions options;
  options.decoder = Decoder::mean;
  const Decoded result = decoded(measurement, options);
  ASSERT_EQ(result.movie.frames.shape(), movie.shape());
  for (Index t = 0; t < 13; ++t) {
    const Index s = t / 5;
    const Index count = measurement.groups[static_cast<std::size_t>(s)].frames;
    const Array<float, 2> y = snapshot_floats(measurement.snapshots, s);
    const Array<std::uint16_t, 2> open =
        open_counts(measurement.masks, exposures_of(measurement.masks, count)[0]);
    for (Index i = 0; i < y.size(); ++i) {
      const float expected = y.data()[i] / static_cast<float>(std::max<int>(1, open.data()[i]));
      ASSERT_FLOAT_EQ(result.movie.frames[t].data()[i], expected);
    }
  }
}

TEST(GapTv, TheShortLastGroupIsDecoded) {
  const Array<float, 3> movie = disk_movie({11, 64, 64}, 0.5);
  const Decoded result = decoded(measure(movie, {MaskKind::balanced, 8, 7}), {});
  ASSERT_EQ(result.movie.frames.shape(), movie.shape());
  ASSERT_EQ(result.groups.size(), 2U);
  EXPECT_GT(psnr_of(result.movie.frames.view().slice(8, 3), movie.view().slice(8, 3), 255.0), 30.0);
}

}  // namespace
}  // namespace kinema::codec
