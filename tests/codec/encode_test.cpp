#include "kinema/codec/encode.h"

#include "kinema/base/parallel.h"
#include "kinema/codec/encode_kernel.h"

#include <gtest/gtest.h>

#include "codec/movies.h"
#include <cstring>
#include <numeric>

namespace kinema::codec {
namespace {

using test::random_movie;
using test::source_over;

double sum_of(const Snapshots& snapshots) {
  return std::visit(
      [](const auto& array) {
        double sum = 0.0;
        for (const auto value : array.flat()) sum += static_cast<double>(value);
        return sum;
      },
      snapshots);
}

TEST(Encode, AnOpenShutterCountsEveryElectron) {
  const auto movie = random_movie<std::uint8_t>({13, 20, 70}, 1);
  auto source = source_over(movie);
  Progress progress;
  const MaskSet open = make_masks({MaskKind::open, 5, 0}, 20, 70);
  const Measurement measurement = encode(source, open, progress);
  double recorded = 0.0;
  for (const std::uint8_t pixel : movie.flat()) recorded += pixel;
  EXPECT_EQ(sum_of(measurement.snapshots), recorded);
  ASSERT_EQ(measurement.groups.size(), 3U);
  EXPECT_EQ(measurement.groups.back().frames, 3) << "the short last group is kept";
}

/// <Phi x, y> = <x, Phi^T y>: the back projection that decoders use is the adjoint of encode.
TEST(Encode, BackProjectionIsItsAdjoint) {
  const auto x = random_movie<float>({6, 18, 90}, 2);
  const MaskSet masks = make_masks({MaskKind::balanced, 6, 3}, 18, 90);
  auto source = source_over(x);
  Progress progress;
  const Measurement measurement = encode(source, masks, progress);
  const auto& phi_x = std::get<Array<float, 3>>(measurement.snapshots);
  const auto y = random_movie<float>({1, 18, 90}, 4);
  double left = 0.0, right = 0.0;
  for (Index i = 0; i < y.size(); ++i) {
    left += static_cast<double>(phi_x.data()[i]) * static_cast<double>(y.data()[i]);
  }
  for (Index b = 0; b < 6; ++b) {
    for (Index r = 0; r < 18; ++r) {
      for (Index c = 0; c < 90; ++c) {
        if (masks.masks(b, r, c)) {
          right += static_cast<double>(x(b, r, c)) * static_cast<double>(y(Index{0}, r, c));
        }
      }
    }
  }
  EXPECT_NEAR(left, right, 1e-4 * std::abs(left) + 1e-3);
}

template <class T>
void expect_equal_paths(Index ratio, Index frames, Index height, Index width) {
  const auto movie = random_movie<T>({frames, height, width}, 7);
  const MaskSet masks = make_masks({MaskKind::bernoulli, ratio, 8}, height, width);
  const PixelType type = pixel_type_of<T>(), sum = sum_type(type, ratio);
  const auto bytes = static_cast<std::size_t>(height * width * bytes_of(sum));
  std::vector<std::byte> plain(bytes), fast(bytes);
  Array<std::byte, 1> scratch({encode_scratch_bytes});
  std::vector<MaskPlane> planes;
  for (Index b = 0; b < frames; ++b) {
    planes.push_back({masks.masks.row(b, 0), b % 3 == 1 ? ~std::uint64_t{0} : 0});
  }
  const auto run = [&](Simd simd, std::vector<std::byte>& out) {
    encode_rows(simd,
                type,
                sum,
                {reinterpret_cast<const std::byte*>(movie.data()),
                 frames,
                 height,
                 width,
                 planes.data(),
                 masks.masks.words_per_row(),
                 0,
                 height,
                 out.data(),
                 scratch.data()});
  };
  run(Simd::scalar, plain);
  for (const Simd simd : usable_simd()) {
    std::fill(fast.begin(), fast.end(), std::byte{0x5a});
    run(simd, fast);
    EXPECT_EQ(std::memcmp(plain.data(), fast.data(), bytes), 0)
        << to_text(type) << " by " << to_text(simd) << ", " << frames << " of " << ratio
        << " frames, " << height << " x " << width;
  }
}

TEST(Encode, EveryKernelGivesTheSameBits) {
  for (const auto& [height, width] :
       {std::pair<Index, Index>{3, 64}, {5, 256}, {4, 100}, {2, 513}, {7, 1}, {1, 2000}}) {
    for (const auto& [ratio, frames] :
         {std::pair<Index, Index>{1, 1}, {10, 10}, {10, 3}, {30, 30}, {257, 257}, {300, 299}}) {
      expect_equal_paths<std::uint8_t>(ratio, frames, height, width);
      expect_equal_paths<std::int8_t>(ratio, frames, height, width);
      expect_equal_paths<std::uint16_t>(ratio, frames, height, width);
      expect_equal_paths<std::int16_t>(ratio, frames, height, width);
      expect_equal_paths<float>(ratio, frames, height, width);
    }
  }
}

TEST(Encode, LargeFramesTakeTheLongStripsToTheSameBits) {
  expect_equal_paths<std::uint8_t>(10, 10, 1400, 1280);
}

TEST(Encode, TheSumsOfTheBrightestMovieDoNotOverflow) {
  const Array<std::uint8_t, 3> bytes({257, 4, 64}, 255);
  auto source = source_over(bytes);
  Progress progress;
  const Measurement measurement =
      encode(source, make_masks({MaskKind::open, 257, 0}, 4, 64), progress);
  EXPECT_EQ(std::get<0>(measurement.snapshots)(0, 0, 0), 65535);
  const Array<std::uint16_t, 3> words({1000, 2, 64}, 65535);
  auto wide = source_over(words);
  const Measurement sums = encode(wide, make_masks({MaskKind::open, 1000, 0}, 2, 64), progress);
  EXPECT_EQ(std::get<1>(sums.snapshots)(0, 1, 63), 65535000);
}

TEST(Encode, GivesTheSameBytesOnAnyNumberOfThreads) {
  const auto movie = random_movie<std::uint16_t>({12, 90, 700}, 3);
  const MaskSet masks = make_masks({MaskKind::balanced, 5, 1}, 90, 700);
  Progress progress;
  auto source = source_over(movie);
  set_threads(1);
  const Measurement one = encode(source, masks, progress);
  set_threads(4);
  const Measurement four = encode(source, masks, progress);
  const auto a = std::get<1>(one.snapshots).flat(), b = std::get<1>(four.snapshots).flat();
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin()));
}

