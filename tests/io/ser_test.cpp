// TIA series as they are met: both versions, every type, unrecorded elements, scans of spectra,
// and what the .emi beside them says.
#include "kinema/io/ser.h"

#include <gtest/gtest.h>

#include "damaged_files.h"
#include "io_test_movies.h"
#include "test_data.h"
#include <complex>
#include <fstream>
#include <gmock/gmock.h>
#include <numeric>

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)
using ::testing::Contains;
using ::testing::HasSubstr;

template <class T>
std::string raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

struct Dimension {
  std::uint32_t size = 0;
  double step = 1.0;
  std::string description = "Number", unit;
};

/// A series whose elements hold `elements` in turn; every one is `width` numbers in a row.
struct SeriesMaker {
  std::uint16_t version = 0x0210;
  bool images = true;
  std::int32_t width = 2, height = 2;
  std::uint16_t type = 2;
  double step = 0.5e-9;
  std::uint32_t total = 0;  // 0: as many as there are
  std::vector<Dimension> dimensions;
  std::vector<std::uint32_t> times;
  std::uint32_t tag_type = 0x4152;

  std::string element(const std::string& numbers) const {
    std::string head = raw(-1e-9) + raw(step) + raw(std::int32_t{2});
    if (images) head += raw(-1e-9) + raw(step) + raw(std::int32_t{0});
    head += raw(type) + raw(width);
    if (images) head += raw(height);
    return head + numbers;
  }
  std::string place(std::uint64_t at) const {
    return version == 0x0220 ? raw(at) : raw(static_cast<std::uint32_t>(at));
  }
  std::string operator()(const std::vector<std::string>& elements) const {
    const auto count = static_cast<std::uint32_t>(elements.size());
    const std::uint32_t all = total == 0 ? count : total;
    std::string dims;
    for (const Dimension& dimension :
         dimensions.empty() ? std::vector<Dimension>{{all, 1.0, "Number", ""}} : dimensions) {
      dims += raw(dimension.size) + raw(0.0) + raw(dimension.step) + raw(std::uint32_t{0}) +
              raw(static_cast<std::uint32_t>(dimension.description.size())) +
              dimension.description + raw(static_cast<std::uint32_t>(dimension.unit.size())) +
              dimension.unit;
    }
    const std::size_t width_of_place = place(0).size();
    const std::size_t places = 26 + width_of_place + dims.size();
    const auto dimension_count =
        static_cast<std::uint32_t>(dimensions.empty() ? 1 : dimensions.size());
    std::string bytes = "II" + raw(std::uint16_t{0x0197}) + raw(version) +
                        raw(std::uint32_t{images ? 0x4122U : 0x4120U}) + raw(tag_type) + raw(all) +
                        raw(count) + place(places) + raw(dimension_count) + dims;
    std::size_t at = places + 2 * all * width_of_place;
    std::string offsets, tag_offsets, rest;
    for (std::size_t i = 0; i < all; ++i) {
      offsets += place(i < count ? at : 0);
      const std::string body = i < count ? element(elements[i]) : "";
      const std::string tag = i < count && i < times.size()
                                  ? raw(static_cast<std::uint32_t>(tag_type)) + raw(times[i]) +
                                        (tag_type == 0x4142 ? raw(1.0) + raw(2.0) : "")
                                  : "";
      tag_offsets += place(i < count ? at + body.size() : 0);
      at += body.size() + tag.size();
      rest += body + tag;
    }
    return bytes + offsets + tag_offsets + rest;
  }
};

template <class T>
std::string numbers(std::initializer_list<T> values) {
  std::string bytes;
  for (const T value : values) bytes += raw(value);
  return bytes;
}

class Ser : public ::testing::Test {
 protected:
  std::unique_ptr<MovieSource> open(const std::string& bytes) {
    write_bytes(path_, bytes);
    return open_movie(path_);
  }
  std::string refusal(const std::string& bytes) {
    return refusal_of([&] { open(bytes); });
  }
  template <class T>
  void check_type(std::uint16_t code) {
    for (const std::uint16_t version : {0x0210, 0x0220}) {
      SeriesMaker maker;
      maker.version = version;
      maker.type = code;
      const auto source = open(maker({numbers<T>({T(3), T(4), T(1), T(2)})}));
      EXPECT_EQ(source->format(), (FrameFormat{pixel_type_of<T>(), 2, 2}));
      const std::vector<std::byte> bytes = read_all(*source);
      const std::string expected = numbers<T>({T(1), T(2), T(3), T(4)});  // the lowest row is first
      EXPECT_EQ(std::memcmp(bytes.data(), expected.data(), expected.size()), 0) << code;
    }
  }

  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "series_1.ser";
};

