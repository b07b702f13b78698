// NumPy headers of every version and order, and those that must be refused.
#include "kinema/io/npy.h"

#include "kinema/io/formats.h"

#include <gtest/gtest.h>

#include "io_test_movies.h"
#include "test_data.h"

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)

std::string npy_file(const std::string& dictionary, const std::string& data, int version = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += {static_cast<char>(version), '\0'};
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) {
    bytes += static_cast<char>((dictionary.size() >> (8 * i)) & 0xFF);
  }
  return bytes + dictionary + data;
}

class Npy : public ::testing::Test {
 protected:
  std::unique_ptr<MovieSource> open(const std::string& bytes) {
    write_bytes(path_, bytes);
    return open_movie(path_);
  }
  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "movie";
};

TEST_F(Npy, AllHeaderVersionsAndByteOrdersAreRead) {
  for (const int version : {1, 2, 3}) {
    const auto little = open(npy_file("{'descr': '<u2', 'fortran_order': False, 'shape': (1, 2), }",
                                      std::string("\x01\x02\x03\x04", 4),
                                      version));
    const auto big = open(npy_file("{\"shape\":(1,2),\"descr\":\">u2\",\"fortran_order\":False}\n",
                                   std::string("\x02\x01\x04\x03", 4),
                                   version));
    EXPECT_EQ(little->format(), (FrameFormat{PixelType::u16, 1, 2}));
    EXPECT_EQ(little->frames(), 1);
    EXPECT_EQ(big->format(), little->format());
  }
}

TEST_F(Npy, BigEndianNumbersOfEverySizeAreTurned) {
  std::string data(8, '\0');
  put(data, 0, 1.5, /*big_endian=*/true);
  const auto source =
      open(npy_file("{'descr': '>f8', 'fortran_order': False, 'shape': (1, 1, 1), }", data));
  EXPECT_EQ(reinterpret_cast<const double*>(read_all(*source).data())[0], 1.5);
}

TEST_F(Npy, FortranOrderHoldsTheSameFrames) {
  // Element (t, y, x) of shape (2, 3, 4) has the value 100 t + 10 y + x.
  std::string data;
  for (char x = 0; x < 4; ++x) {
    for (char y = 0; y < 3; ++y) {
      for (char t = 0; t < 2; ++t) data += static_cast<char>(100 * t + 10 * y + x);
    }
  }
  const auto source =
      open(npy_file("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 4), }", data));
  std::vector<std::byte> second(12);
  source->read(1, 1, second);
  EXPECT_EQ(std::to_integer<int>(second[2 * 4 + 3]), 123);
  EXPECT_EQ(std::to_integer<int>(second[1 * 4 + 0]), 110);
  EXPECT_FALSE(source->info().notes.empty());

  const NpyArray array = read_npy(path_);
  EXPECT_EQ(array.shape, (std::vector<Index>{2, 3, 4}));
  EXPECT_EQ(array.elements<std::uint8_t>()[12 + 2 * 4 + 3], 123);
}

TEST_F(Npy, ArraysOfAnyRankComeBack) {
  const auto bytes = pixels_of({PixelType::i32, 2, 12}, 1);
  for (const std::vector<Index>& shape :
       {std::vector<Index>{24}, {4, 6}, {2, 3, 4}, {1, 2, 3, 4}}) {
    write_npy(path_, PixelType::i32, shape, bytes);
    const NpyArray array = read_npy(path_);
    EXPECT_EQ(array.shape, shape);
    EXPECT_EQ(array.type, PixelType::i32);
    EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), array.bytes.data()));
  }
  EXPECT_EQ(file_text(path_).find('\n') % 64, 63U);  // elements start at a multiple of 64
}

TEST_F(Npy, BoolIsReadAsBytes) {
  const auto source = open(npy_file("{'descr': '|b1', 'fortran_order': False, 'shape': (1, 2), }",
                                    std::string("\x01\x00", 2)));
  EXPECT_EQ(source->format().type, PixelType::u8);
}

TEST_F(Npy, AxesBeforeTheLastTwoCountFrames) {
  const auto bytes = pixels_of({PixelType::u16, 4, 5}, 6);
  write_npy(path_, PixelType::u16, std::vector<Index>{2, 3, 4, 5}, bytes);
  const auto source = open_movie(path_);
  EXPECT_EQ(source->format(), (FrameFormat{PixelType::u16, 4, 5}));
  EXPECT_EQ(source->frames(), 6);
  EXPECT_EQ(read_all(*source), bytes);
  ASSERT_EQ(source->info().axes.size(), 4U);
  EXPECT_EQ(source->info().axes[1].size, 3);
}

TEST_F(Npy, FourAxesOfBytesThatEndInThreeAreColour) {
  const auto bytes = pixels_of({PixelType::u8, 4, 15}, 2);
  write_npy(path_, PixelType::u8, std::vector<Index>{2, 4, 5, 3}, bytes);
  const auto source = open_movie(path_);
  EXPECT_EQ(source->format(), (FrameFormat{PixelType::rgb, 4, 5}));
  EXPECT_EQ(source->frames(), 2);
  EXPECT_EQ(read_all(*source), bytes);
}

TEST_F(Npy, FortranOrderOfFourAxesNamesTheMend) {
  try {
    open(npy_file("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 2, 2, 2), }",
                  std::string(16, '\0')));
    FAIL() << "it was read";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("(2, 2, 2, 2)"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("ascontiguousarray"), std::string::npos);
  }
}

TEST_F(Npy, WhatIsNoMovieIsRefused) {
  const auto header = [](const std::string& descr, const std::string& shape) {
    return npy_file("{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + ", }",
                    std::string(64, '\0'));
  };
  const std::string bad[] = {
      header("'|O'", "(2, 2, 2)"),
      header("[('a', '<u2')]", "(2, 2, 2)"),
      header("'<u2'", "(8,)"),
      header("'<u2'", "()"),
      header("'<u2'", "(1, 1, 1, 1, 1, 1, 1, 2, 2)"),
      header("'<u2'", "(0, 2, 2)"),
      header("'<u2'", "(-1, 2, 2)"),
      header("'<u2'", "(2, 2, 3"),
      header("'<u2", "(2, 2, 2)"),
      header("'<u2'", "(1000, 10000, 10000)"),             // 200 GB
      header("'<u2'", "(4611686018427387904, 4, 4)"),      // overflows
      header("'<u2'", "(99999999999999999999999, 4, 4)"),  // overflows its parser
      header("'<u2'", "(2, 2, 2), 'surprise': 3"),
      npy_file("", ""),
      npy_file("{'descr': '<u2', 'fortran_order': Maybe, 'shape': (2, 2), }", std::string(8, '\0')),
      std::string("\x93NUMPY\x01\x00\xff\xff{}", 12),
      std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff{}", 14),
      std::string("\x93NUMPY\x09\x00\x02\x00{}", 12),
  };
  for (const std::string& bytes : bad) EXPECT_THROW(open(bytes), InputError) << bytes.substr(6);
}

TEST_F(Npy, AFileCutAnywhereIsAnInputError) {
  write_npy(
      path_, PixelType::u16, std::vector<Index>{3, 4, 5}, pixels_of({PixelType::u16, 4, 5}, 3));
  const std::string whole = file_text(path_);
  for (std::size_t size = 0; size < whole.size(); size += 3) {
    EXPECT_THROW(open(whole.substr(0, size)), InputError) << size;
    EXPECT_THROW(read_npy(path_), InputError) << size;
  }
}

}  // namespace
}  // namespace kinema::io
