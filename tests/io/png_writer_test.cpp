// PNG sequences as they lie in a folder, and read back.
#include "kinema/io/png_writer.h"

#include "kinema/io/contrast.h"
#include "kinema/io/formats.h"
#include "kinema/io/movie_writer.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io_test_movies.h"
#include "test_data.h"
#include <gmock/gmock.h>
#include <set>

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)
using ::testing::ElementsAre;

class PngWriterTest : public ::testing::Test {
 protected:
  std::vector<std::byte> write(const std::string& name,
                               const FrameFormat& format,
                               Index frames,
                               const MovieInfo& info = {},
                               const WriteOptions& options = {}) {
    auto pixels = pixels_of({PixelType::u8, 1, format.bytes()}, frames);
    if (is_grey(format.type)) pixels = pixels_of(format, frames);
    const auto writer = MovieWriter::create(folder_ / name, format, frames, info, nullptr, options);
    const auto half = static_cast<std::size_t>(frames / 2 * format.bytes());
    writer->write(frames / 2, std::span(pixels).subspan(half));
    writer->write(0, std::span(pixels).first(half));
    EXPECT_FALSE(std::filesystem::exists(png_frame_path(folder_ / name, frames, 0)));
    writer->close();
    return pixels;
  }
  std::set<std::string> names() const {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "")) {
      found.insert(entry.path().filename().string());
    }
    return found;
  }
  test::TempFolder folder_;
};

TEST_F(PngWriterTest, ExactTypesComeBackAsTheyWere) {
  for (const PixelType type : {PixelType::u8, PixelType::u16, PixelType::rgb, PixelType::rgba}) {
    SCOPED_TRACE(to_text(type));
    const FrameFormat format{type, 17, 23};
    const std::string name = to_text(type) + "_%03d.png";
    const auto pixels = write(name, format, 5);
    const auto source = open_movie(folder_ / name);
    EXPECT_EQ(source->format(), format);
    ASSERT_EQ(source->frames(), 5);
    EXPECT_EQ(read_all(*source), pixels);
  }
}

TEST_F(PngWriterTest, NamesFollowThePatternOrCountFromZero) {
  write("a_%05d.png", {PixelType::u8, 2, 2}, 2);
  write("one.png", {PixelType::u8, 2, 2}, 1);
  write("more.png", {PixelType::u8, 2, 2}, 2);
  EXPECT_THAT(
      names(),
      ElementsAre("a_00000.png", "a_00001.png", "more_00000.png", "more_00001.png", "one.png"));
}

TEST_F(PngWriterTest, OtherTypesBecomeLevelsBetweenBlackAndWhite) {
  const FrameFormat format{PixelType::f32, 4, 4};
  WriteOptions options;
  options.contrast = Contrast{-100.0, 100.0};
  const auto pixels = write("f.png", format, 1, {}, options);
  std::vector<std::uint8_t> levels(16);
  levels_from(format.type, pixels.data(), *options.contrast, levels);
  const auto source = open_movie(folder_ / "f.png");
  const auto read = read_all(*source);
  EXPECT_EQ(std::memcmp(read.data(), levels.data(), 16), 0);
  EXPECT_EQ(source->metadata()["text"]["GreyLevels"], "0 is -100, 255 is 100 of float32");
  EXPECT_THROW(write("g.png", format, 1), InputError);
  EXPECT_THROW(write("c.png", {PixelType::c64, 4, 4}, 1, {}, options), InputError);
}

TEST_F(PngWriterTest, ThePixelSizeTravelsInFull) {
  MovieInfo info;
  info.pixel_size = {PixelSize{{0.19}, {0.21}}, "header"};
  write("a.png", {PixelType::u16, 3, 3}, 1, info);
  EXPECT_EQ(*open_movie(folder_ / "a.png")->info().pixel_size, *info.pixel_size);
}

TEST_F(PngWriterTest, AWriterThatWasNotClosedLeavesNothing) {
  const std::vector<std::byte> pixels(8);
  {
    const auto writer =
        MovieWriter::create(folder_ / "a.png", {PixelType::u8, 2, 2}, 2, {}, nullptr);
    writer->write(0, pixels);
    EXPECT_THAT(names(), ElementsAre("a_00000.png.partial", "a_00001.png.partial"));
  }
  EXPECT_TRUE(names().empty());
}

}  // namespace
}  // namespace kinema::io
