// EER files made from lists of electrons by the published description, in all three compressions,
// read back as sums; and damaged ones.
#include "kinema/io/eer.h"

#include "kinema/io/eer_events.h"
#include "kinema/io/formats.h"
#include "kinema/io/movie_writer.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "damage.h"
#include "eer_test_files.h"
#include "test_data.h"
#include <gmock/gmock.h>

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)
using namespace test_eer;     // NOLINT(google-build-using-namespace)
using ::testing::Contains;
using ::testing::HasSubstr;

/// The sum of frames [first, first + count) at `up` places an edge, the plain way.
std::vector<unsigned> summed(const std::vector<Frame>& frames,
                             std::size_t first,
                             std::size_t count,
                             unsigned height,
                             unsigned width,
                             unsigned up) {
  std::vector<unsigned> sums(static_cast<std::size_t>(height) * width * up * up);
  for (std::size_t t = first; t < first + count; ++t) {
    for (const Electron& electron : frames[t]) {
      const unsigned y = electron.pixel / width * up + electron.y * up / 4;
      const unsigned x = electron.pixel % width * up + electron.x * up / 4;
      ++sums[static_cast<std::size_t>(y) * width * up + x];
    }
  }
  return sums;
}

std::vector<unsigned> numbers_of(MovieSource& source, Index frame) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(source.format().bytes()));
  source.read(frame, 1, bytes);
  std::vector<unsigned> numbers;
  with_pixel_type(source.format().type, [&](auto zero) {
    const auto* values = reinterpret_cast<const decltype(zero)*>(bytes.data());
    for (Index i = 0; i < source.format().pixels(); ++i) {
      numbers.push_back(static_cast<unsigned>(values[i]));
    }
  });
  return numbers;
}

class EerTest : public ::testing::Test {
 protected:
  static constexpr unsigned height = 24, width = 50;
  void write(EerFile file, const std::vector<Frame>& frames, bool padded = false) {
    file.height = height;
    file.width = width;
    for (const Frame& frame : frames) {
      file.streams.push_back(encode(frame, height * width, file.code, padded));
    }
    write_bytes(path_, file.bytes());
  }
  void expect_sums(const std::vector<Frame>& frames, std::size_t group, unsigned up) {
    SCOPED_TRACE(std::to_string(group) + " frames, upsampling " + std::to_string(up));
    ReadOptions options;
    options.eer_frames = static_cast<int>(group);
    options.eer_upsampling = static_cast<int>(up);
    const auto source = open_movie(path_, options);
    const std::size_t each = group == 0 ? frames.size() : group;
    ASSERT_EQ(source->frames(), static_cast<Index>(frames.size() / each));
    ASSERT_EQ(source->format(), (FrameFormat{PixelType::u8, height * up, width * up}));
    for (Index t = 0; t < source->frames().value(); ++t) {
      EXPECT_EQ(numbers_of(*source, t),
                summed(frames, static_cast<std::size_t>(t) * each, each, height, width, up));
    }
  }
  std::string refusal(const ReadOptions& options = {}) {
    return refusal_of([&] { read_all(*open_movie(path_, options)); });
  }
  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "movie.eer";
};

TEST(EerEvents, AFrameWorkedByHand) {
  // Two rows of four pixels. An electron on pixel 1, three quarters to the right and at the top:
  // run 1, places 3 - 2 = 1 (01) and 0 - 2 = -2 (10). One on pixel 6, a quarter to the right and
  // half down: run 4, places -1 (11) and 0 (00). Then a run of the one pixel that is left.
  //   first bits -> 1000000 10 01 | 0010000 11 00 | 1000000
  const unsigned char bytes[4 + eer_padding] = {0x81, 0x24, 0x4C, 0x00};
  std::vector<std::uint32_t> places;
  for (const int up : {0, 1, 2}) {
    ASSERT_EQ(decode_eer(std::as_bytes(std::span(bytes)), {7, 2, 2}, {2, 4, up}, false, places),
              EerEnd::exact);
    const auto at = [&](unsigned y, unsigned x) { return y * (4U << up) + x; };
    const std::vector<std::uint32_t> expected[] = {
        {at(0, 1), at(1, 2)}, {at(0, 3), at(3, 4)}, {at(0, 7), at(6, 9)}};
    EXPECT_EQ(places, expected[up]);
  }
}