TEST_F(Ser, EveryTypeInBothVersionsFromTheLowestRowUp) {
  check_type<std::uint8_t>(1);
  check_type<std::uint16_t>(2);
  check_type<std::uint32_t>(3);
  check_type<std::int8_t>(4);
  check_type<std::int16_t>(5);
  check_type<std::int32_t>(6);
  check_type<float>(7);
  check_type<double>(8);
  check_type<std::complex<float>>(9);
  check_type<std::complex<double>>(10);
}

TEST_F(Ser, OnlyRecordedElementsAreFrames) {
  SeriesMaker maker;
  maker.total = 40;
  const std::string frame = numbers<std::uint16_t>({1, 2, 3, 4});
  const auto source = open(maker({frame, frame, frame}));
  EXPECT_EQ(source->frames(), 3);
  EXPECT_EQ(source->info().axes[0].size, 3);
  EXPECT_THAT(source->info().notes, Contains(HasSubstr("3 of 40 elements")));
  EXPECT_EQ(source->metadata()["series"]["TotalNumberElements"], 40);
}

TEST_F(Ser, StepsAreMetresOrOneOverMetres) {
  SeriesMaker maker;
  const std::string frame = numbers<std::uint16_t>({1, 2, 3, 4});
  EXPECT_EQ(open(maker({frame}))->info().pixel_size->x.value, 5.0);
  maker.step = 1e8;
  const auto pattern = open(maker({frame}));
  EXPECT_FALSE(pattern->info().pixel_size);
  EXPECT_EQ(pattern->info().axes.back(), (Axis{"x", 2, 1e8, -1e-9 - 2e8, "1/m"}));
  EXPECT_EQ(pattern->info().axes[1].step, -1e8);  // the upper row comes first
}

TEST_F(Ser, RegularTimeStampsTellTheFrameTime) {
  const std::string frame = numbers<std::uint16_t>({1, 2, 3, 4});
  for (const std::uint32_t tag_type : {0x4152U, 0x4142U}) {
    SeriesMaker maker;
    maker.tag_type = tag_type;
    maker.times = {1556209808, 1556209810, 1556209812};
    const auto source = open(maker({frame, frame, frame}));
    EXPECT_EQ(source->info().frame_time->value, 2.0);
    EXPECT_EQ(source->info().date, "2019-04-25T16:30:08Z");
    maker.times = {1556209808, 1556209808, 1556209812};
    EXPECT_FALSE(open(maker({frame, frame, frame}))->info().frame_time);
  }
}

TEST_F(Ser, ASeriesOverTimeSaysSoItself) {
  SeriesMaker maker;
  maker.dimensions = {{3, 0.25, "Time", "s"}};
  const std::string frame = numbers<std::uint16_t>({1, 2, 3, 4});
  EXPECT_EQ(open(maker({frame, frame, frame}))->info().frame_time->value, 0.25);
}

TEST_F(Ser, TwoDimensionsOfImagesAreFlattened) {
  SeriesMaker maker;
  maker.dimensions = {{3, 1e-9, "Position X", "m"}, {2, 1e-9, "Position Y", "m"}};
  std::vector<std::string> frames;
  for (std::uint16_t i = 0; i < 6; ++i) {
    frames.push_back(numbers<std::uint16_t>({i, i, i, i}));
  }
  const auto source = open(maker(frames));
  EXPECT_EQ(source->frames(), 6);
  ASSERT_EQ(source->info().axes.size(), 4U);
  EXPECT_EQ(source->info().axes[0].name, "Position Y");
  EXPECT_EQ(source->info().axes[1].size, 3);
}

TEST_F(Ser, ScansOfSpectraAreFramesOfRowsAndSingleSpectraAreRefused) {
  SeriesMaker maker;
  maker.images = false;
  maker.width = 4;
  std::vector<std::string> spectra;
  for (std::uint16_t i = 0; i < 6; ++i) {
    spectra.push_back(numbers<std::uint16_t>({i, 10, 20, 30}));
  }
  EXPECT_THAT(refusal(maker(spectra)), HasSubstr("6 spectra of 4 channels"));
  maker.dimensions = {{3, 1e-9, "Position X", "m"}, {2, 1e-9, "Position Y", "m"}};
  const auto source = open(maker(spectra));
  EXPECT_EQ(source->format(), (FrameFormat{PixelType::u16, 3, 4}));
  EXPECT_EQ(source->frames(), 2);
  const std::vector<std::byte> bytes = read_all(*source);
  EXPECT_EQ(reinterpret_cast<const std::uint16_t*>(bytes.data())[4 * 5], 5);
}

