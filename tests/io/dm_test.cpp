// DM3 and DM4 as DigitalMicrograph writes them: every type of pixel, calibrations, several images
// in one file, dates of any country, and the files of other laboratories.
#include "kinema/io/dm.h"

#include "kinema/base/options.h"
#include "kinema/io/formats.h"

#include <gtest/gtest.h>

#include "damaged_files.h"
#include "dm_test_files.h"
#include "io_test_movies.h"
#include "test_data.h"
#include <chrono>
#include <complex>
#include <gmock/gmock.h>
#include <numeric>

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)
using dm_files::Maker;
using dm_files::makers;
using ::testing::HasSubstr;

class Dm : public ::testing::Test {
 protected:
  std::unique_ptr<MovieSource> open(const std::string& bytes, const std::string& dataset = "") {
    write_bytes(path_, bytes);
    ReadOptions options;
    options.dataset = dataset;
    return open_movie(path_, options);
  }
  std::string refusal(const std::string& bytes, const std::string& dataset = "") {
    return refusal_of([&] { open(bytes, dataset); });
  }
  template <class T>
  std::vector<T> numbers(MovieSource& source) {
    const std::vector<std::byte> bytes = read_all(source);
    std::vector<T> numbers(bytes.size() / sizeof(T));
    std::memcpy(numbers.data(), bytes.data(), bytes.size());
    return numbers;
  }
  /// 2 x 2 x 3 pixels of a type, 1 to 12, as file code `code` in array elements of code `element`.
  template <class T>
  void check_numbers(std::uint32_t code, std::uint64_t element) {
    for (const Maker& maker : makers) {
      std::vector<T> pixels(12);
      std::iota(pixels.begin(), pixels.end(), T(1));
      const auto source = open(maker.file_of(maker.image(
          u"m", code, {3, 2, 2}, maker.data("Data", {20, element, 12}, maker.values(pixels)))));
      EXPECT_EQ(source->format(), (FrameFormat{pixel_type_of<T>(), 2, 3})) << code;
      EXPECT_EQ(source->frames(), 2);
      EXPECT_EQ(numbers<T>(*source), pixels) << code << maker.big_endian;
    }
  }
  template <class T>
  void check_complex(std::uint32_t code, std::uint64_t part) {
    for (const Maker& maker : makers) {
      const std::vector<T> parts = {1, -2, 3, 4, 5, 6, 7, -8};
      const auto source = open(maker.file_of(maker.image(
          u"m",
          code,
          {2, 2},
          maker.data("Data", {20, 15, 0, 2, 0, part, 0, part, 4}, maker.values(parts)))));
      EXPECT_EQ(source->format().type, pixel_type_of<std::complex<T>>());
      EXPECT_EQ(numbers<T>(*source), parts);
    }
  }

  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "movie";  // recognised without its ending
};

TEST_F(Dm, EveryGreyTypeInBothVersionsAndByteOrders) {
  check_numbers<std::int16_t>(1, 2);
  check_numbers<float>(2, 6);
  check_numbers<std::uint8_t>(6, 10);
  check_numbers<std::int32_t>(7, 3);
  check_numbers<std::int8_t>(9, 9);
  check_numbers<std::uint16_t>(10, 4);
  check_numbers<std::uint32_t>(11, 5);
  check_numbers<double>(12, 7);
  check_numbers<std::uint8_t>(14, 8);
  check_numbers<std::int64_t>(39, 11);
  check_numbers<std::uint64_t>(40, 12);
}

TEST_F(Dm, ComplexNumbersArePairs) {
  check_complex<float>(3, 6);
  check_complex<double>(13, 7);
}

TEST_F(Dm, ColoursAreNumbersOfRedGreenAndBlue) {
  for (const Maker& maker : makers) {
    for (const std::uint32_t code : {8U, 23U}) {
      const std::vector<std::uint32_t> pixels = {0x00102030, 0x00FF0001, 0x00000000, 0x00FFFFFF};
      const auto source = open(maker.file_of(
          maker.image(u"m", code, {2, 2}, maker.data("Data", {20, 3, 4}, maker.values(pixels)))));
      EXPECT_EQ(source->format().type, PixelType::rgba);
      EXPECT_EQ(numbers<std::uint8_t>(*source),
                (std::vector<std::uint8_t>{
                    0x10, 0x20, 0x30, 0, 0xFF, 0, 1, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0}));
    }
  }
}

