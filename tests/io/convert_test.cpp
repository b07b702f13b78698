// Selecting and binning: electrons are conserved, types widen just enough, pixels grow.
#include "kinema/io/convert.h"

#include "kinema/base/parallel.h"
#include "kinema/io/formats.h"
#include "kinema/io/npy.h"

#include <gtest/gtest.h>

#include "io_test_movies.h"
#include "test_data.h"
#include <numeric>

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)

class Convert : public ::testing::Test {
 protected:
  void SetUp() override { write_npy(in_, PixelType::u8, std::vector<Index>{5, 6, 8}, pixels_); }
  Converted convert_to(const std::string& name,
                       const ConvertOptions& options,
                       Index memory = 1 << 20) {
    return convert(in_, folder_ / name, options, memory, Json(), progress_);
  }

  const FrameFormat format_{PixelType::u8, 6, 8};
  const std::vector<std::byte> pixels_ = pixels_of(format_, 5);
  test::TempFolder folder_;
  std::filesystem::path in_ = folder_ / "in.npy";
  Progress progress_;
};

TEST_F(Convert, ThroughEveryFormatAndBackIsTheSameFile) {
  std::filesystem::path from = in_;
  for (const char* name : {"a.mrc", "b.tif", "c.npy"}) {
    convert(from, folder_ / name, {}, /*memory=*/1, Json(), progress_);
    from = folder_ / name;
  }
  EXPECT_EQ(file_text(from), file_text(in_));
}

TEST_F(Convert, BinningConservesEveryCount) {
  ConvertOptions options;
  options.bin = 2;
  options.pixel_size = PixelSize{{0.2}, {0.3}};
  const Converted done = convert_to("binned.mrc", options);
  EXPECT_EQ(done.format, (FrameFormat{PixelType::u16, 3, 4}));
  EXPECT_EQ(done.info.pixel_size, (PixelSize{{0.4}, {0.6}}));
  const std::vector<std::byte> bytes = read_all(*open_movie(folder_ / "binned.mrc"));
  const auto* binned = reinterpret_cast<const std::uint16_t*>(bytes.data());
  const auto* all = reinterpret_cast<const std::uint8_t*>(pixels_.data());
  EXPECT_EQ(std::accumulate(binned, binned + 5 * 12, 0),
            std::accumulate(all, all + pixels_.size(), 0));
  EXPECT_EQ(binned[0], all[0] + all[1] + all[8] + all[9]);
}

TEST_F(Convert, FramesAndCropAreTakenInPlace) {
  ConvertOptions options;
  from_text("1:3", options.frames);
  options.crop = Crop{2, 3, 4, 5};
  const Converted done = convert_to("part.tif", options);
  EXPECT_EQ(done.frames, 2);
  const std::vector<std::byte> part = read_all(*open_movie(folder_ / "part.tif"));
  EXPECT_EQ(part[0], pixels_[1 * 48 + 2 * 8 + 3]);
  EXPECT_EQ(part[39], pixels_[2 * 48 + 5 * 8 + 7]);
}

TEST_F(Convert, TypesWidenJustEnoughForEverySum) {
  EXPECT_EQ(binned_type(PixelType::u8, 1), PixelType::u8);
  EXPECT_EQ(binned_type(PixelType::u8, 16), PixelType::u16);
  EXPECT_EQ(binned_type(PixelType::u8, 17), PixelType::u32);
  EXPECT_EQ(binned_type(PixelType::i8, 2), PixelType::i16);
  EXPECT_EQ(binned_type(PixelType::i16, 2), PixelType::i32);
  EXPECT_EQ(binned_type(PixelType::u16, 2), PixelType::u32);
  EXPECT_EQ(binned_type(PixelType::u32, 2), PixelType::f64);
  EXPECT_EQ(binned_type(PixelType::f16, 2), PixelType::f32);
  EXPECT_EQ(binned_type(PixelType::f32, 2), PixelType::f32);
}

TEST_F(Convert, SumsThatMrcHasNoIntegersForAreExactFloats) {
  const std::vector<std::uint16_t> counts = {65535, 65535, 65535, 65534};
  write_npy(in_, PixelType::u16, std::vector<Index>{1, 2, 2}, std::as_bytes(std::span(counts)));
  ConvertOptions options;
  options.bin = 2;
  const Converted done = convert_to("binned.mrc", options);
  EXPECT_EQ(done.format.type, PixelType::f32);
  EXPECT_NE(done.info.notes.back().find("exactly"), std::string::npos);
  const std::vector<std::byte> sum = read_all(*open_movie(folder_ / "binned.mrc"));
  EXPECT_EQ(*reinterpret_cast<const float*>(sum.data()), 262139.0F);
  EXPECT_EQ(convert_to("binned.npy", options).format.type, PixelType::u32);
}