TEST_F(Ser, WhatContradictsItselfIsRefusedInOneLine) {
  SeriesMaker maker;
  const std::string frame = numbers<std::uint16_t>({1, 2, 3, 4});
  std::string bytes = maker({frame, frame});
  std::string broken = bytes;
  put(broken, 4, std::uint16_t{0x0300});
  EXPECT_THAT(refusal(broken), HasSubstr("version 0x0300"));
  broken = bytes;
  put(broken, 18, std::uint32_t{0});
  EXPECT_THAT(refusal(broken), HasSubstr("no recorded element"));
  put(broken, 18, std::uint32_t{7});
  EXPECT_THAT(refusal(broken), HasSubstr("7 valid elements"));
  put(broken, 14, std::uint32_t{4000000000});
  put(broken, 18, std::uint32_t{4000000000});
  EXPECT_THAT(refusal(broken), HasSubstr("places of elements"));
  EXPECT_THAT(refusal(bytes.substr(0, bytes.size() - 1)), HasSubstr("element 1 of 2"));
  maker.type = 11;
  EXPECT_THAT(refusal(maker({frame})), HasSubstr("unknown type 11"));
  maker.type = 2;
  maker.width = -2;
  EXPECT_THAT(refusal(maker({frame})), HasSubstr("2 x -2"));
  maker.width = maker.height = 0x7FFFFFFF;
  maker.type = 10;
  EXPECT_THAT(refusal(maker({frame})), HasSubstr("does not fit"));
}

TEST_F(Ser, ElementsOfSeveralSizesAreNoMovie) {
  SeriesMaker maker;
  std::string bytes =
      maker({numbers<std::uint16_t>({1, 2, 3, 4}), numbers<std::uint16_t>({1, 2, 3, 4})});
  const std::size_t second = bytes.size() - 58;  // 50 bytes before its pixels
  put(bytes, second + 42, std::int32_t{1});
  EXPECT_THAT(refusal(bytes), HasSubstr("element 1 differs"));
}

const std::string object_info =
    "<ObjectInfo><ExperimentalConditions><MicroscopeConditions><AcceleratingVoltage>80000"
    "</AcceleratingVoltage></MicroscopeConditions></ExperimentalConditions>"
    "<ExperimentalDescription><Root><Data><Label>Camera length</Label><Value>0.490</Value>"
    "<Unit>m</Unit></Data></Root></ExperimentalDescription>"
    "<AcquireDate>Thu Apr 25 09:30:09 2019</AcquireDate><AcquireInfo><Magnification>19500 X"
    "</Magnification><DwellTimePath>0.05</DwellTimePath><CameraNamePath>BM-Ceta</CameraNamePath>"
    "</AcquireInfo></ObjectInfo>";
const std::string emi_head("JK\0\2\0\0\0\0\4M", 10);

TEST_F(Ser, AnEmiFileDescribesTheSeriesBesideIt) {
  SeriesMaker maker;
  write_bytes(folder_ / "series_1.ser", maker({numbers<std::uint16_t>({1, 2, 3, 4})}));
  write_bytes(folder_ / "series_2.ser", maker({numbers<std::uint16_t>({5, 6, 7, 8})}));
  const auto emi = folder_ / "series.emi";
  std::string other = object_info;
  other.replace(other.find("80000"), 5, "60000");
  write_bytes(emi, emi_head + std::string(3000000, 'x') + object_info + "binary" + other);

  const auto first = open_movie(emi);
  EXPECT_EQ(first->info().voltage->value, 80.0);
  EXPECT_EQ(first->info().voltage.source, "header");
  EXPECT_EQ(first->info().detector, "BM-Ceta");
  EXPECT_EQ(first->info().date, "2019-04-25T09:30:09");
  EXPECT_EQ(first->info().frame_time->value, 0.05);
  EXPECT_EQ(first->info().datasets, (std::vector<std::string>{"series_1", "series_2"}));
  const Json all = first->metadata();
  EXPECT_EQ(all["ObjectInfo"]["AcquireInfo"]["Magnification"], "19500 X");
  EXPECT_EQ(all["ObjectInfo"]["ExperimentalDescription"]["Root"]["Camera length"], "0.490 m");

  ReadOptions options;
  options.dataset = "series_2";
  EXPECT_EQ(open_movie(emi, options)->info().voltage->value, 60.0);
  options.dataset = "series_3";
  EXPECT_THROW(open_movie(emi, options), InputError);

  const auto series = open_movie(folder_ / "series_2.ser");
  EXPECT_EQ(series->info().voltage->value, 60.0);
  EXPECT_EQ(series->info().voltage.source, "side-car");
}

