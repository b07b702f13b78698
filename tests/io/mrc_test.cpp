// MRC headers as they are met: both byte orders, signs of mode 0, placeholders, lies and cuts.
#include "kinema/io/mrc.h"

#include "kinema/base/options.h"
#include "kinema/io/formats.h"
#include "kinema/io/movie_writer.h"
#include "kinema/io/validate.h"

#include <gtest/gtest.h>

#include "io_test_movies.h"
#include "test_data.h"
#include <complex>

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)

/// A header of 3 frames of 2 x 4 pixels, and room for frames after it.
std::string mrc_file(std::int32_t mode, Index pixel_bytes, bool big_endian = false) {
  std::string bytes(static_cast<std::size_t>(1024 + 24 * pixel_bytes), '\0');
  const std::int32_t size[] = {4, 2, 3};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    put(bytes, 4 * axis, size[axis], big_endian);
    put(bytes, 28 + 4 * axis, size[axis], big_endian);
    put(bytes, 64 + 4 * axis, static_cast<std::int32_t>(axis + 1), big_endian);
  }
  put(bytes, 12, mode, big_endian);
  bytes.replace(208, 4, "MAP ");
  bytes.replace(212, 2, big_endian ? "\x11\x11" : "\x44\x44");
  return bytes;
}

void put_cell(std::string& bytes, float edge_x, float edge_y) {
  put(bytes, 40, edge_x * 4);
  put(bytes, 44, edge_y * 2);
}

class Mrc : public ::testing::Test {
 protected:
  std::unique_ptr<MovieSource> open(const std::string& bytes, const ReadOptions& options = {}) {
    write_bytes(path_, bytes);
    return open_movie(path_, options);
  }
  std::string note_of(const std::string& bytes) {
    std::string all;
    const MovieInfo info = open(bytes)->info();
    for (const std::string& note : info.notes) all += note + "\n";
    return all;
  }
  PixelType type_of(const std::string& bytes, Mode0 mode0 = Mode0::automatic) {
    return open(bytes, {.pixel_size = {}, .mode0 = mode0})->format().type;
  }

  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "movie";  // recognised without its ending
};

TEST_F(Mrc, BothByteOrdersHoldTheSameNumbers) {
  for (const bool big_endian : {false, true}) {
    std::string bytes = mrc_file(1, 2, big_endian);
    for (std::int16_t i = 0; i < 24; ++i) {
      put(bytes,
          1024 + 2 * static_cast<std::size_t>(i),
          static_cast<std::int16_t>(i - 300),
          big_endian);
    }
    const auto source = open(bytes);
    EXPECT_EQ(source->format(), (FrameFormat{PixelType::i16, 2, 4}));
    EXPECT_EQ(source->frames(), 3);
    const std::vector<std::byte> pixels = read_all(*source);
    EXPECT_EQ(reinterpret_cast<const std::int16_t*>(pixels.data())[23], 23 - 300);
  }
}

TEST_F(Mrc, AWrongMachineStampGivesWayToTheOrderThatMakesSense) {
  std::string bytes = mrc_file(2, 4, /*big_endian=*/true);
  bytes.replace(212, 2, "\x44\x44");
  EXPECT_EQ(open(bytes)->format(), (FrameFormat{PixelType::f32, 2, 4}));
  bytes.replace(208, 8, std::string(8, '\0'));  // as older files have it
  EXPECT_EQ(open(bytes)->frames(), 3);
}

TEST_F(Mrc, TheSignOfMode0IsDecidedInOrder) {
  const std::string plain = mrc_file(0, 1);
  EXPECT_EQ(type_of(plain), PixelType::i8);
  EXPECT_EQ(type_of(plain, Mode0::without_sign), PixelType::u8);

  std::string unsigned_range = plain;
  put(unsigned_range, 76, 0.0F);
  put(unsigned_range, 80, 200.0F);
  EXPECT_EQ(type_of(unsigned_range), PixelType::u8);

  std::string imod = unsigned_range;  // IMOD's flags are worth more than the range
  put(imod, 152, std::int32_t{1146047817});
  put(imod, 156, std::int32_t{1});
  EXPECT_EQ(type_of(imod), PixelType::i8);
  put(imod, 156, std::int32_t{0});
  EXPECT_EQ(type_of(imod), PixelType::u8);
  EXPECT_EQ(type_of(imod, Mode0::with_sign), PixelType::i8);
  EXPECT_NE(note_of(imod).find("IMOD"), std::string::npos);
}

