// Parts of complex and coloured pixels: what the words mean, and where there is no such part.
#include "kinema/io/part.h"

#include "kinema/io/convert.h"
#include "kinema/io/formats.h"
#include "kinema/io/npy.h"

#include <gtest/gtest.h>

#include "io_test_movies.h"
#include "test_data.h"
#include <complex>

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)

template <class Out, class In>
std::vector<Out> taken(const std::vector<In>& pixels, Part part) {
  const FrameFormat format{pixel_type_of<In>(), 1, static_cast<Index>(pixels.size())};
  const auto source = take_part(
      std::make_unique<ArraySource>(reinterpret_cast<const std::byte*>(pixels.data()), format, 1),
      part);
  EXPECT_EQ(source->format().type, pixel_type_of<Out>());
  const std::vector<std::byte> bytes = read_all(*source);
  const auto* numbers = reinterpret_cast<const Out*>(bytes.data());
  return {numbers, numbers + pixels.size()};
}

TEST(Part, ComplexPixelsAreLengthAndAngleOrTwoCoordinates) {
  const std::vector<std::complex<float>> pixels = {{3, 4}, {-2, 0}, {0, -1}};
  EXPECT_EQ(taken<float>(pixels, Part::modulus), (std::vector<float>{5, 2, 1}));
  EXPECT_EQ(taken<float>(pixels, Part::real), (std::vector<float>{3, -2, 0}));
  EXPECT_EQ(taken<float>(pixels, Part::imaginary), (std::vector<float>{4, 0, -1}));
  const std::vector<float> angles = taken<float>(pixels, Part::phase);
  EXPECT_FLOAT_EQ(angles[1], 3.14159265F);
  EXPECT_FLOAT_EQ(angles[2], -1.57079633F);
  const std::vector<std::complex<double>> doubles = {{3e200, 4e200}};  // whose squares are infinite
  EXPECT_DOUBLE_EQ(taken<double>(doubles, Part::modulus)[0], 5e200);
}

TEST(Part, LuminanceWeighsColoursAsTheEyeDoes) {
  const std::vector<Rgb> pixels = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {9, 9, 9}};
  EXPECT_EQ(taken<std::uint8_t>(pixels, Part::luminance),
            (std::vector<std::uint8_t>{54, 182, 18, 9}));
  const std::vector<Rgba> more = {{1, 2, 3, 4}};
  const Part parts[] = {Part::red, Part::green, Part::blue, Part::alpha};
  for (std::uint8_t i = 0; i < 4; ++i) {
    EXPECT_EQ(taken<std::uint8_t>(more, parts[i])[0], i + 1);
  }
}

TEST(Part, APartThatPixelsDoNotHaveIsRefused) {
  EXPECT_THROW(part_type(PixelType::u8, Part::modulus), InputError);
  EXPECT_THROW(part_type(PixelType::rgb, Part::alpha), InputError);
  EXPECT_THROW(part_type(PixelType::rgb, Part::real), InputError);
  EXPECT_THROW(part_type(PixelType::c64, Part::red), InputError);
  for (const PixelTypeName& pixel : pixel_type_names) {
    EXPECT_EQ(part_type(pixel.type, Part::automatic), pixel.type);
  }
}

template <class T>
std::vector<T> binned(const std::vector<T>& pixels, Index height, Index width, Index n) {
  ConvertOptions options;
  options.bin = n;
  const FrameFormat format{pixel_type_of<T>(), height, width};
  const auto source = select(
      std::make_unique<ArraySource>(reinterpret_cast<const std::byte*>(pixels.data()), format, 1),
      options);
  EXPECT_EQ(source->format().type, pixel_type_of<T>());
  const std::vector<std::byte> bytes = read_all(*source);
  const auto* sums = reinterpret_cast<const T*>(bytes.data());
  return {sums, sums + bytes.size() / sizeof(T)};
}

TEST(Binning, LongIntegersAreSummedExactlyOrNotAtAll) {
  const std::uint64_t large = (std::uint64_t{1} << 61) + 1;
  EXPECT_EQ(binned<std::uint64_t>({large, 1, 1, large}, 2, 2, 2)[0], 2 * large + 2);
  const std::uint64_t half = std::uint64_t{1} << 63;
  EXPECT_THROW((binned<std::uint64_t>({half, half, 0, 0}, 2, 2, 2)), InputError);
  const std::int64_t least = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(binned<std::int64_t>({least, 5, 0, -5}, 2, 2, 2)[0], least);
  EXPECT_THROW((binned<std::int64_t>({least, -1, 0, 0}, 2, 2, 2)), InputError);
}

TEST(Binning, ComplexPixelsInterfere) {
  const std::vector<std::complex<float>> waves = {{1, 1}, {-1, -1}, {2, 0}, {0, 3}};
  EXPECT_EQ(binned(waves, 2, 2, 2)[0], (std::complex<float>{2, 3}));
}

TEST(Binning, ColoursAreSummedAsAPartAlone) {
  EXPECT_THROW(binned_type(PixelType::rgb, 2), InputError);
  EXPECT_EQ(binned_type(part_type(PixelType::rgb, Part::luminance), 2), PixelType::u16);
}

}  // namespace
}  // namespace kinema::io