TEST_F(Ser, AnEmiFileAloneIsRefused) {
  write_bytes(folder_ / "alone.emi", emi_head + object_info);
  try {
    open_movie(folder_ / "alone.emi");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("no alone_1.ser beside it"));
  }
}

TEST_F(Ser, DamagedSeriesAndDescriptionsAreAnswered) {
  for (const std::uint16_t version : {0x0210, 0x0220}) {
    SeriesMaker maker;
    maker.version = version;
    maker.times = {1556209808, 1556209810, 1556209812};
    const std::string frame = numbers<std::uint16_t>({1, 2, 3, 4});
    const std::string bytes = maker({frame, frame, frame});
    expect_answers(bytes, path_, path_);
    write_bytes(path_, bytes);
    expect_answers(emi_head + object_info, folder_ / "series.emi", folder_ / "series.emi");
  }
}

TEST_F(Ser, AnEmiFileFullOfMarksIsAnsweredSoon) {
  SeriesMaker maker;
  write_bytes(path_, maker({numbers<std::uint16_t>({1, 2, 3, 4})}));
  std::string bytes = emi_head;
  while (bytes.size() < (32U << 20)) bytes += "<ObjectInfo><a>";
  write_bytes(folder_ / "series.emi", bytes);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(gives_data(folder_ / "series.emi"));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(took.count(), 0.5);
}

std::filesystem::path sample(const std::string& name) {
  return test::test_data("formats/rsciio/tia") / name;
}

TEST(SerSamples, FactsAreThoseThatTiaShows) {
  KINEMA_REQUIRE_DATA(sample("64x64_TEM_images_acquire.emi"));
  const auto image = open_movie(sample("64x64_TEM_images_acquire.emi"));
  EXPECT_NEAR(image->info().pixel_size->x.value, 62.81833, 1e-4);
  EXPECT_EQ(image->info().voltage->value, 200.0);
  EXPECT_EQ(image->info().detector, "WA-Orius");
  EXPECT_EQ(image->info().date, "2016-02-21T17:50:18");
  EXPECT_EQ(image->metadata()["ObjectInfo"]["AcquireInfo"]["Magnification"], "19500 X");
  EXPECT_EQ(read_all(*image), read_all(*open_movie(sample("64x64_TEM_images_acquire.npy"))));

  const auto pattern = open_movie(sample("64x64_diffraction_acquire.emi"));
  EXPECT_FALSE(pattern->info().pixel_size);
  EXPECT_EQ(pattern->info().axes.back().unit, "1/m");
  EXPECT_NEAR(pattern->info().axes.back().step, 1.01571996e8, 1.0);
  EXPECT_EQ(pattern->metadata()["ObjectInfo"]["ExperimentalDescription"]["Root"]["Camera length"],
            "0.490 m");

  const auto scan = open_movie(sample("03_Scanning Preview_1.ser"));
  EXPECT_EQ(scan->frames(), 5);
  EXPECT_NEAR(scan->info().pixel_size->x.value, 3.843525, 1e-6);
  EXPECT_EQ(scan->info().frame_time->value, 0.23593);
  EXPECT_EQ(scan->info().frame_time.source, "side-car");
}

TEST(SerSamples, DamagedOnesAreAnswered) {
  const auto path = sample("64x64_TEM_images_acquire.emi");
  KINEMA_REQUIRE_DATA(path);
  const test::TempFolder folder;
  const std::string series = file_text(sample("64x64_TEM_images_acquire_1.ser"));
  write_bytes(folder / "a_1.ser", series);
  expect_answers(file_text(path), folder / "a.emi", folder / "a.emi");
  expect_answers(series, folder / "a_1.ser", folder / "a_1.ser");
}

}  // namespace
}  // namespace kinema::io
