// Pyramids keep the mean and cover the frame.
#include "kinema/report/pyramid.h"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

namespace kinema::report {
namespace {

LevelImage ramp(Index height, Index width) {
  std::vector<std::byte> pixels(static_cast<std::size_t>(height * width) * 2);
  for (Index i = 0; i < height * width; ++i) {
    const auto value = static_cast<std::uint16_t>(i % 1000);
    std::memcpy(pixels.data() + 2 * i, &value, 2);
  }
  return whole_image(PixelType::u16, height, width, std::move(pixels));
}

std::vector<float> floats_of(const LevelImage& image) {
  std::vector<float> values(image.numbers.size() / sizeof(float));
  std::memcpy(values.data(), image.numbers.data(), image.numbers.size());
  return values;
}

TEST(Pyramid, EveryLevelKeepsTheMean) {
  const LevelImage whole = ramp(64, 96);
  double mean = 0.0;
  for (Index i = 0; i < 64 * 96; ++i) mean += static_cast<double>(i % 1000) / (64.0 * 96.0);
  for (Index level = 1; level <= 5; ++level) {
    const std::vector<float> values = floats_of(binned(whole, level));
    const double found =
        std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    EXPECT_NEAR(found, mean, 1e-2) << level;
  }
}

TEST(Pyramid, WhatIsLeftOverAtTheEdgesIsAveragedToo) {
  const LevelImage image = binned(ramp(3, 5), 1);
  EXPECT_EQ(image.height, 2);
  EXPECT_EQ(image.width, 3);
  EXPECT_EQ(floats_of(image), (std::vector<float>{3.0F, 5.0F, 6.5F, 10.5F, 12.5F, 14.0F}));
}

TEST(Pyramid, TheLastLevelIsOneTile) {
  EXPECT_EQ(level_count(1, 1), 1);
  EXPECT_EQ(level_count(tile_edge, tile_edge), 1);
  EXPECT_EQ(level_count(tile_edge + 1, 2), 2);
  EXPECT_EQ(level_count(4096, 4096), 3);
}

TEST(Pyramid, TilesTogetherAreTheImage) {
  const LevelImage image = ramp(tile_edge + 7, 2 * tile_edge + 1);
  std::size_t bytes = 0;
  for (Index row = 0; row < 2; ++row) {
    for (Index column = 0; column < 3; ++column) bytes += tile_of(image, row, column).size();
  }
  EXPECT_EQ(bytes, image.numbers.size());
  const std::vector<std::byte> last = tile_of(image, 1, 2);
  EXPECT_EQ(last.size(), 7U * 2U);
  EXPECT_TRUE(std::equal(last.end() - 2, last.end(), image.numbers.end() - 2));
  EXPECT_THROW((void)tile_of(image, 2, 0), InputError);
  EXPECT_THROW((void)tile_of(image, 0, -1), InputError);
}

TEST(Pyramid, NumbersThatBrowsersDoNotKnowBecomeFloats) {
  const std::int32_t values[] = {-70000, 70000};
  std::vector<std::byte> pixels(sizeof values);
  std::memcpy(pixels.data(), values, sizeof values);
  const LevelImage image = whole_image(PixelType::i32, 1, 2, std::move(pixels));
  EXPECT_EQ(image.type, "f32");
  EXPECT_EQ(floats_of(image), (std::vector<float>{-70000.0F, 70000.0F}));
}

}  // namespace
}  // namespace kinema::report