TEST(EerEvents, AStreamThatPassesTheLastPixelIsRefused) {
  const unsigned char bytes[2 + eer_padding] = {0x09, 0x00};
  std::vector<std::uint32_t> places;
  EXPECT_EQ(decode_eer(std::as_bytes(std::span(bytes)), {7, 2, 2}, {2, 4, 0}, false, places),
            EerEnd::wrong);
}

TEST_F(EerTest, AllCompressionsAreReadAtAllUpsamplings) {
  const std::vector<Frame> frames = random_frames(7, height * width);
  for (const auto& [compression, code] : {std::pair{65000, EerCode{8, 2, 2}},
                                          std::pair{65001, EerCode{7, 2, 2}},
                                          std::pair{65002, EerCode{5, 2, 2}},
                                          std::pair{65002, EerCode{6, 3, 2}},
                                          std::pair{65002, EerCode{9, 2, 4}}}) {
    SCOPED_TRACE(std::to_string(compression) + " " + std::to_string(code.skip));
    EerFile file;
    file.compression = compression;
    file.code = code;
    write(file, frames);
    EXPECT_EQ(movie_format(path_), "eer");
    for (const unsigned up : {1U, 2U, 4U}) {
      expect_sums(frames, 0, up);
      expect_sums(frames, 1, up);
      expect_sums(frames, 3, up);
    }
  }
}

TEST(EerEvents, ALastRunMayBeMissing) {
  const Frame frame = {{3, 0, 0}, {110, 1, 1}};
  std::vector<std::uint32_t> places;
  std::string stream = encode(frame, 111, {7, 2, 2}) + std::string(eer_padding, '\0');
  for (const Index width : {111, 200, 300}) {
    const EerEnd end =
        decode_eer(std::as_bytes(std::span(stream)), {7, 2, 2}, {1, width, 0}, false, places);
    EXPECT_EQ(end, width == 111 ? EerEnd::exact : width == 200 ? EerEnd::loose : EerEnd::wrong);
    EXPECT_EQ(places, (std::vector<std::uint32_t>{3, 110}));
  }
}

TEST_F(EerTest, EarlyCamerasPadFullRuns) {
  EerFile file;
  file.compression = 65000;
  file.code = {8, 2, 2};
  const std::vector<Frame> frames = random_frames(3, height * width);
  write(file, frames, /*padded=*/true);
  expect_sums(frames, 1, 4);
}

TEST_F(EerTest, EveryKindOfTiffCarriesThem) {
  const std::vector<Frame> frames = random_frames(4, height * width);
  for (const bool big_tiff : {false, true}) {
    for (const bool big_endian : {false, true}) {
      for (const bool two_strips : {false, true}) {
        EerFile file;
        file.big_tiff = big_tiff;
        file.big_endian = big_endian;
        file.two_strips = two_strips;
        write(file, frames);
        expect_sums(frames, 2, 2);
      }
    }
  }
}

TEST_F(EerTest, ASumBeforeTheFramesIsLeftOut) {
  EerFile file;
  file.sum_before = true;
  const std::vector<Frame> frames = random_frames(2, height * width);
  write(file, frames);
  expect_sums(frames, 1, 1);
  EXPECT_THAT(open_movie(path_)->info().notes, Contains(HasSubstr("1 other image left out")));
}