TEST_F(Mrc, APixelSizeIsReadAndAPlaceholderIsNamedAndIgnored) {
  std::string bytes = mrc_file(2, 4);
  put_cell(bytes, 0.2F, 0.21F);
  const MovieInfo info = open(bytes)->info();
  EXPECT_EQ(info.pixel_size, (PixelSize{{0.2}, {0.21}}));
  EXPECT_EQ(info.pixel_size.source, "header");
  for (const float placeholder : {0.0F, 1.0F, -10.0F}) {
    put_cell(bytes, placeholder, placeholder);
    EXPECT_FALSE(open(bytes)->info().pixel_size);
    EXPECT_EQ(open(bytes)->info().pixel_size.source, "unknown");
    EXPECT_NE(note_of(bytes).find("placeholder"), std::string::npos);
  }
  const auto given = open(bytes, {.pixel_size = PixelSize{{0.5}, {0.5}}, .mode0 = {}});
  EXPECT_EQ(given->info().pixel_size->x, Length{0.5});
  EXPECT_EQ(given->info().pixel_size.source, "user");
}

TEST_F(Mrc, TheUsersPixelSizeWinsOverTheHeadersWithANote) {
  std::string bytes = mrc_file(2, 4);
  put_cell(bytes, 0.2F, 0.2F);
  const auto source = open(bytes, {.pixel_size = PixelSize{{0.5}, {0.5}}, .mode0 = {}});
  EXPECT_EQ(source->info().pixel_size->x, Length{0.5});
  ASSERT_EQ(source->info().notes.size(), 1U);
  EXPECT_NE(source->info().notes[0].find("0.2 A"), std::string::npos);
}

TEST_F(Mrc, TheExtendedHeaderIsSkipped) {
  std::string bytes = mrc_file(6, 2);
  put(bytes, 92, std::int32_t{160});
  bytes.insert(1024, std::string(160, '\x7f'));
  put(bytes, 1024 + 160, std::uint16_t{54321});
  const std::vector<std::byte> pixels = read_all(*open(bytes));
  EXPECT_EQ(reinterpret_cast<const std::uint16_t*>(pixels.data())[0], 54321);
  put(bytes, 92, std::int32_t{1 << 30});
  EXPECT_THROW(open(bytes), FileError);
}

TEST_F(Mrc, AFileCutAnywhereIsAFileErrorThatCountsWholeFrames) {
  const std::string whole = mrc_file(2, 4);
  for (const std::size_t size : {1UL, 4UL, 207UL, 1000UL, 1023UL}) {
    EXPECT_THROW(open(whole.substr(0, size)), InputError) << size;
  }
  for (const std::size_t size : {1024UL, 1025UL, 1024UL + 32UL + 3UL, whole.size() - 1}) {
    try {
      open(whole.substr(0, size));
      ADD_FAILURE() << size;
    } catch (const FileError& error) {
      const std::string frames = std::to_string((size - 1024) / 32);
      EXPECT_NE(std::string(error.what()).find("holds " + frames + " whole"), std::string::npos)
          << error.what();
    }
  }
  write_bytes(path_, "");
  EXPECT_THROW(open_movie(path_), FileError);
}

TEST_F(Mrc, SizesThatNoFileHoldsAreRefused) {
  std::string bytes = mrc_file(2, 4);
  put(bytes, 0, std::int32_t{1 << 27});
  put(bytes, 4, std::int32_t{1 << 27});
  put(bytes, 8, std::int32_t{1 << 27});
  EXPECT_THROW(open(bytes), InputError);
  put(bytes, 8, std::int32_t{-1});
  EXPECT_THROW(open(bytes), InputError);
}