TEST_F(Convert, WhatDoesNotFitTheMovieIsRefused) {
  ConvertOptions options;
  options.frames = {3, 6};
  EXPECT_THROW(convert_to("a.npy", options), InputError);
  options = {};
  options.crop = Crop{0, 4, 6, 5};
  EXPECT_THROW(convert_to("a.npy", options), InputError);
  for (const Index bin : {-1, 0, 7}) {
    options = {};
    options.bin = bin;
    EXPECT_THROW(convert_to("a.npy", options), InputError) << bin;
  }
  progress_.request_stop();
  EXPECT_THROW(convert_to("a.npy", {}), Interrupted);
  EXPECT_FALSE(exists(folder_ / "a.npy"));
  EXPECT_FALSE(exists(folder_ / "a.npy.partial"));
}

TEST_F(Convert, AStopIsHeardBeforeAllThatWasReadIsWritten) {
  class StopsAtOnce : public Progress {
    void advance(Index steps) override {
      done += steps;
      request_stop();
    }

   public:
    Index done = 0;
  } impatient;
  const Index frames = 2 * std::max<Index>(4, threads());
  const std::vector<std::byte> pixels(static_cast<std::size_t>(frames) << 20);
  write_npy(in_, PixelType::u8, std::vector<Index>{frames, 1024, 1024}, pixels);
  EXPECT_THROW(convert(in_, folder_ / "a.npy", {}, Index{1} << 30, Json(), impatient), Interrupted);
  EXPECT_EQ(impatient.done, frames / 2);
}

/// A movie of which every axis is told.
class Told : public MovieSource {
 public:
  explicit Told(std::vector<Axis> axes) { info_.axes = std::move(axes); }
  FrameFormat format() const override { return {PixelType::u8, 6, 8}; }
  std::optional<Index> frames() const override { return 12; }
  const MovieInfo& info() const override { return info_; }
  void read(Index /*first*/, Index /*count*/, std::span<std::byte> /*out*/) override {}

 private:
  MovieInfo info_;
};

std::vector<Axis> axes_of_part(std::vector<Axis> axes, const ConvertOptions& options) {
  return select(std::make_unique<Told>(std::move(axes)), options)->info().axes;
}

TEST(Select, AxesFollowFramesCropAndBin) {
  const std::vector<Axis> axes = {
      {"time", 12, 0.5, 1.0, "s"}, {"y", 6, -2.0, 10.0, "nm"}, {"x", 8, 2.0, -7.0, "nm"}};
  EXPECT_EQ(axes_of_part(axes, {}), axes);
  ConvertOptions options;
  from_text("2:5", options.frames);
  options.crop = Crop{1, 2, 5, 6};
  options.bin = 2;
  const std::vector<Axis> part = {{"time", 3, 0.5, 2.0, "s"},
                                  {"y", 2, -4.0, 10.0 - 2.0 * 1.5, "nm"},
                                  {"x", 3, 4.0, -7.0 + 2.0 * 2.5, "nm"}};
  EXPECT_EQ(axes_of_part(axes, options), part);
}

TEST(Select, SomeFramesOfAScanLieAlongNoneOfItsAxes) {
  const Axis y{"y", 6, 1.0, 0.0, "nm"}, x{"x", 8, 1.0, 0.0, "nm"};
  const std::vector<Axis> axes = {{"row", 3, 1.0, 0.0, ""}, {"column", 4, 1.0, 0.0, ""}, y, x};
  ConvertOptions options;
  from_text("2:5", options.frames);
  EXPECT_EQ(axes_of_part(axes, options), (std::vector<Axis>{y, x}));
}

TEST(Crop, TextFormsReadBackToTheSameValue) {
  Crop crop;
  from_text("1, 2,3,4", crop);
  EXPECT_EQ(to_text(crop), "1,2,3,4");
  for (const char* text : {"", "1,2,3", "1,2,3,4,5", "1,2,0,4", "-1,2,3,4", "a,b,c,d"}) {
    EXPECT_THROW(from_text(text, crop), InputError) << text;
  }
}

}  // namespace
}  // namespace kinema::io
