// Bytes, images and pixel values come back from a page as they went in.
#include "kinema/report/pack.h"

#include "kinema/report/levels.h"
#include "kinema/report/png.h"

#include <gtest/gtest.h>

#include <numeric>
#include <png.h>
#include <zlib.h>

namespace kinema::report {
namespace {

/// Reads a PNG file's pixels back through libpng.
std::vector<std::uint8_t> decode_png(const std::string& file, png_uint_32 format) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&image, file.data(), file.size()), 0);
  image.format = format;
  std::vector<std::uint8_t> pixels(PNG_IMAGE_SIZE(image));
  EXPECT_NE(png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr), 0);
  return pixels;
}

std::string decode_base64(const std::string& text) {
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned word = 0;
  int bits = 0;
  for (const char c : text.substr(0, text.find('='))) {
    word = word << 6U | static_cast<unsigned>(letters.find(c));
    bits += 6;
    if (bits >= 8) bytes += static_cast<char>(word >> (bits -= 8));
  }
  return bytes;
}

TEST(Base64, AgreesWithTheStandardsExamples) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(Deflate, ComesBackThroughZlib) {
  std::vector<std::byte> bytes(100'000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * i >> 7U);
  const std::string packed = decode_base64(base64(deflate(bytes)));
  std::vector<std::byte> back(bytes.size());
  uLongf length = back.size();
  ASSERT_EQ(uncompress(reinterpret_cast<Bytef*>(back.data()),
                       &length,
                       reinterpret_cast<const Bytef*>(packed.data()),
                       packed.size()),
            Z_OK);
  EXPECT_EQ(back, bytes);
}

TEST(Png, GreyAndColourComeBackThroughLibpng) {
  Array<std::uint8_t, 2> grey({7, 9});
  std::iota(grey.flat().begin(), grey.flat().end(), std::uint8_t{100});
  const std::vector<std::uint8_t> grey_back = decode_png(encode_png(grey.view()), PNG_FORMAT_GRAY);
  EXPECT_TRUE(std::equal(grey_back.begin(), grey_back.end(), grey.flat().begin()));

  Array<std::uint8_t, 3> rgb({4, 5, 3});
  std::iota(rgb.flat().begin(), rgb.flat().end(), std::uint8_t{0});
  const std::vector<std::uint8_t> rgb_back = decode_png(encode_png(rgb.view()), PNG_FORMAT_RGB);
  EXPECT_TRUE(std::equal(rgb_back.begin(), rgb_back.end(), rgb.flat().begin()));
}

TEST(Png, AWindowMapsItsEndsToBlackAndWhite) {
  Array<float, 2> values({1, 4});
  values(0, 0) = -5.0F;
  values(0, 1) = 1.0F;
  values(0, 2) = 3.0F;
  values(0, 3) = std::numeric_limits<float>::quiet_NaN();
  const Array<std::uint8_t, 2> grey = grey_levels(values.view(), 1.0, 2.0);
  EXPECT_EQ(grey(0, 0), 0);
  EXPECT_EQ(grey(0, 1), 0);
  EXPECT_EQ(grey(0, 2), 255);
  EXPECT_EQ(grey(0, 3), 0);
}

TEST(Levels, WholeNumbersOfAByteAreExact) {
  const Levels levels = levels_for({0.0F, 3.0F, 250.0F}, 8, false);
  EXPECT_EQ(levels.offset, 0.0);
  EXPECT_EQ(levels.step, 1.0);
  std::vector<std::byte> bytes;
  const std::vector<float> values = {0.0F, 17.0F, 255.0F};
  EXPECT_EQ(append_levels(levels, values, bytes), 0);
  EXPECT_EQ(bytes, (std::vector<std::byte>{std::byte{0}, std::byte{17}, std::byte{255}}));
}

TEST(Levels, RealNumbersComeBackWithinHalfAStep) {
  std::vector<float> values(5000);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = 0.37F * static_cast<float>(i % 977) - 40.0F;
  }
  for (const int bits : {8, 16}) {
    const Levels levels = levels_for(values, bits, false);
    std::vector<std::byte> bytes;
    EXPECT_EQ(append_levels(levels, values, bytes), 0);
    const std::size_t width = bits / 8;
    ASSERT_EQ(bytes.size(), values.size() * width);
    for (std::size_t i = 0; i < values.size(); ++i) {
      int level = std::to_integer<int>(bytes[i * width]);
      if (bits == 16) level += 256 * std::to_integer<int>(bytes[i * width + 1]);
      EXPECT_NEAR(levels.offset + levels.step * level, values[i], 0.5001 * levels.step + 1e-5);
    }
  }
}

TEST(Levels, SymmetricOnesHoldZeroExactly) {
  const Levels levels = levels_for({-3.7F, 0.0F, 1.2F}, 8, true);
  std::vector<std::byte> bytes;
  append_levels(levels, std::vector<float>{0.0F}, bytes);
  EXPECT_EQ(levels.offset + levels.step * std::to_integer<int>(bytes[0]), 0.0);
}

TEST(Levels, OneHotPixelDoesNotCoarsenTheRest) {
  std::vector<float> values(100'000);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = 0.001F * static_cast<float>(i % 1000);
  }
  values[500] = 1e6F;
  const Levels levels = levels_for(values, 8, false);
  EXPECT_LT(levels.step, 0.02);
  std::vector<std::byte> bytes;
  EXPECT_EQ(append_levels(levels, values, bytes), 1);
}

}  // namespace
}  // namespace kinema::report
