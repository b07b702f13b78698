// PNG images of every kind that the standard knows, written by libpng; and damaged ones.
#include "kinema/io/png.h"

#include "kinema/io/formats.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "damage.h"
#include "io_test_movies.h"
#include "test_data.h"
#include <gmock/gmock.h>
#include <png.h>
#include <zlib.h>

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)

struct Png {
  int colour = PNG_COLOR_TYPE_GRAY, bits = 8;
  png_uint_32 width = 0, height = 0;
  std::vector<std::vector<png_byte>> rows;  // as they lie in the file: packed, big-endian
  bool interlaced = false;
  std::vector<png_color> palette = {};
  std::vector<png_byte> palette_alpha = {};
  std::optional<png_uint_32> pixels_per_metre = {};
  std::string pixel_size_text = {};
};

void write_png(const std::filesystem::path& path, Png png) {
  png_structp out = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(out);
  std::FILE* file = std::fopen(path.c_str(), "wb");
  png_init_io(out, file);
  png_set_IHDR(out,
               info,
               png.width,
               png.height,
               png.bits,
               png.colour,
               png.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  if (!png.palette.empty()) {
    png_set_PLTE(out, info, png.palette.data(), static_cast<int>(png.palette.size()));
  }
  if (!png.palette_alpha.empty()) {
    const auto count = static_cast<int>(png.palette_alpha.size());
    png_set_tRNS(out, info, png.palette_alpha.data(), count, nullptr);
  }
  if (png.pixels_per_metre) {
    png_set_pHYs(out, info, *png.pixels_per_metre, *png.pixels_per_metre, PNG_RESOLUTION_METER);
  }
  png_text text{};
  std::string key = "PixelSize";
  text.compression = PNG_TEXT_COMPRESSION_NONE;
  text.key = key.data();
  text.text = png.pixel_size_text.data();
  if (!png.pixel_size_text.empty()) png_set_text(out, info, &text, 1);
  png_write_info(out, info);
  std::vector<png_bytep> rows;
  for (auto& row : png.rows) rows.push_back(row.data());
  png_write_image(out, rows.data());
  png_write_end(out, info);
  png_destroy_write_struct(&out, &info);
  std::fclose(file);
}

class PngTest : public ::testing::Test {
 protected:
  std::vector<int> pixels(const Png& png) {
    write_png(path_, png);
    const auto source = open_png(path_, {});
    std::vector<int> numbers;
    const auto bytes = read_all(*source);
    if (source->format().type == PixelType::u16) {
      std::vector<std::uint16_t> wide(bytes.size() / 2);
      std::memcpy(wide.data(), bytes.data(), bytes.size());
      numbers.assign(wide.begin(), wide.end());
    } else {
      for (const std::byte byte : bytes) numbers.push_back(static_cast<int>(byte));
    }
    type_ = source->format().type;
    notes_ = source->info().notes;
    return numbers;
  }

  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "image.png";
  PixelType type_ = PixelType::u8;
  std::vector<std::string> notes_;
};

TEST_F(PngTest, GreyLevelsOfEveryDepthKeepTheirNumbers) {
  const std::vector<std::vector<png_byte>> one = {{0b10100000}, {0b01100000}};
  EXPECT_EQ(pixels({PNG_COLOR_TYPE_GRAY, 1, 3, 2, one}), (std::vector<int>{1, 0, 1, 0, 1, 1}));
  EXPECT_THAT(notes_.front(), ::testing::HasSubstr("0 to 1"));
  const std::vector<std::vector<png_byte>> two = {{0b11100100}};
  EXPECT_EQ(pixels({PNG_COLOR_TYPE_GRAY, 2, 4, 1, two}), (std::vector<int>{3, 2, 1, 0}));
  const std::vector<std::vector<png_byte>> four = {{0xF1}, {0x2E}};
  EXPECT_EQ(pixels({PNG_COLOR_TYPE_GRAY, 4, 2, 2, four}), (std::vector<int>{15, 1, 2, 14}));
  const std::vector<std::vector<png_byte>> eight = {{0, 200, 255}};
  EXPECT_EQ(pixels({PNG_COLOR_TYPE_GRAY, 8, 3, 1, eight}), (std::vector<int>{0, 200, 255}));
  EXPECT_EQ(type_, PixelType::u8);
  const std::vector<std::vector<png_byte>> sixteen = {{0x12, 0x34, 0xFF, 0xFF}};
  EXPECT_EQ(pixels({PNG_COLOR_TYPE_GRAY, 16, 2, 1, sixteen}), (std::vector<int>{0x1234, 0xFFFF}));
  EXPECT_EQ(type_, PixelType::u16);
}

TEST_F(PngTest, ColourAndPalettesAreColourPixels) {
  EXPECT_EQ(pixels({PNG_COLOR_TYPE_RGB, 8, 2, 1, {{1, 2, 3, 4, 5, 6}}}),
            (std::vector<int>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(type_, PixelType::rgb);
  EXPECT_EQ(pixels({PNG_COLOR_TYPE_RGB_ALPHA, 8, 1, 1, {{1, 2, 3, 4}}}),
            (std::vector<int>{1, 2, 3, 4}));
  EXPECT_EQ(type_, PixelType::rgba);
  Png palette{PNG_COLOR_TYPE_PALETTE, 2, 3, 1, {{0b01001000}}};
  palette.palette = {{9, 8, 7}, {10, 20, 30}, {40, 50, 60}};
  EXPECT_EQ(pixels(palette), (std::vector<int>{10, 20, 30, 9, 8, 7, 40, 50, 60}));
  EXPECT_EQ(type_, PixelType::rgb);
  palette.palette_alpha = {0, 128};
  EXPECT_EQ(pixels(palette), (std::vector<int>{10, 20, 30, 128, 9, 8, 7, 0, 40, 50, 60, 255}));
  EXPECT_EQ(type_, PixelType::rgba);
}

TEST_F(PngTest, GreyWithTransparencyIsGrey) {
  EXPECT_EQ(pixels({PNG_COLOR_TYPE_GRAY_ALPHA, 8, 2, 1, {{7, 0, 8, 255}}}),
            (std::vector<int>{7, 8}));
  EXPECT_THAT(notes_.front(), ::testing::HasSubstr("transparency"));
}

TEST_F(PngTest, InterlacedImagesAreTheSame) {
  Png png{PNG_COLOR_TYPE_GRAY, 16, 13, 11, {}};
  std::vector<int> expected;
  for (int y = 0; y < 11; ++y) {
    png.rows.emplace_back();
    for (int x = 0; x < 13; ++x) {
      png.rows.back().push_back(static_cast<png_byte>(y));
      png.rows.back().push_back(static_cast<png_byte>(x));
      expected.push_back(256 * y + x);
    }
  }
  EXPECT_EQ(pixels(png), expected);
  png.interlaced = true;
  EXPECT_EQ(pixels(png), expected);
}

TEST_F(PngTest, ColourOfSixteenBitsIsRefused) {
  write_png(path_, {PNG_COLOR_TYPE_RGB, 16, 1, 1, {{1, 2, 3, 4, 5, 6}}});
  EXPECT_THROW(open_movie(path_), FileError);
}

TEST_F(PngTest, PixelSizesComeFromTheTextOrFromPlausibleResolutions) {
  Png png{PNG_COLOR_TYPE_GRAY, 8, 1, 1, {{1}}};
  png.pixels_per_metre = 3780;  // 96 dots an inch
  write_png(path_, png);
  EXPECT_FALSE(open_movie(path_)->info().pixel_size);
  EXPECT_THAT(open_movie(path_)->info().notes.front(), ::testing::HasSubstr("96 dots"));
  png.pixels_per_metre = 1'000'000'000;
  write_png(path_, png);
  EXPECT_DOUBLE_EQ(open_movie(path_)->info().pixel_size->x.value, 10.0);
  png.pixel_size_text = "0.2 A, 0.25 A";
  write_png(path_, png);
  EXPECT_EQ(*open_movie(path_)->info().pixel_size, (PixelSize{{0.2}, {0.25}}));
  EXPECT_EQ(open_movie(path_)->metadata()["text"]["PixelSize"], "0.2 A, 0.25 A");
}

TEST_F(PngTest, AFileThatDeclaresMoreThanItHoldsIsRefused) {
  write_png(path_, {PNG_COLOR_TYPE_GRAY, 8, 1, 1, {{1}}});
  std::string bytes = file_text(path_);
  put<std::uint32_t>(bytes, 16, 900'000, true);  // IHDR: width, height
  put<std::uint32_t>(bytes, 20, 900'000, true);
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(bytes.data()) + 12, 17);
  put(bytes, 29, static_cast<std::uint32_t>(crc), true);
  write_bytes(path_, bytes);
  try {
    open_movie(path_);
    FAIL();
  } catch (const FileError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("more than the file can hold"));
  }
}

TEST_F(PngTest, DamagedFilesAreRefused) {
  Png png{PNG_COLOR_TYPE_GRAY, 8, 64, 40, {}};
  for (int y = 0; y < 40; ++y) {
    png.rows.emplace_back(64);
    for (int x = 0; x < 64; ++x) {
      png.rows.back()[static_cast<std::size_t>(x)] = static_cast<png_byte>(x * y);
    }
  }
  write_png(path_, png);
  EXPECT_EQ(damage(path_), 0);  // every chunk that counts carries its checksum
}

TEST_F(PngTest, ASampleOfColourIsRead) {
  const auto sample = test::test_data("formats/mrcfile/mrc/emd_3197.png");
  KINEMA_REQUIRE_DATA(sample);
  const auto source = open_png(sample, {});
  EXPECT_EQ(source->format(), (FrameFormat{PixelType::rgb, 500, 500}));
  EXPECT_EQ(movie_format(sample), "png");
  read_all(*source);
}

}  // namespace
}  // namespace kinema::io