TEST_F(Mrc, AFieldThatMakesNoSenseIsNamed) {
  const auto refusal = [&](const std::string& bytes) -> std::string {
    try {
      open(bytes);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  for (const bool big_endian : {false, true}) {
    for (const std::int32_t mode : {-1, 5, 7, 102, 1 << 24}) {
      EXPECT_NE(refusal(mrc_file(mode, 8, big_endian)).find("MODE is " + std::to_string(mode)),
                std::string::npos);
    }
    std::string bytes = mrc_file(2, 4, big_endian);
    put(bytes, 92, std::int32_t{-80}, big_endian);
    EXPECT_NE(refusal(bytes).find("NSYMBT"), std::string::npos);
    bytes = mrc_file(2, 4, big_endian);
    put(bytes, 8, std::int32_t{-3}, big_endian);
    EXPECT_NE(refusal(bytes).find("NX, NY, NZ are 4, 2, -3"), std::string::npos);
  }
  std::string unmarked = mrc_file(5, 8);
  unmarked.replace(208, 4, 4, '\0');
  EXPECT_NE(refusal(unmarked).find("no known movie format"), std::string::npos);
}

TEST_F(Mrc, ComplexModesBecomeComplexFloats) {
  std::string shorts = mrc_file(3, 4, /*big_endian=*/true), floats = mrc_file(4, 8);
  put(shorts, 1024 + 4 * 5, std::int16_t{-300}, true);
  put(shorts, 1024 + 4 * 5 + 2, std::int16_t{7}, true);
  put(floats, 1024 + 8 * 5, -300.0F);
  put(floats, 1024 + 8 * 5 + 4, 7.0F);
  for (const std::string& bytes : {shorts, floats}) {
    const auto source = open(bytes);
    EXPECT_EQ(source->format(), (FrameFormat{PixelType::c64, 2, 4}));
    const std::vector<std::byte> pixels = read_all(*source);
    EXPECT_EQ(reinterpret_cast<const std::complex<float>*>(pixels.data())[5],
              std::complex<float>(-300.0F, 7.0F));
  }
}

TEST_F(Mrc, ComplexNumbersAreWrittenAsMode4WithoutDensities) {
  const FrameFormat format{PixelType::c64, 2, 3};
  std::vector<std::complex<float>> pixels(12);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = {static_cast<float>(i), -1.0F};
  const auto path = folder_ / "wave.mrc";
  const auto writer = MovieWriter::create(path, format, 2, {}, Json());
  writer->write(0, std::as_bytes(std::span(pixels)));
  writer->close();
  const auto source = open_movie(path);
  EXPECT_EQ(source->format(), format);
  const std::vector<std::byte> read = read_all(*source);
  EXPECT_EQ(std::memcmp(read.data(), pixels.data(), read.size()), 0);
  EXPECT_TRUE(validate_mrc(path).empty());
}

TEST_F(Mrc, HalfBytesAreUnpackedLowHalfFirstAndRowsArePadded) {
  std::string bytes = mrc_file(101, 1);
  put(bytes, 0, std::int32_t{5});  // 5 columns in 3 bytes a row, 2 rows, 3 frames
  bytes.resize(1024 + 18);
  bytes.replace(1024, 3, "\x21\x43\xf5");
  bytes.replace(1024 + 15, 3, "\xfe\xdc\xab");
  const auto source = open(bytes);
  EXPECT_EQ(source->format(), (FrameFormat{PixelType::u8, 2, 5}));
  const std::vector<std::byte> pixels = read_all(*source);
  const std::vector<std::byte> first(pixels.begin(), pixels.begin() + 5);
  const std::vector<std::byte> last(pixels.end() - 5, pixels.end());
  const auto row = [](int a, int b, int c, int d, int e) {
    return std::vector<std::byte>{
        std::byte(a), std::byte(b), std::byte(c), std::byte(d), std::byte(e)};
  };
  EXPECT_EQ(first, row(1, 2, 3, 4, 5));
  EXPECT_EQ(last, row(14, 15, 12, 13, 11));
  EXPECT_THROW(open(bytes.substr(0, bytes.size() - 1)), FileError);
}

TEST_F(Mrc, BytesOfTwoPixelsAreUnpackedWhereImodsFlagsSaySo) {
  std::string bytes = mrc_file(0, 1);  // 4 bytes a row
  put_cell(bytes, 3.0F, 3.0F);
  put(bytes, 152, std::int32_t{1146047817});
  put(bytes, 156, std::int32_t{16});
  bytes[1024] = '\x21';
  const auto source = open(bytes);
  EXPECT_EQ(source->format(), (FrameFormat{PixelType::u8, 2, 8}));
  EXPECT_EQ(source->info().pixel_size, (PixelSize{{3.0}, {3.0}}));
  EXPECT_EQ(read_all(*source)[1], std::byte{2});
  EXPECT_EQ(type_of(bytes, Mode0::without_sign), PixelType::u8);
  EXPECT_EQ(open(bytes, {.pixel_size = {}, .mode0 = Mode0::without_sign})->format().width, 4);
}

TEST_F(Mrc, ColoursOfImodAreRead) {
  std::string bytes = mrc_file(16, 3);
  bytes[1024 + 3] = 'r';
  bytes[1024 + 5] = 'b';
  const auto source = open(bytes);
  EXPECT_EQ(source->format().type, PixelType::rgb);
  const std::vector<std::byte> pixels = read_all(*source);
  EXPECT_EQ(static_cast<char>(pixels[3]), 'r');
  EXPECT_EQ(static_cast<char>(pixels[5]), 'b');
}

TEST_F(Mrc, VolumesAndStacksOfThemAreToldApart) {
  std::string bytes = mrc_file(2, 4);
  put(bytes, 88, std::int32_t{1});
  put_cell(bytes, 2.0F, 2.0F);
  const auto volume = open(bytes);
  EXPECT_EQ(volume->frames(), 3);
  ASSERT_EQ(volume->info().axes.size(), 3U);
  EXPECT_EQ(volume->info().axes[0].name, "z");
  EXPECT_EQ(volume->info().axes[2], (Axis{"x", 4, 2.0, 0.0, "A"}));
  EXPECT_NE(note_of(bytes).find("a volume (ISPG 1)"), std::string::npos);

  put(bytes, 88, std::int32_t{401});
  put(bytes, 36, std::int32_t{1});
  const auto stack = open(bytes);
  EXPECT_EQ(stack->frames(), 3);
  ASSERT_EQ(stack->info().axes.size(), 4U);
  EXPECT_EQ(stack->info().axes[0], (Axis{"volume", 3, 0.0, 0.0, ""}));
  EXPECT_EQ(stack->info().axes[1].size, 1);

  put(bytes, 88, std::int32_t{0});
  EXPECT_EQ(open(bytes)->info().axes[0].name, "section");
}

TEST_F(Mrc, OldHeadersAreReadWithNotes) {
  std::string bytes = mrc_file(1, 2, /*big_endian=*/true);
  bytes.replace(208, 8, std::string(8, '\0'));
  EXPECT_NE(note_of(bytes).find("'MAP ' is missing"), std::string::npos);
  bytes.replace(208, 8, std::string("MAP \x44\x44\0\0", 8));
  EXPECT_NE(note_of(bytes).find("makes sense only big-endian"), std::string::npos);
}

TEST_F(Mrc, TheMainHeaderIsInTheMetadata) {
  std::string bytes = mrc_file(2, 4);
  bytes.replace(224, 80, "a label" + std::string(73, ' '));
  const Json tree = open(bytes)->metadata()["MRC header"];
  EXPECT_EQ(tree["NX NY NZ"], Json::array({4, 2, 3}));
  EXPECT_EQ(tree["labels"], Json::array({"a label"}));
}

TEST_F(Mrc, BytesAfterTheLastFrameAreTolerated) {
  const std::string bytes = mrc_file(2, 4) + "trailing";
  EXPECT_EQ(open(bytes)->frames(), 3);
  EXPECT_NE(note_of(bytes).find("8 bytes follow"), std::string::npos);
}

TEST_F(Mrc, EightBitNumbersHeldWiderAreCheckedWhenRead) {
  const FrameFormat format{PixelType::u8, 1, 1};
  const std::vector<std::byte> header = make_mrc_header(format, 1, {}, DensityStatistics{});
  std::string bytes(reinterpret_cast<const char*>(header.data()), header.size());
  bytes += std::string("\xff\x01", 2);  // 511
  const auto source = open(bytes);
  EXPECT_EQ(source->format().type, PixelType::u8);
  EXPECT_THROW(read_all(*source), FileError);
}

}  // namespace
}  // namespace kinema::io