TEST(Encode, RefusesWhatItCannotSum) {
  Progress progress;
  const Array<std::uint32_t, 3> wide({4, 8, 8});
  auto source = source_over(wide);
  EXPECT_THROW(encode(source, make_masks({MaskKind::open, 2, 0}, 8, 8), progress), InputError);
  Array<float, 3> holes({4, 8, 8}, 1.0F);
  holes(2, 3, 4) = std::nanf("");
  auto bad = source_over(holes);
  try {
    encode(bad, make_masks({MaskKind::open, 2, 0}, 8, 8), progress);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("frame 2, pixel (y 3, x 4)"), std::string::npos);
  }
  EXPECT_THROW(encode(bad, make_masks({MaskKind::open, 2, 0}, 8, 9), progress), InputError);
}

TEST(Encode, MeasuresTheNoiseOfPoissonFrames) {
  Rng rng(11);
  const double gain = 3.0;
  auto movie = Array<float, 3>::uninitialised({10, 192, 192});
  for (Index t = 0; t < 10; ++t) {
    for (Index y = 0; y < 192; ++y) {
      for (Index x = 0; x < 192; ++x) {
        const double electrons = 5.0 + 25.0 * static_cast<double>(x) / 192.0;
        movie(t, y, x) = static_cast<float>(gain * rng.poisson(electrons) + 2.0 * rng.normal());
      }
    }
  }
  auto source = source_over(movie);
  Progress progress;
  const Measurement measurement =
      encode(source, make_masks({MaskKind::balanced, 10, 1}, 192, 192), progress);
  ASSERT_TRUE(measurement.noise);
  for (const double electrons : {8.0, 27.0}) {
    const double truth = gain * gain * electrons + 4.0;
    EXPECT_NEAR(measurement.noise->variance(gain * electrons) / truth, 1.0, 0.15);
  }
}

}  // namespace
}  // namespace kinema::codec