TEST_F(Dm, TheOtherHalfOfAPackedTransformIsItsConjugate) {
  // A 4 x 4 plane with F(-k) = F(k)*, of which columns -2, -1, 0 are stored from the middle
  // outwards.
  using Complex = std::complex<float>;
  std::vector<Complex> image(16), plane(16);
  for (int i = 0; i < 16; ++i) image[static_cast<std::size_t>(i)] = static_cast<float>(i * i % 7);
  const auto at = [](int y, int x) { return static_cast<std::size_t>(y * 4 + x); };
  for (int ky = -2; ky < 2; ++ky) {
    for (int kx = -2; kx < 2; ++kx) {
      Complex sum = 0;
      for (int y = 0; y < 4; ++y) {
        for (int x = 0; x < 4; ++x) {
          sum += image[at(y, x)] *
                 std::polar(1.0F, -6.2831853F * static_cast<float>(kx * x + ky * y) / 4.0F);
        }
      }
      plane[at(ky + 2, kx + 2)] = sum;
    }
  }
  for (const Maker& maker : makers) {
    std::vector<float> stored;
    for (int y = 0; y < 4; ++y) {
      for (int x = 2; x >= 0; --x) {
        stored.push_back(plane[at(y, x)].real());
        stored.push_back(plane[at(y, x)].imag());
      }
    }
    const auto source = open(maker.file_of(maker.image(
        u"FFT", 27, {4, 4}, maker.data("Data", {20, 6, stored.size()}, maker.values(stored)))));
    EXPECT_EQ(source->format(), (FrameFormat{PixelType::c64, 4, 4}));
    const std::vector<Complex> read = numbers<Complex>(*source);
    for (std::size_t i = 0; i < 16; ++i) EXPECT_LT(std::abs(read[i] - plane[i]), 1e-4F) << i;
    EXPECT_THAT(source->info().notes, ::testing::Contains(HasSubstr("packed Fourier transform")));
  }
}

TEST_F(Dm, TheImageIsReadAndNotItsThumbnail) {
  for (const Maker& maker : makers) {
    const std::string thumbnail =
        maker.image(u"", 23, {64, 64}, maker.data("Data", {20, 3, 4096}, std::string(16384, '\7')));
    const auto small = [&](const std::u16string& name, std::uint8_t value) {
      return maker.image(name,
                         6,
                         {2, 2},
                         maker.data("Data", {20, 10, 4}, std::string(4, static_cast<char>(value))));
    };
    const auto source_of_image = [&](std::uint32_t image) {
      return maker.group("", {maker.uint32("ImageRef", image)});
    };
    const std::string bytes = maker.file(
        {maker.group("DocumentObjectList", {maker.group("", {maker.uint32("ImageSource", 1)})}),
         maker.group("ImageList",
                     {thumbnail, small(u"HAADF", 1), small(u"BF", 2), small(u"BF", 3)}),
         maker.group("ImageSourceList",
                     {source_of_image(1), source_of_image(2), source_of_image(3)}),
         maker.group("Thumbnails", {maker.group("", {maker.uint32("ImageIndex", 0)})})});
    const auto shown = open(bytes);
    EXPECT_EQ(shown->info().dataset, "BF");  // what the document shows first
    EXPECT_EQ(numbers<std::uint8_t>(*shown)[0], 2);
    EXPECT_EQ(shown->info().datasets, (std::vector<std::string>{"HAADF", "BF", "BF [3]"}));
    EXPECT_EQ(numbers<std::uint8_t>(*open(bytes, "HAADF"))[0], 1);
    EXPECT_EQ(numbers<std::uint8_t>(*open(bytes, "BF [3]"))[0], 3);
    EXPECT_THAT(refusal(bytes, "DF"), HasSubstr("'HAADF', 'BF', 'BF [3]'"));
  }
}

