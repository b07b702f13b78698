// EER files made from lists of electrons by the published description, in all three compressions,
// read back as sums; and damaged ones.
#include "kinema/io/eer.h"

#include "kinema/io/eer_events.h"
#include "kinema/io/formats.h"
#include "kinema/io/movie_writer.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "damage.h"
#include "io_test_movies.h"
#include "test_data.h"
#include <algorithm>
#include <gmock/gmock.h>
#include <map>

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)
using ::testing::Contains;
using ::testing::HasSubstr;

/// A pixel of the camera, counted along the rows, and quarters of it.
struct Electron {
  unsigned pixel = 0, x = 0, y = 0;
};
using Frame = std::vector<Electron>;

class BitWriter {
 public:
  void put(unsigned value, int bits) {
    for (int i = 0; i < bits; ++i, ++count_) {
      if (count_ % 8 == 0) bytes_ += '\0';
      if ((value >> i & 1U) != 0) bytes_.back() |= static_cast<char>(1U << (count_ % 8));
    }
  }
  std::string bytes() const { return bytes_; }

 private:
  std::string bytes_;
  int count_ = 0;
};

/// Full runs are `padded` with the bits of a place where early cameras are meant.
std::string encode(const Frame& frame, unsigned pixels, const EerCode& code, bool padded = false) {
  BitWriter out;
  const unsigned full = (1U << code.skip) - 1;
  unsigned next = 0;
  const auto put_run = [&](unsigned run) {
    for (; run >= full; run -= full) {
      out.put(full, code.skip);
      if (padded) out.put(5, code.sub_pixel());
    }
    out.put(run, code.skip);
  };
  const auto place = [](unsigned quarter, int bits) {
    const unsigned part = bits <= 2 ? quarter >> (2 - bits) : quarter << (bits - 2);
    return bits == 0 ? 0 : part ^ (1U << (bits - 1));
  };
  for (const Electron& electron : frame) {
    put_run(electron.pixel - next);
    out.put(place(electron.x, code.horizontal), code.horizontal);
    out.put(place(electron.y, code.vertical), code.vertical);
    next = electron.pixel + 1;
  }
  if (next < pixels) put_run(pixels - next);
  return out.bytes();
}

/// Some electrons in the order of the pixels; long runs among them.
std::vector<Frame> random_frames(unsigned count, unsigned pixels) {
  std::vector<Frame> frames(count);
  std::uint64_t state = 7;
  for (Frame& frame : frames) {
    for (unsigned pixel = 0; pixel < pixels; ++pixel) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      const bool sparse = pixel > pixels / 2;
      if ((state >> 33) % (sparse ? 700 : 20) != 0) continue;
      frame.push_back({pixel,
                       static_cast<unsigned>(state >> 60) & 3U,
                       static_cast<unsigned>(state >> 62) & 3U});
    }
  }
  return frames;
}

/// A TIFF file of one directory a frame, written byte by byte.
struct EerFile {
  unsigned height = 0, width = 0;
  int compression = 65001;
  EerCode code = {7, 2, 2};
  std::vector<std::string> streams = {};
  std::string metadata = {};
  bool big_tiff = true, big_endian = false, two_strips = false, sum_before = false;

  std::string bytes() const {
    std::string out(16, '\0');
    out[0] = out[1] = big_endian ? 'M' : 'I';
    put<std::uint16_t>(out, 2, big_tiff ? 43 : 42, big_endian);
    if (big_tiff) put<std::uint16_t>(out, 4, 8, big_endian);
    std::size_t link = big_tiff ? 8 : 4;
    if (sum_before) {
      const std::string sum(static_cast<std::size_t>(height) * width, '\1');
      link = add_directory(out, link, {sum}, 1, false);
    }
    for (std::size_t t = 0; t < streams.size(); ++t) {
      std::vector<std::string> strips = {streams[t]};
      if (two_strips) {
        strips = {streams[t].substr(0, streams[t].size() / 2),
                  streams[t].substr(streams[t].size() / 2)};
      }
      link = add_directory(out, link, strips, compression, t == 0);
    }
    return out;
  }

 private:
  void number(std::string& out, std::uint64_t value) const {
    out.append(big_tiff ? 8 : 4, '\0');
    if (big_tiff)
      put<std::uint64_t>(out, out.size() - 8, value, big_endian);
    else
      put(out, out.size() - 4, static_cast<std::uint32_t>(value), big_endian);
  }

  /// Appends strips and directory; the place of the link to the next one.
  std::size_t add_directory(std::string& out,
                            std::size_t link,
                            const std::vector<std::string>& strips,
                            int scheme,
                            bool with_metadata) const {
    std::string offsets, sizes;
    for (const std::string& strip : strips) {
      number(offsets, out.size());
      number(sizes, strip.size());
      out += strip;
    }
    const std::uint16_t long_type = big_tiff ? 16 : 4;
    struct Value {
      std::uint16_t type;
      std::string bytes;
      std::uint64_t count;
    };
    const auto short_value = [&](std::uint16_t value) {
      std::string bytes(2, '\0');
      put(bytes, 0, value, big_endian);
      return Value{3, bytes, 1};
    };
    std::map<std::uint16_t, Value> tags = {{256, short_value(static_cast<std::uint16_t>(width))},
                                           {257, short_value(static_cast<std::uint16_t>(height))},
                                           {259, short_value(static_cast<std::uint16_t>(scheme))},
                                           {262, short_value(1)},
                                           {273, {long_type, offsets, strips.size()}},
                                           {274, short_value(1)},
                                           {277, short_value(1)},
                                           {279, {long_type, sizes, strips.size()}}};
    if (scheme < 65000) tags[258] = short_value(8);
    if (with_metadata && !metadata.empty()) tags[65001] = {7, metadata, metadata.size()};
    if (scheme == 65002) {
      tags[65007] = short_value(static_cast<std::uint16_t>(code.skip));
      tags[65008] = short_value(static_cast<std::uint16_t>(code.horizontal));
      tags[65009] = short_value(static_cast<std::uint16_t>(code.vertical));
    }
    const std::size_t room = big_tiff ? 8 : 4;
    for (auto& [tag, value] : tags) {
      if (value.bytes.size() <= room) continue;
      std::string place;
      number(place, out.size());
      out += value.bytes;
      value.bytes = place;
    }
    if (out.size() % 2 != 0) out += '\0';
    std::string here;
    number(here, out.size());
    out.replace(link, here.size(), here);
    out.append(big_tiff ? 8 : 2, '\0');
    if (big_tiff)
      put<std::uint64_t>(out, out.size() - 8, tags.size(), big_endian);
    else
      put(out, out.size() - 2, static_cast<std::uint16_t>(tags.size()), big_endian);
    for (const auto& [tag, value] : tags) {
      out.append(4, '\0');
      put(out, out.size() - 4, tag, big_endian);
      put(out, out.size() - 2, value.type, big_endian);
      number(out, value.count);
      out += value.bytes + std::string(room - value.bytes.size(), '\0');
    }
    number(out, 0);
    return out.size() - room;
  }
};

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
    try {
      read_all(*open_movie(path_, options));
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
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
