#include "kinema/codec/decode.h"

#include "kinema/codec/tiles.h"
#include "kinema/codec/wrap.h"

#include <gtest/gtest.h>

#include "codec/movies.h"

namespace kinema::codec {
namespace {

using test::disk_movie;
using test::psnr_of;
using test::source_over;

template <class T>
Measurement measure(const Array<T, 3>& movie, const MaskOptions& masks) {
  auto source = source_over(movie);
  Progress progress;
  return encode(source, make_masks(masks, movie.shape()[1], movie.shape()[2]), progress);
}

Array<float, 3> decoded(const Measurement& measurement, const DecodeOptions& options = {}) {
  Progress progress;
  return decode(measurement, options, progress).movie.frames;
}

/// scale * movie + offset, with noise of `sigma` times the scale, as pixels of T.
template <class T>
Array<T, 3> changed(const Array<float, 3>& movie, double scale, double offset, double sigma) {
  Rng rng(7);
  auto out = Array<T, 3>::uninitialised(movie.shape());
  for (Index i = 0; i < out.size(); ++i) {
    const double value =
        scale * (static_cast<double>(movie.data()[i]) + sigma * rng.normal()) + offset;
    out.data()[i] = static_cast<T>(std::is_integral_v<T> ? std::round(value) : value);
  }
  return out;
}

/// PSNR of what is decoded, in the units of the movie before it was changed.
template <class T>
double psnr_after(const Array<float, 3>& truth, double scale, double offset, double sigma) {
  Array<float, 3> frames =
      decoded(measure(changed<T>(truth, scale, offset, sigma), {MaskKind::bernoulli, 6, 2}));
  for (float& pixel : frames.flat()) {
    pixel = static_cast<float>((static_cast<double>(pixel) - offset) / scale);
  }
  return psnr_of(frames.view(), truth.view(), 255.0);
}

TEST(Decode, AnOffsetOfThePixelsCostsNothing) {
  const Array<float, 3> truth = disk_movie({12, 96, 96}, 0.5);
  for (const double sigma : {0.0, 12.0}) {
    const double plain = psnr_after<std::int16_t>(truth, 1.0, 0.0, sigma);
    EXPECT_GT(plain, 28.0);
    EXPECT_NEAR(psnr_after<std::int16_t>(truth, 1.0, -1000.0, sigma), plain, 0.3);
    EXPECT_NEAR(psnr_after<std::int16_t>(truth, 1.0, 30000.0, sigma), plain, 0.3);
    EXPECT_NEAR(psnr_after<std::uint16_t>(truth, 1.0, 65000.0, sigma), plain, 0.3);
  }
}

TEST(Decode, TheUnitOfThePixelsChangesNothing) {
  const Array<float, 3> truth = disk_movie({6, 64, 64}, 0.5);
  for (const double sigma : {0.0, 12.0}) {
    const double plain = psnr_after<float>(truth, 1.0, 0.0, sigma);
    EXPECT_NEAR(psnr_after<float>(truth, 1e-20, 0.0, sigma), plain, 0.1);
    EXPECT_NEAR(psnr_after<float>(truth, 1e30, 0.0, sigma), plain, 0.1);
  }
}

TEST(Decode, FramesOfAnySizeAndGroupsOfAnyLengthComeBackWhole) {
  for (const Shape<3>& shape : {Shape<3>{1, 40, 40},
                                Shape<3>{7, 1, 1},
                                Shape<3>{7, 33, 1},
                                Shape<3>{7, 1, 65},
                                Shape<3>{5, 9, 15},
                                Shape<3>{4, 257, 20}}) {
    for (const Index ratio : {Index{1}, Index{3}, Index{100}}) {
      for (const MaskKind kind : {MaskKind::balanced, MaskKind::bernoulli, MaskKind::open}) {
        const Array<float, 3> frames = decoded(measure(disk_movie(shape, 0.5), {kind, ratio, 1}));
        ASSERT_EQ(frames.shape(), shape);
        for (const float pixel : frames.flat()) {
          ASSERT_TRUE(std::isfinite(pixel));
          ASSERT_LT(std::abs(pixel), 1000.0F);
        }
      }
    }
  }
}

TEST(Decode, AnOpenShutterOfOneFrameIsTheMovie) {
  const Array<float, 3> movie = disk_movie({3, 40, 50}, 1.0);
  DecodeOptions options;
  options.data_step = DataStep::exact;
  options.tv_weight = 0.0;
  const Array<float, 3> frames = decoded(measure(movie, {MaskKind::open, 1, 0}), options);
  EXPECT_GT(psnr_of(frames.view(), movie.view(), 255.0), 90.0);
}

TEST(Decode, AnEmptyMovieStaysEmpty) {
  const Array<std::uint8_t, 3> movie({9, 24, 40});
  const Array<float, 3> frames = decoded(measure(movie, {MaskKind::bernoulli, 4, 3}));
  for (const float pixel : frames.flat()) ASSERT_EQ(pixel, 0.0F);
}

TEST(Decode, PixelsThatNeverOpenTakeAfterTheirNeighbours) {
  const Array<std::uint16_t, 3> movie({4, 40, 40}, 5000);
  const Array<float, 3> frames = decoded(measure(movie, {MaskKind::bernoulli, 2, 5}));
  for (const float pixel : frames.flat()) ASSERT_NEAR(pixel, 5000.0F, 1.0F);
}

TEST(Decode, ASingleBrightPixelKeepsItsSum) {
  Array<float, 3> movie({4, 64, 64});
  for (Index t = 0; t < 4; ++t) movie(t, 20, 30) = 100.0F;
  const Measurement measurement = measure(movie, {MaskKind::balanced, 4, 6});
  const Array<float, 3> frames = decoded(measurement);
  float sum = 0.0F;
  for (Index t = 0; t < 4; ++t) {
    sum += measurement.masks.masks(t, 20, 30) ? frames(t, 20, 30) : 0.0F;
    EXPECT_NEAR(frames(t, 40, 40), 0.0F, 0.1F);
  }
  EXPECT_NEAR(sum, 200.0F, 1.0F);
}

TEST(Decode, AGroupAloneIsDecodedAsAmongTheOthers) {
  const Measurement measurement =
      measure(disk_movie({17, 50, 70}, 1.0), {MaskKind::balanced, 5, 4});
  const Array<float, 3> all = decoded(measurement);
  const CodedMovie coded = coded_movie(measurement);
  Progress progress;
  for (Index s = 0; s < 4; ++s) {
    decode(
        coded,
        {},
        s,
        s + 1,
        [&](Index group, const GroupReport&, ArrayView<const float, 3> frames) {
          EXPECT_EQ(group, s);
          const ArrayView<const float, 3> same = all.view().slice(s * 5, frames.shape()[0]);
          EXPECT_TRUE(std::equal(
              frames.flat().begin(), frames.flat().end(), same.flat().begin(), same.flat().end()));
        },
        progress);
  }
}

TEST(Decode, TilesCoverEachPixelOnce) {
  for (const auto& [height, width, tile, overlap] : {std::array<Index, 4>{1, 1, 32, 16},
                                                     {33, 100, 32, 16},
                                                     {32, 64, 32, 0},
                                                     {300, 257, 256, 32}}) {
    Array<int, 2> kept({height, width});
    const Index h = std::min(tile, height), w = std::min(tile, width);
    for (const Tile& t : cut_tiles(height, width, h, w, overlap)) {
      EXPECT_TRUE(t.y >= 0 && t.x >= 0 && t.y + h <= height && t.x + w <= width);
      EXPECT_TRUE(t.keep_y0 >= t.y && t.keep_y1 <= t.y + h);
      EXPECT_TRUE(t.keep_x0 >= t.x && t.keep_x1 <= t.x + w);
      for (Index y = t.keep_y0; y < t.keep_y1; ++y) {
        for (Index x = t.keep_x0; x < t.keep_x1; ++x) ++kept(y, x);
      }
    }
    for (const int times : kept.flat()) ASSERT_EQ(times, 1);
  }
}

TEST(Decode, RefusesWhatItCannotDecode) {
  Measurement measurement = measure(disk_movie({6, 32, 32}, 1.0), {MaskKind::balanced, 3, 1});
  Progress progress;
  for (const auto& spoil : {+[](DecodeOptions& o) { o.iterations = 0; },
                            +[](DecodeOptions& o) { o.tv_iterations = 0; },
                            +[](DecodeOptions& o) { o.tv_weight = -1.0; },
                            +[](DecodeOptions& o) { o.tv_weight = std::nan(""); },
                            +[](DecodeOptions& o) { o.tile = 31; },
                            +[](DecodeOptions& o) { o.overlap = 129; }}) {
    DecodeOptions options;
    spoil(options);
    EXPECT_THROW(decode(measurement, options, progress), InputError);
  }
  const auto ignore = [](Index, const GroupReport&, ArrayView<const float, 3>) {};
  const CodedMovie coded = coded_movie(measurement);
  EXPECT_THROW(decode(coded, {}, 1, 3, ignore, progress), InputError);
  EXPECT_THROW(decode(coded, {}, 0, 2, ignore, progress, 1000), InputError) << "too little memory";
  std::get<Array<float, 3>>(measurement.snapshots)(1, 2, 3) = std::nanf("");
  EXPECT_THROW(decode(measurement, {}, progress), InputError);
  measurement.groups[1].frames = 4;
  EXPECT_THROW(decode(measurement, {}, progress), InputError) << "more frames than masks";
  measurement.groups.pop_back();
  EXPECT_THROW(decode(measurement, {}, progress), InputError) << "a snapshot without a group";
}

TEST(Decode, SumsBeyondFloatAreRefusedWhenTheyAreMade) {
  const Array<float, 3> movie({4, 8, 8}, 2e38F);
  EXPECT_THROW(measure(movie, {MaskKind::open, 4, 0}), InputError);
  const double huge = 1e300;
  EXPECT_THROW(wrap(PixelType::f64,
                    reinterpret_cast<const std::byte*>(&huge),
                    {1, 1, 1},
                    make_masks({MaskKind::open, 1, 0}, 1, 1)),
               InputError);
}

}  // namespace
}  // namespace kinema::codec