TEST_F(EerTest, OtherTiffFilesStayTiff) {
  const auto path = folder_ / "movie.tif";
  const std::vector<std::byte> pixels(12);
  const auto writer = MovieWriter::create(path, {PixelType::u8, 3, 4}, 1, {}, nullptr);
  writer->write(0, pixels);
  writer->close();
  EXPECT_EQ(movie_format(path), "tiff");
}

TEST_F(EerTest, TheAcquisitionIsTold) {
  EerFile file;
  file.metadata =
      "<metadata><item name=\"commercialName\">Falcon 4i</item>"
      "<item name=\"exposureTime\" unit=\"s\">2.0</item>"
      "<item name=\"numberOfFrames\">8</item>"
      "<item name=\"totalDose\" unit=\"e/pixel\">40</item>"
      "<item name=\"sensorPixelSize.width\" unit=\"m\">8e-11</item>"
      "<item name=\"sensorPixelSize.height\" unit=\"m\">8.4e-11</item>"
      "<item name=\"timestamp\">2025-03-14T17:40:48+01:00</item></metadata>";
  write(file, random_frames(8, height * width));
  ReadOptions options;
  options.eer_frames = 3;
  options.eer_upsampling = 2;
  const auto source = open_movie(path_, options);
  const MovieInfo& info = source->info();
  ASSERT_TRUE(info.pixel_size && info.frame_time && info.dose && info.detector && info.date);
  EXPECT_NEAR(info.pixel_size->x.value, 0.4, 1e-12);
  EXPECT_NEAR(info.pixel_size->y.value, 0.42, 1e-12);
  EXPECT_DOUBLE_EQ(info.frame_time->value, 0.75);
  EXPECT_DOUBLE_EQ(info.dose->value, 40.0 * 3 / 8 / 4);
  EXPECT_EQ(*info.detector, "Falcon 4i");
  EXPECT_EQ(*info.date, "2025-03-14T17:40:48+01:00");
  EXPECT_EQ(info.pixel_size.source, "header");
  EXPECT_THAT(info.notes, Contains(HasSubstr("the last 2 camera frames fill no whole sum")));
  EXPECT_EQ(source->metadata()["acquisition"]["totalDose"], "40 e/pixel");
}

TEST_F(EerTest, ManyFramesAreCountedWider) {
  const Frame one = {{5, 0, 0}};
  write({}, std::vector<Frame>(300, one));
  const auto source = open_movie(path_);
  EXPECT_EQ(source->format().type, PixelType::u16);
  EXPECT_EQ(numbers_of(*source, 0)[5], 300U);
}

TEST_F(EerTest, WishesThatCannotBeMetAreRefused) {
  write({}, random_frames(3, height * width));
  ReadOptions options;
  options.eer_upsampling = 3;
  EXPECT_THAT(refusal(options), HasSubstr("1, 2 or 4"));
  options.eer_upsampling = 1;
  options.eer_frames = 4;
  EXPECT_THAT(refusal(options), HasSubstr("3 camera frames"));
  EerFile coarse;
  coarse.compression = 65002;
  coarse.code = {7, 1, 1};
  write(coarse, random_frames(3, height * width));
  options = {};
  options.eer_upsampling = 4;
  EXPECT_THAT(refusal(options), HasSubstr("1/2 of a pixel"));
}

TEST_F(EerTest, DamagedFilesGiveDataOrAnError) {
  EerFile file;
  file.metadata = "<metadata><item name=\"numberOfFrames\">6</item></metadata>";
  write(file, random_frames(6, height * width));
  EXPECT_LT(damage(path_), 1000);
}

TEST_F(EerTest, AStreamThatEndsEarlyNamesItsFrame) {
  EerFile file;
  file.height = height;
  file.width = width;
  file.streams = {encode(random_frames(1, height * width)[0], height * width, file.code)};
  file.streams.push_back(file.streams[0].substr(0, file.streams[0].size() / 2));
  write_bytes(path_, file.bytes());
  EXPECT_THAT(refusal(), HasSubstr("camera frame 1"));
}

}  // namespace
}  // namespace kinema::io
