// What of MRC2014 a file departs from: nothing that kinema writes, and every field that is wrong.
#include "kinema/io/movie_writer.h"
#include "kinema/io/mrc.h"
#include "kinema/io/validate.h"

#include <gtest/gtest.h>

#include "io_test_movies.h"
#include "test_data.h"
#include <algorithm>

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)

class ValidateMrc : public ::testing::Test {
 protected:
  /// A file of 3 frames of 2 x 4 pixels as kinema writes it.
  std::string written(PixelType type = PixelType::i16) {
    const FrameFormat format{type, 2, 4};
    MovieInfo info;
    info.pixel_size = {PixelSize{{0.5}, {0.5}}, "user"};
    const auto writer = MovieWriter::create(path_, format, 3, info, Json());
    writer->write(0, pixels_of(format, 3));
    writer->close();
    return file_text(path_);
  }
  std::vector<Departure> found(const std::string& bytes) {
    write_bytes(path_, bytes);
    return validate_mrc(path_);
  }
  /// The only departure of the file, by its field; "" where there is not just one.
  std::string only(const std::string& bytes) {
    const std::vector<Departure> all = found(bytes);
    return all.size() == 1 ? all[0].field : "";
  }

  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "movie.mrc";
};

TEST_F(ValidateMrc, WhatKinemaWritesDepartsInNothing) {
  for (const PixelType type : {PixelType::u8,
                               PixelType::i8,
                               PixelType::u16,
                               PixelType::i16,
                               PixelType::f16,
                               PixelType::f32}) {
    for (const Departure& departure : found(written(type))) {
      ADD_FAILURE() << to_text(type) << ": " << departure.field << " " << departure.what;
    }
  }
}

TEST_F(ValidateMrc, EveryFieldThatIsWrongIsNamed) {
  struct Fault {
    std::size_t at;
    std::int32_t number;
    const char* field;
  };
  constexpr float wrong = 1.5F;
  const std::int32_t wrong_bits = std::bit_cast<std::int32_t>(wrong);
  const Fault faults[] = {{28, 0, "MX"},
                          {40, std::bit_cast<std::int32_t>(-5.0F), "CELLA X"},
                          {52, wrong_bits, "CELLB alpha"},
                          {64, 3, "MAPC MAPR MAPS"},
                          {76, wrong_bits, "DMIN"},
                          {84, wrong_bits, "DMEAN"},
                          {88, -3, "ISPG"},
                          {88, 300, "ISPG"},
                          {108, 20130, "NVERSION"},
                          {200, 0x7f800000, "ORIGIN Y"},
                          {208, 0, "MAP"},
                          {212, 0, "MACHST"},
                          {216, wrong_bits, "RMS"},
                          {220, 5, "NLABL"},
                          {464, 0x41414141, "LABEL 3"}};
  const std::string right = written();
  for (const Fault& fault : faults) {
    std::string bytes = right;
    put(bytes, fault.at, fault.number);
    if (fault.at == 464) put(bytes, 220, std::int32_t{2});
    EXPECT_EQ(only(bytes), fault.field) << fault.at;
  }
}

TEST_F(ValidateMrc, LengthsAreMeasured) {
  const std::string right = written();
  EXPECT_EQ(only(right + "more"), "file");
  EXPECT_FALSE(found(right + "more")[0].fatal);
  for (const std::size_t size : {0UL, 1UL, 500UL, 1023UL, 1024UL, 1025UL, right.size() - 1}) {
    const std::vector<Departure> all = found(right.substr(0, size));
    ASSERT_FALSE(all.empty()) << size;
    EXPECT_TRUE(all.back().fatal) << size;
    EXPECT_EQ(all.back().offset, size);
  }
  std::string bytes = right;
  put(bytes, 92, std::int32_t{1 << 30});
  const std::vector<Departure> all = found(bytes);
  EXPECT_TRUE(std::any_of(all.begin(), all.end(), [](const Departure& departure) {
    return departure.field == "NSYMBT" && departure.fatal;
  }));
}

TEST_F(ValidateMrc, AnyBitMayBeFlipped) {
  const std::string right = written();
  for (std::size_t bit = 0; bit < 1024 * 8; bit += 7) {
    std::string bytes = right;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_NO_THROW(found(bytes)) << bit;
  }
}

TEST_F(ValidateMrc, WhatIsNoFileIsAnInputError) {
  EXPECT_THROW(validate_mrc(folder_ / "absent.mrc"), InputError);
}

}  // namespace
}  // namespace kinema::io