TEST_F(Dm, CalibrationsBecomeAxes) {
  for (const Maker& maker : makers) {
    const std::string bytes =
        maker.file_of(maker.image(u"m",
                                  6,
                                  {3, 2, 4},
                                  maker.data("Data", {20, 10, 24}, std::string(24, '\1')),
                                  {maker.dimension(0.25F, -8, u"nm"),
                                   maker.dimension(0.5F, 0, u"nm"),
                                   maker.dimension(0.125F, 0, u"s")}));
    const MovieInfo info = open(bytes)->info();
    ASSERT_TRUE(info.pixel_size);
    EXPECT_EQ(*info.pixel_size, (PixelSize{{2.5}, {5.0}}));
    EXPECT_EQ(info.frame_time->value, 0.125);
    ASSERT_EQ(info.axes.size(), 3U);
    EXPECT_EQ(info.axes[0], (Axis{"time", 4, 0.125, 0.0, "s"}));
    EXPECT_EQ(info.axes[2], (Axis{"x", 3, 0.25, 2.0, "nm"}));
  }
}

TEST_F(Dm, ArraysOfFourAxesAreFramesOfTheLastTwo) {
  const Maker maker{4, false};
  std::vector<std::uint16_t> pixels(2 * 3 * 4 * 5);
  std::iota(pixels.begin(), pixels.end(), std::uint16_t{0});
  const auto source = open(maker.file_of(maker.image(
      u"4D", 10, {5, 4, 3, 2}, maker.data("Data", {20, 4, 120}, maker.values(pixels)))));
  EXPECT_EQ(source->frames(), 6);
  EXPECT_EQ(numbers<std::uint16_t>(*source), pixels);
  EXPECT_EQ(source->info().axes[0].size, 2);
  EXPECT_FALSE(source->info().frame_time);
}

TEST_F(Dm, FactsComeFromTheTagsOfTheImage) {
  const Maker maker{3, false};
  const std::vector<std::string> tags = {
      maker.group("DataBar",
                  {maker.text("Acquisition Date", u"7/9/2014"),
                   maker.text("Acquisition Time", u"6:56:37 PM"),
                   maker.float64("System Info", 1.3049398597890626e17),
                   maker.text("Device Name", u"OneView"),
                   maker.float64("Exposure Time (s)", 0.25)}),
      maker.group("Microscope Info",
                  {maker.float64("Voltage", 80000),
                   maker.float64("Emission Current (\xB5"
                                 "A)",
                                 7)})};
  const auto source = open(maker.file_of(
      maker.image(u"m", 6, {2, 2}, maker.data("Data", {20, 10, 4}, "abcd"), {}, tags)));
  const MovieInfo info = source->info();
  EXPECT_EQ(info.date, "2014-07-09T18:56:37");
  EXPECT_EQ(info.voltage->value, 80.0);
  EXPECT_EQ(info.detector, "OneView");
  EXPECT_EQ(info.frame_time->value, 0.25);
  EXPECT_EQ(info.voltage.source, "header");
  const Json all = source->metadata();
  const Json& image = all["ImageList"][0];
  EXPECT_EQ(image["ImageTags"]["Microscope Info"]["Emission Current (\u00B5A)"], 7.0);
  EXPECT_EQ(image["ImageData"]["Data"], "4 elements of 1 bytes");
  EXPECT_NO_THROW(all.dump());
}

TEST_F(Dm, WhatIsNoMovieIsRefusedInOneLine) {
  const Maker maker{4, false};
  const std::string four = maker.data("Data", {20, 6, 4}, std::string(16, '\0'));
  EXPECT_THAT(refusal(maker.file_of(maker.image(u"EELS", 2, {4}, four))), HasSubstr("a spectrum"));
  EXPECT_THAT(refusal(maker.file_of(maker.image(u"FFT", 5, {2, 2}, four))), HasSubstr("type 5"));
  EXPECT_THAT(refusal(maker.file_of(maker.image(u"m", 99, {2, 2}, four))), HasSubstr("type 99"));
  EXPECT_THAT(refusal(maker.file_of(maker.image(u"m", 2, {2, 3}, four))),
              HasSubstr("needs 24 bytes"));
  EXPECT_THAT(refusal(maker.file_of(maker.image(u"m", 2, {2, 0}, four))), HasSubstr("dimensions"));
  EXPECT_THAT(refusal(maker.file({maker.uint32("no", 1)})), HasSubstr("no image"));
  EXPECT_THAT(refusal(maker.file_of(
                  maker.image(u"m", 2, {4000000000, 4000000000, 4000000000, 4000000000}, four))),
              HasSubstr("does not fit"));
}

