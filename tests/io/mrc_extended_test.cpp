// What extended headers say: FEI's, SerialEM's, Agard's and symmetry; read, and written where the
// main header has no field.
#include "kinema/base/options.h"
#include "kinema/io/formats.h"
#include "kinema/io/movie_writer.h"

#include <gtest/gtest.h>

#include "io_test_movies.h"
#include "test_data.h"

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)

class MrcExtended : public ::testing::Test {
 protected:
  /// 3 frames of 2 x 4 16-bit pixels of 2 A, with an extended header.
  std::string file(const std::string& type, const std::string& extended, bool big_endian = false) {
    std::string bytes(1024 + 48, '\0');
    const std::int32_t size[] = {4, 2, 3};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      put(bytes, 4 * axis, size[axis], big_endian);
      put(bytes, 28 + 4 * axis, size[axis], big_endian);
      put(bytes, 40 + 4 * axis, 2.0F * static_cast<float>(size[axis]), big_endian);
      put(bytes, 64 + 4 * axis, static_cast<std::int32_t>(axis + 1), big_endian);
    }
    put(bytes, 12, std::int32_t{1}, big_endian);
    put(bytes, 92, static_cast<std::int32_t>(extended.size()), big_endian);
    bytes.replace(104, type.size(), type);
    bytes.replace(208, 4, "MAP ");
    bytes.replace(212, 2, big_endian ? "\x11\x11" : "\x44\x44");
    bytes.insert(1024, extended);
    return bytes;
  }
  std::unique_ptr<MovieSource> open(const std::string& bytes) {
    write_bytes(path_, bytes);
    return open_movie(path_);
  }

  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "movie.mrc";
};

/// Three FEI1 entries of 300 kV and 100 electrons per square angstrom; bit masks little-endian.
std::string fei_entries(bool big_endian) {
  std::string entry(768, '\0');
  put(entry, 0, std::int32_t{768}, big_endian);
  put(entry, 8, std::uint32_t{1U << 5 | 1U << 6});
  put(entry, 84, 300e3, big_endian);
  put(entry, 92, 100e20, big_endian);
  put(entry, 100, 17.0, big_endian);  // a tilt without its bit
  put(entry, 490, std::uint32_t{1U << 16});
  std::string all;
  for (int i = 0; i < 3; ++i) {
    put(entry, 579, 0.1 * (i + 1), big_endian);  // frame time
    all += entry;
  }
  return all;
}

TEST_F(MrcExtended, FeiEntriesAreReadInBothByteOrders) {
  for (const bool big_endian : {false, true}) {
    const auto source = open(file("FEI1", fei_entries(big_endian), big_endian));
    const MovieInfo& info = source->info();
    EXPECT_EQ(info.voltage, Voltage{300.0});
    EXPECT_EQ(info.voltage.source, "header");
    EXPECT_EQ(info.dose, Dose{400.0});  // 2 A pixels
    EXPECT_EQ(info.frame_time, Time{0.1});
    const Json tree = source->metadata()["extended header"];
    EXPECT_EQ(tree["type"], "FEI1");
    EXPECT_EQ(tree["frames"]["HT"], 300e3);
    EXPECT_EQ(tree["frames"]["Frame time"].size(), 3U);
    EXPECT_FALSE(tree["frames"].contains("Alpha tilt"));
  }
}

TEST_F(MrcExtended, ADiffractionPatternHasNoPixelSize) {
  std::string entries = fei_entries(false);
  put(entries, 8, std::uint32_t{1U << 25 | 1U << 26});
  put(entries, 244, std::int32_t{1});
  put(entries, 248, std::int32_t{1});
  const auto source = open(file("FEI1", entries));
  EXPECT_FALSE(source->info().pixel_size);
  put(entries, 244, std::int32_t{2});  // STEM, whose projector is in diffraction mode
  EXPECT_TRUE(open(file("FEI1", entries))->info().pixel_size);
}

TEST_F(MrcExtended, AVeloxImageTellsItsMicroscope) {
  const auto path = test::test_data("formats/rsciio/mrc/HAADFscan.mrc");
  KINEMA_REQUIRE_DATA(path);
  const auto source = open_movie(path);
  const MovieInfo& info = source->info();
  EXPECT_NEAR(info.pixel_size->x.value, 56.79131, 1e-5);
  EXPECT_EQ(info.voltage, Voltage{300.0});
  EXPECT_EQ(info.detector, "HAADF");
  EXPECT_EQ(info.date, "2022-12-05T12:13:07");
  EXPECT_EQ(info.frame_time, Time{2.72});
  EXPECT_FALSE(info.dose);  // its bit is not set
  const Json tree = source->metadata()["extended header"];
  EXPECT_EQ(tree["bytes per frame"], 888);
  EXPECT_EQ(tree["frames"]["Application"], "Velox");
}

