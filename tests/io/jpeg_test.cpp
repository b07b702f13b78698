// JPEG images as libjpeg writes them, baseline and progressive; and damaged ones.
#include "kinema/io/jpeg.h"

#include "kinema/io/formats.h"

#include <gtest/gtest.h>

#include "damage.h"
#include "io_test_movies.h"
#include "test_data.h"
#include <cstdio>
#include <cstdlib>
#include <gmock/gmock.h>
#include <jpeglib.h>

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)

/// A smooth picture of `channels` a pixel, nearly kept at quality 100.
std::vector<unsigned char> smooth(int height, int width, int channels) {
  std::vector<unsigned char> pixels;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < channels; ++c) {
        pixels.push_back(static_cast<unsigned char>(40 + x + y + 30 * c));
      }
    }
  }
  return pixels;
}

void write_jpeg(const std::filesystem::path& path,
                std::vector<unsigned char> pixels,
                int height,
                int width,
                J_COLOR_SPACE space,
                bool progressive = false) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  std::FILE* file = std::fopen(path.c_str(), "wb");
  jpeg_stdio_dest(&jpeg, file);
  jpeg.image_height = static_cast<JDIMENSION>(height);
  jpeg.image_width = static_cast<JDIMENSION>(width);
  jpeg.input_components = space == JCS_GRAYSCALE ? 1 : space == JCS_RGB ? 3 : 4;
  jpeg.in_color_space = space;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 100, TRUE);
  if (progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  for (int y = 0; y < height; ++y) {
    JSAMPROW row = pixels.data() + y * width * jpeg.input_components;
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  std::fclose(file);
}

class JpegTest : public ::testing::Test {
 protected:
  void expect_near(const std::vector<unsigned char>& pixels, int tolerance) {
    const auto read = read_all(*open_jpeg(path_, {}));
    ASSERT_EQ(read.size(), pixels.size());
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      ASSERT_NEAR(static_cast<int>(read[i]), pixels[i], tolerance) << i;
    }
  }
  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "image.jpg";
};

TEST_F(JpegTest, GreyAndColourComeNearWhatWasWritten) {
  for (const bool progressive : {false, true}) {
    write_jpeg(path_, smooth(30, 50, 1), 30, 50, JCS_GRAYSCALE, progressive);
    EXPECT_EQ(open_jpeg(path_, {})->format(), (FrameFormat{PixelType::u8, 30, 50}));
    expect_near(smooth(30, 50, 1), 1);
    write_jpeg(path_, smooth(30, 50, 3), 30, 50, JCS_RGB, progressive);
    EXPECT_EQ(open_jpeg(path_, {})->format(), (FrameFormat{PixelType::rgb, 30, 50}));
    expect_near(smooth(30, 50, 3), 4);
  }
  EXPECT_EQ(movie_format(path_), "jpeg");
}

TEST_F(JpegTest, ColoursOfPrintersAreRefused) {
  write_jpeg(path_, smooth(8, 8, 4), 8, 8, JCS_CMYK);
  try {
    open_movie(path_);
    FAIL();
  } catch (const FileError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("CMYK"));
  }
}

TEST_F(JpegTest, AFileThatDeclaresMoreThanItHoldsIsRefused) {
  write_jpeg(path_, smooth(8, 8, 1), 8, 8, JCS_GRAYSCALE);
  std::string bytes = file_text(path_);
  const std::size_t frame = bytes.find("\xFF\xC0");
  put<std::uint16_t>(bytes, frame + 5, 60000, true);
  put<std::uint16_t>(bytes, frame + 7, 60000, true);
  write_bytes(path_, bytes);
  EXPECT_THROW(open_movie(path_), FileError);
}

TEST_F(JpegTest, DamagedFilesGiveDataOrAnError) {
  for (const bool progressive : {false, true}) {
    write_jpeg(path_, smooth(40, 64, 3), 40, 64, JCS_RGB, progressive);
    EXPECT_LT(damage(path_), 1000);
  }
}

}  // namespace
}  // namespace kinema::io
