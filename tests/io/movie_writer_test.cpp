// What is written is read back bit for bit, in every format and pixel type; an unfinished movie
// never bears the name of a finished one.
#include "kinema/io/movie_writer.h"

#include "kinema/io/formats.h"
#include "kinema/io/npy.h"

#include <gtest/gtest.h>

#include "io_test_movies.h"
#include "test_data.h"
#include <numeric>

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)

bool holds(const std::string& ending, PixelType type) {
  return ending != ".mrc" ||
         (type != PixelType::u32 && type != PixelType::i32 && type != PixelType::f64);
}

class MovieWriterTest : public ::testing::Test {
 protected:
  std::unique_ptr<MovieWriter> create(const std::filesystem::path& path,
                                      const FrameFormat& format,
                                      Index frames,
                                      const MovieInfo& info = {}) {
    return MovieWriter::create(path, format, frames, info, Json());
  }
  test::TempFolder folder_;
};

TEST_F(MovieWriterTest, EveryTypeComesBackBitForBitFromEveryFormat) {
  for (const char* ending : {".mrc", ".tif", ".npy"}) {
    for (const PixelType type : all_types) {
      if (!holds(ending, type)) continue;
      const FrameFormat format{type, 5, 7};
      const std::vector<std::byte> pixels = pixels_of(format, 3);
      const auto path = folder_ / ("movie" + std::string(ending));
      const auto writer = create(path, format, 3);
      writer->write(0, pixels);
      writer->close();
      const auto source = open_movie(path);
      EXPECT_EQ(source->format(), format) << ending << " " << to_text(type);
      ASSERT_EQ(source->frames(), 3);
      EXPECT_EQ(read_all(*source), pixels) << ending << " " << to_text(type);
    }
  }
}

TEST_F(MovieWriterTest, FramesMayComeInAnyOrderAndBeReadInAnyOrder) {
  const FrameFormat format{PixelType::u16, 4, 6};
  const std::vector<std::byte> pixels = pixels_of(format, 5);
  const auto frame = static_cast<std::size_t>(format.bytes());
  for (const char* ending : {".mrc", ".tif", ".npy"}) {
    const auto path = folder_ / ("movie" + std::string(ending));
    const auto writer = create(path, format, 5);
    for (const Index t : {3, 0, 4, 1, 2}) {
      writer->write(t, std::span(pixels).subspan(static_cast<std::size_t>(t) * frame, frame));
    }
    writer->close();
    const auto source = open_movie(path);
    std::vector<std::byte> two(2 * frame);
    source->read(3, 2, two);
    EXPECT_TRUE(std::equal(two.begin(), two.end(), pixels.begin() + 3 * static_cast<Index>(frame)));
    source->read(1, 2, two);
    EXPECT_TRUE(std::equal(two.begin(), two.end(), pixels.begin() + static_cast<Index>(frame)));
    EXPECT_THROW(source->read(4, 2, two), InputError);
  }
}

TEST_F(MovieWriterTest, PixelSizeAndFrameTimeComeBack) {
  const FrameFormat format{PixelType::f32, 3, 700};
  const std::vector<std::byte> pixels = pixels_of(format, 2);
  for (const double edge : {0.2, 0.213, 1.0625, 3.7e-1, 12.5, 0.1234567}) {
    MovieInfo info;
    info.pixel_size = {PixelSize{{edge}, {edge * 2}}, "header"};
    info.frame_time = {Time{0.04}, "header"};
    for (const char* ending : {".mrc", ".tif", ".npy"}) {
      const auto path = folder_ / ("movie" + std::string(ending));
      const auto writer = MovieWriter::create(path, format, 2, info, Json::object());
      writer->write(0, pixels);
      writer->close();
      const MovieInfo back = open_movie(path)->info();
      ASSERT_TRUE(back.pixel_size) << ending;
      EXPECT_DOUBLE_EQ(back.pixel_size->x.value, edge) << ending;
      EXPECT_DOUBLE_EQ(back.pixel_size->y.value, edge * 2) << ending;
      EXPECT_EQ(back.pixel_size.source, std::string(ending) == ".npy" ? "side-car" : "header");
      EXPECT_EQ(back.frame_time, Time{0.04});
    }
  }
}