TEST_F(MrcExtended, SerialEmSectionsAreReadByTheirFlags) {
  std::string sections(3 * 12, '\0');
  for (std::int16_t t = 0; t < 3; ++t) {
    const auto at = static_cast<std::size_t>(12 * t);
    put(sections, at, static_cast<std::int16_t>(-6000 + 300 * t));  // tilt * 100
    put(sections, at + 2, std::int16_t{50});                        // stage * 25
    put(sections, at + 4, std::int16_t{-25});
    put(sections, at + 6, std::int16_t{330});                 // magnification / 100
    put(sections, at + 8, static_cast<std::int16_t>(24576));  // 24576 * 256 * 2^-22 = 1.5
    put(sections, at + 10, static_cast<std::int16_t>(-22 * 256));
  }
  for (const char* type : {"SERI", "\0\0\0\0"}) {
    std::string bytes = file(type, sections);
    put(bytes, 128, std::int16_t{12});
    put(bytes, 130, std::int16_t{1 | 4 | 8 | 32});
    const auto source = open(bytes);
    const Json frames = source->metadata()["extended header"]["frames"];
    EXPECT_EQ(frames["tilt (degree)"], Json::array({-60.0, -57.0, -54.0}));
    EXPECT_EQ(frames["stage (um)"], Json::array({2.0, -1.0}));
    EXPECT_EQ(frames["magnification"], 33000);
    EXPECT_EQ(frames["dose (e-/A^2)"], 1.5);
    EXPECT_EQ(source->info().dose, Dose{6.0});  // pixels of 2 A
  }
}

TEST_F(MrcExtended, AgardSectionsGiveThePixelSizeThatAPlaceholderHides) {
  std::string sections(3 * 128, '\0');
  for (std::size_t t = 0; t < 3; ++t) {
    put(sections, 128 * t, static_cast<float>(t));
    put(sections, 128 * t + 32, 0.5F);
    put(sections, 128 * t + 44, 2.5e-10F);
  }
  std::string bytes = file("AGAR", sections);
  put(bytes, 130, std::int16_t{32});
  put(bytes, 40, 0.0F);
  put(bytes, 44, 0.0F);
  const auto source = open(bytes);
  EXPECT_EQ(source->info().pixel_size, (PixelSize{{2.5}, {2.5}}));
  EXPECT_EQ(source->info().frame_time, Time{0.5});
  const Json frames = source->metadata()["extended header"]["frames"];
  EXPECT_EQ(frames["alpha tilt (degree)"], Json::array({0.0, 1.0, 2.0}));
}

TEST_F(MrcExtended, SymmetryIsText) {
  const auto path = test::test_data("formats/mrcfile/mrc/EMD-3001.map");
  KINEMA_REQUIRE_DATA(path);
  const Json tree = open_movie(path)->metadata()["extended header"];
  EXPECT_EQ(tree["type"], "CCP4");
  EXPECT_EQ(tree["symmetry"][0], "X,  Y,  Z");
}

TEST_F(MrcExtended, OtherTypesAreNamed) {
  for (const char* type : {"MRCO", "HDF5", "ZZZZ"}) {
    const Json tree = open(file(type, std::string(100, 'x')))->metadata()["extended header"];
    EXPECT_EQ(tree["type"], type);
    EXPECT_EQ(tree["bytes"], 100);
  }
}

TEST_F(MrcExtended, FactsThatTheMainHeaderCannotHoldAreWrittenAndReadBack) {
  const FrameFormat format{PixelType::i16, 2, 4};
  MovieInfo info;
  info.pixel_size = {PixelSize{{0.37}, {0.38}}, "user"};
  const auto write = [&] {
    const auto writer = MovieWriter::create(path_, format, 3, info, Json());
    writer->write(0, pixels_of(format, 3));
    writer->close();
  };
  write();
  EXPECT_EQ(std::filesystem::file_size(path_), 1024U + 48U);

  info.frame_time = {Time{0.0025}, "user"};
  info.voltage = {Voltage{80.0}, "user"};
  info.dose = {Dose{3.3}, "user"};
  info.detector = {"DE-16", "side-car"};
  info.date = {"2025-04-29T18:58:37Z", "side-car"};
  write();
  EXPECT_EQ(std::filesystem::file_size(path_), 1024U + 3 * 768U + 48U);
  const auto source = open_movie(path_);
  EXPECT_EQ(read_all(*source), pixels_of(format, 3));
  const MovieInfo& read = source->info();
  EXPECT_EQ(read.pixel_size, (PixelSize{{0.37}, {0.38}}));
  EXPECT_EQ(read.frame_time, Time{0.0025});
  EXPECT_EQ(read.voltage, Voltage{80.0});
  EXPECT_NEAR(read.dose->value, 3.3, 1e-6);
  EXPECT_EQ(read.detector, "DE-16");
  EXPECT_EQ(read.date, "2025-04-29T18:58:37Z");
  EXPECT_EQ(read.date.source, "header");
}

}  // namespace
}  // namespace kinema::io