TEST_F(Dm, AFileOfOneFrameOpensInLessThanFiveMilliseconds) {
  const Maker maker{4, false};
  std::vector<std::string> tags;
  for (int i = 0; i < 400; ++i) tags.push_back(maker.float64("tag " + std::to_string(i), i));
  const std::string pixels(std::size_t{8} << 20, '\1');
  write_bytes(path_,
              maker.file_of(maker.image(u"frame",
                                        6,
                                        {4096, 2048},
                                        maker.data("Data", {20, 10, pixels.size()}, pixels),
                                        {},
                                        tags)));
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) open_dm(path_, {});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(took.count() / 100, 5e-3);
}

TEST_F(Dm, DamagedFilesAreAnswered) {
  for (const Maker& maker : makers) {
    const std::string bytes = maker.file(
        {maker.group(
             "ImageList",
             {maker.image(
                  u"thumbnail", 23, {4, 4}, maker.data("Data", {20, 3, 16}, std::string(64, '\7'))),
              maker.image(u"movie",
                          3,
                          {3, 2, 2},
                          maker.data("Data", {20, 15, 0, 2, 0, 6, 0, 6, 12}, std::string(96, '\1')),
                          {maker.dimension(0.5F, -4, u"nm"),
                           maker.dimension(0.5F, 4, u"nm"),
                           maker.dimension(0.1F, 0, u"s")},
                          {maker.group("DataBar",
                                       {maker.text("Acquisition Date", u"7/9/2014"),
                                        maker.float64("Exposure Time (s)", 0.1)}),
                           maker.group("Microscope Info", {maker.float64("Voltage", 80000)})})}),
         maker.group("ImageSourceList", {maker.group("", {maker.uint32("ImageRef", 1)})}),
         maker.group("Thumbnails", {maker.group("", {maker.uint32("ImageIndex", 0)})})});
    expect_answers(bytes, path_, path_);
    EXPECT_TRUE(gives_data(path_));
  }
}

TEST_F(Dm, FilesThatDeclareTooMuchAreAnsweredSoon) {
  for (const Maker& maker : makers) {
    std::vector<std::string> bombs;
    std::string nested = maker.group("", {});
    for (int i = 0; i < 200; ++i) nested = maker.group("", {nested});
    bombs.push_back(maker.file({nested}));
    std::string many;  // more tags than are allowed, in one group
    const std::string one = maker.group("", {});
    for (int i = 0; i < 300000; ++i) many += one;
    const std::string head = maker.file({}).substr(0, maker.version == 4 ? 18 : 14);
    bombs.push_back(head + maker.size(300000) + many);
    bombs.push_back(head + maker.size(200000) + many);
    bombs.push_back(maker.file({maker.data("Data", {20, 7, 1ULL << 36}, "12345678")}));
    bombs.push_back(maker.file({maker.data("Data", {20, 7, ~0ULL}, "12345678")}));
    for (const std::string& bytes : bombs) {
      write_bytes(path_, bytes);
      const auto begin = std::chrono::steady_clock::now();
      EXPECT_FALSE(gives_data(path_));
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
      EXPECT_LT(took.count(), 0.5);
    }
  }
}

std::filesystem::path sample(const std::string& name) {
  return test::test_data("formats/rsciio/dm") / name;
}

TEST(DmSamples, NumbersThatTheOtherReaderCouldNotRead) {
  KINEMA_REQUIRE_DATA(sample("2D_test-8.dm3"));
  for (const char* name : {"2D_test-8.dm3", "2D_test-8.dm4", "3D_test-8.dm3", "3D_test-8.dm4"}) {
    const auto source = open_movie(sample(name));
    EXPECT_EQ(source->format(), (FrameFormat{PixelType::rgba, 2, 2}));
    const std::vector<std::byte> pixels = read_all(*source);
    EXPECT_EQ(pixels.size(), name[0] == '2' ? 16U : 32U);
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      EXPECT_EQ(std::to_integer<std::size_t>(pixels[i]), i % 4 == 3 ? 0 : i / 4 + 1);
    }
  }
  for (const char* name :
       {"2D_test-14.dm3", "2D_test-14.dm4", "3D_test-14.dm3", "3D_test-14.dm4"}) {
    const auto source = open_movie(sample(name));
    EXPECT_EQ(source->format(), (FrameFormat{PixelType::u8, 2, 2}));
    for (const std::byte pixel : read_all(*source)) EXPECT_EQ(pixel, std::byte{1});
  }
}