TEST_F(MovieWriterTest, ASideCarOfAnotherMovieIsNotBelieved) {
  const auto path = folder_ / "movie.npy";
  MovieInfo info;
  info.pixel_size = {PixelSize{{0.2}, {0.2}}, "header"};
  const FrameFormat format{PixelType::u8, 4, 4};
  auto writer = MovieWriter::create(path, format, 2, info, Json::object());
  writer->write(0, pixels_of(format, 2));
  writer->close();
  write_npy(path, PixelType::u8, std::vector<Index>{1, 4, 4}, pixels_of(format, 1));
  EXPECT_FALSE(open_movie(path)->info().pixel_size);
  write_bytes(sidecar_path(path), "{\"frames\": broken");
  EXPECT_FALSE(open_movie(path)->info().pixel_size);
}

TEST_F(MovieWriterTest, TheNameAppearsOnlyWhenTheMovieIsComplete) {
  const FrameFormat format{PixelType::u8, 4, 4};
  const auto path = folder_ / "movie.mrc";
  {
    const auto writer = create(path, format, 2);
    writer->write(0, pixels_of(format, 2));
    EXPECT_FALSE(exists(path));
  }
  EXPECT_FALSE(exists(folder_ / "movie.mrc.partial"));
  const auto incomplete = create(path, format, 2);
  incomplete->write(1, pixels_of(format, 1));
  EXPECT_THROW(incomplete->close(), std::logic_error);
}

TEST_F(MovieWriterTest, AnInterruptedMovieIsResumedToTheSameBytes) {
  const FrameFormat format{PixelType::u8, 4, 6};
  const std::vector<std::byte> pixels = pixels_of(format, 4);
  const std::span<const std::byte> frames(pixels);
  const auto half = static_cast<std::size_t>(2 * format.bytes());
  for (const char* ending : {".mrc", ".tif", ".npy"}) {
    const auto whole = folder_ / ("whole" + std::string(ending));
    const auto writer = create(whole, format, 4);
    writer->write(0, frames);
    writer->close();
    const auto path = folder_ / ("parts" + std::string(ending));
    {
      const auto first = create(path, format, 4);
      first->keep_partial(true);
      first->write(0, frames.first(half));
    }
    const FrameFormat other{PixelType::u8, 6, 4};
    EXPECT_EQ(MovieWriter::resume(path, other, 4, {}, Json()), nullptr);
    EXPECT_EQ(MovieWriter::resume(path, format, 5, {}, Json()), nullptr);
    const auto rest = MovieWriter::resume(path, format, 4, {}, Json());
    ASSERT_NE(rest, nullptr);
    rest->write(2, frames.subspan(half));
    rest->close();
    EXPECT_EQ(file_text(path), file_text(whole)) << ending;
  }
  EXPECT_EQ(MovieWriter::resume(folder_ / "absent.mrc", format, 4, {}, Json()), nullptr);
}

TEST_F(MovieWriterTest, RefusalsSayTheMend) {
  const FrameFormat format{PixelType::u32, 4, 4};
  const auto message = [&](const std::string& name) {
    try {
      create(folder_ / name, format, 1);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(message("a.mrc").find("write .tif or .npy"), std::string::npos);
  EXPECT_NE(message("a.mp5").find(".mrcs"), std::string::npos);
  EXPECT_NE(message("noending").find(".npy"), std::string::npos);
  EXPECT_THROW(create("/no_such_folder/a.npy", format, 1), IoError);
  EXPECT_EQ(writer_format("MOVIE.TIF"), "tiff");
}

TEST_F(MovieWriterTest, AFullDiskIsAnIoError) {
  const FrameFormat huge{PixelType::u8, 1 << 20, 1 << 20};
  EXPECT_THROW(create(folder_ / "huge.npy", huge, 4000), IoError);
  EXPECT_FALSE(exists(folder_ / "huge.npy.partial"));
}

TEST_F(MovieWriterTest, ProvenanceGoesWithTheMovie) {
  const FrameFormat format{PixelType::u8, 4, 4};
  const auto path = folder_ / "movie.tif";
  const auto writer = MovieWriter::create(path, format, 1, {}, Json{{"command", "kinema test"}});
  writer->write(0, pixels_of(format, 1));
  writer->close();
  const Json sidecar = Json::parse(file_text(sidecar_path(path)));
  EXPECT_EQ(sidecar["provenance"]["command"], "kinema test");
  EXPECT_EQ(sidecar["dtype"], "uint8");
}

}  // namespace
}  // namespace kinema::io
