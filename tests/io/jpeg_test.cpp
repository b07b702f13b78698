// JPEG images as libjpeg writes them, baseline and progressive; and damaged ones.
#include "kinema/io/jpeg.h"

#include "kinema/io/formats.h"

#include <gtest/gtest.h>

#include "damage.h"
#include "io_test_movies.h"
#include "jpeg_test_files.h"
#include "test_data.h"
#include <gmock/gmock.h>

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)
using namespace test_jpeg;    // NOLINT(google-build-using-namespace)

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