TEST(DmSamples, APackedTransformIsThatOfARamp) {
  KINEMA_REQUIRE_DATA(sample("test_fft_packed_complex8.dm4"));
  const auto source = open_movie(sample("test_fft_packed_complex8.dm4"));
  EXPECT_EQ(source->format(), (FrameFormat{PixelType::c64, 5, 5}));
  const std::vector<std::byte> bytes = read_all(*source);
  const auto* plane = reinterpret_cast<const std::complex<float>*>(bytes.data());
  for (int k = -2; k <= 2; ++k) {  // of 5 rows of 0, 1, 2, 3, 4
    std::complex<float> sum = 0;
    for (int x = 0; x < 5; ++x) {
      sum +=
          std::polar(5.0F * static_cast<float>(x), -6.2831853F * static_cast<float>(k * x) / 5.0F);
    }
    EXPECT_LT(std::abs(plane[2 * 5 + k + 2] - sum), 1e-3F) << k;
  }
}

TEST(DmSamples, FactsOfRealFiles) {
  KINEMA_REQUIRE_DATA(sample("test_STEM_image.dm3"));
  const auto stem = open_movie(sample("test_STEM_image.dm3"));
  EXPECT_EQ(stem->info().voltage->value, 200.0);
  EXPECT_EQ(stem->info().date, "2016-08-08T16:26:37");
  EXPECT_NEAR(stem->info().pixel_size->x.value, 2.4853801, 1e-6);
  EXPECT_THAT(stem->info().notes, ::testing::Contains(HasSubstr("3.5 us")));
  const Json tags = stem->metadata()["ImageList"][1]["ImageTags"];
  EXPECT_EQ(tags["Microscope Info"]["STEM Camera Length"], 135.0);
  EXPECT_EQ(tags["Microscope Info"]["Indicated Magnification"], 225000.0);
  EXPECT_EQ(tags["Session Info"]["Microscope"], "FEI Titan");

  const auto low = open_movie(sample("test_dm_image_um_unit.dm3"));
  EXPECT_NEAR(low->info().pixel_size->x.value, 1686.7469, 1e-3);
  EXPECT_EQ(low->info().frame_time->value, 0.5);
  EXPECT_EQ(low->info().date, "2015-07-20T18:48:25");
  EXPECT_EQ(low->info().detector, "BM-UltraScan");

  const auto pattern = open_movie(sample("test_diffraction_pattern_tags_removed.dm3"));
  EXPECT_FALSE(pattern->info().pixel_size);
  EXPECT_EQ(pattern->info().axes[1].unit, "1/nm");
  EXPECT_NEAR(pattern->info().axes[1].step, 0.174433, 1e-6);
  EXPECT_EQ(pattern->info().frame_time->value, 0.2);
  EXPECT_EQ(pattern->info().date, "2014-07-09T18:56:37");
}

TEST(DmSamples, DatesOfOtherCountries) {
  KINEMA_REQUIRE_DATA(sample("Fei HAADF-DE_location.dm3"));
  EXPECT_EQ(open_movie(sample("Fei HAADF-DE_location.dm3"))->info().date, "2016-08-27T20:54:33");
  EXPECT_EQ(open_movie(sample("Fei HAADF-MX_location.dm3"))->info().date, "2016-08-27T20:55:59");
}

TEST(DmSamples, APixelMayHaveTwoUnits) {
  for (const char* ending : {"dm3", "dm4"}) {
    const auto path = test::test_data(std::string("formats/ncem/dm/dmTest_float32_nonSquare_"
                                                  "diffPixelSize.") +
                                      ending);
    KINEMA_REQUIRE_DATA(path);
    EXPECT_EQ(*open_movie(path)->info().pixel_size, (PixelSize{{10.0}, {2.0}}));
  }
}

TEST(DmSamples, DamagedOnesAreAnswered) {
  const test::TempFolder folder;
  for (const char* name : {"2D_test-1.dm3", "3D_test-3.dm4"}) {
    KINEMA_REQUIRE_DATA(sample(name));
    expect_answers(file_text(sample(name)), folder / "damaged", folder / "damaged");
  }
}

}  // namespace
}  // namespace kinema::io
