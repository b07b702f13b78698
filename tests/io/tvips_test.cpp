// TVIPS movies: both header versions, several files, and what damaged ones give.
#include "kinema/io/tvips.h"

#include "kinema/base/options.h"
#include "kinema/io/formats.h"

#include <gtest/gtest.h>

#include "io_test_movies.h"
#include "test_data.h"

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)

template <class T>
void append(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// A general header: 16-bit pixels, 2 nm, 300 kV.
std::string general_header(std::uint32_t version, std::uint32_t frame_header_bytes) {
  std::string bytes;
  for (const std::uint32_t field :
       {256U, version, 4U, 3U, 16U, 0U, 0U, 2U, 2U, 2U, 300U, 8000U, frame_header_bytes}) {
    append(bytes, field);
  }
  for (const char* mark = "TVIPS "; bytes.size() < 256;) bytes += mark[bytes.size() % 6];
  return bytes;
}

/// A frame of 3 x 4 pixels that counts on from `first_pixel`, `milliseconds` after the second
/// 1500000000 (2017-07-14).
std::string frame(std::uint16_t first_pixel,
                  std::uint32_t milliseconds,
                  std::size_t header_bytes,
                  std::uint32_t mode = 1) {
  std::string bytes;
  for (const std::uint32_t field : {0U, 1500000000U + milliseconds / 1000, milliseconds % 1000}) {
    append(bytes, field);
  }
  bytes.resize(header_bytes);
  if (header_bytes > 28) put(bytes, 24, mode);
  for (std::uint16_t i = 0; i < 12; ++i) append(bytes, static_cast<std::uint16_t>(first_pixel + i));
  return bytes;
}

std::vector<std::uint16_t> pixels_of_all(MovieSource& source) {
  const std::vector<std::byte> bytes = read_all(source);
  std::vector<std::uint16_t> pixels(bytes.size() / 2);
  std::memcpy(pixels.data(), bytes.data(), bytes.size());
  return pixels;
}

std::vector<std::uint16_t> counting(std::size_t count) {
  std::vector<std::uint16_t> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = static_cast<std::uint16_t>(i);
  return numbers;
}

TEST(Tvips, TheSampleCountsItsPixels) {
  const auto path = test::test_data("formats/rsciio/tvips/test_tvips_2233_000.tvips");
  KINEMA_REQUIRE_DATA(path);
  EXPECT_EQ(movie_format(path), "tvips");
  const auto source = open_movie(path);
  EXPECT_EQ(source->format(), (FrameFormat{PixelType::u16, 3, 3}));
  ASSERT_EQ(source->frames(), 4);
  EXPECT_EQ(pixels_of_all(*source), counting(36));
  const MovieInfo& info = source->info();
  EXPECT_FALSE(info.pixel_size);  // diffraction patterns: 1/nm
  EXPECT_EQ(info.axes[1].unit, "1/nm");
  EXPECT_EQ(info.voltage->value, 200.0);
  EXPECT_EQ(info.frame_time->value, 1e-3);
  EXPECT_EQ(source->metadata()["frames"].size(), 4U);
}

TEST(Tvips, FramesGoOnInTheNextFiles) {
  const test::TempFolder folder;
  for (const std::uint32_t version : {1U, 2U}) {
    const std::size_t header = version == 1 ? 12 : 72;
    write_bytes(folder / "m_000.tvips",
                general_header(version, 72) + frame(0, 0, header) + frame(12, 40, header));
    write_bytes(folder / "m_001.tvips", frame(24, 80, header) + frame(36, 1520, header) + "cut");
    const auto source = open_movie(folder / "m_000.tvips");
    ASSERT_EQ(source->frames(), 4);
    EXPECT_EQ(pixels_of_all(*source), counting(48));
    const MovieInfo& info = source->info();
    EXPECT_EQ(info.pixel_size->x, Length{20.0});
    EXPECT_DOUBLE_EQ(info.frame_time->value, 1.52 / 3);
    EXPECT_EQ(info.voltage->value, 300.0);
    EXPECT_EQ(*info.date, "2017-07-14T02:40:00Z");
    ASSERT_EQ(info.notes.size(), 1U);
    EXPECT_NE(info.notes[0].find("m_001.tvips ends within a frame"), std::string::npos);
  }
}

TEST(Tvips, AFileWithoutAHeaderSendsToTheFirst) {
  const test::TempFolder folder;
  write_bytes(folder / "m_001.tvips", frame(24, 80, 12));
  try {
    open_movie(folder / "m_001.tvips");
    FAIL() << "it was read";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("_000.tvips"), std::string::npos) << error.what();
  }
}

TEST(Tvips, AFlatFrameIsNoOldMrcHeader) {
  const test::TempFolder folder;
  std::string bytes = general_header(2, 12);
  put(bytes, 12, std::uint32_t{2});  // two rows: as an MRC header this would be the mode of floats
  bytes.resize(256, '\0');
  for (std::size_t i = 52; i < 256; ++i) bytes[i] = '\0';
  for (int i = 0; i < 60; ++i) bytes += std::string(12 + 16, '\1');
  write_bytes(folder / "flat_000.tvips", bytes);
  EXPECT_EQ(movie_format(folder / "flat_000.tvips"), "tvips");
  EXPECT_EQ(open_movie(folder / "flat_000.tvips")->frames(), 60);
}

TEST(Tvips, DamageGivesFramesOrAnInputError) {
  const test::TempFolder folder;
  const auto path = folder / "m_000.tvips";
  const std::string whole = general_header(2, 60) + frame(0, 0, 60) + frame(12, 40, 60);
  const auto attempt = [&](const std::string& bytes) {
    write_bytes(path, bytes);
    try {
      const auto source = open_movie(path);
      std::vector<std::byte> one(static_cast<std::size_t>(source->format().bytes()));
      for (Index t = 0; t < source->frames().value(); ++t) source->read(t, 1, one);
      source->metadata();
    } catch (const InputError&) {
    }
  };
  for (std::size_t size = 0; size < whole.size(); size += 3) attempt(whole.substr(0, size));
  for (std::size_t bit = 0; bit < 8 * whole.size(); bit += 3) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    attempt(flipped);
  }
}

}  // namespace
}  // namespace kinema::io
