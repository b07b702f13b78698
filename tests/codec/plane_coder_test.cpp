// Planes come back exactly, from every kernel; noise costs what its entropy demands; damage is
// told.
#include "kinema/codec/plane_coder.h"

#include "kinema/base/error.h"
#include "kinema/base/hash.h"
#include "kinema/base/parallel.h"
#include "kinema/base/rng.h"
#include "kinema/codec/residual_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <random>

namespace kinema::codec {
namespace {

using Plane = Array<std::int32_t, 2>;

Plane noise(
    Index height, Index width, double level, double sigma, double wave, std::uint64_t seed) {
  Plane plane({height, width});
  Rng rng(seed);
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      const double at = 0.05 * static_cast<double>(x) + 0.03 * static_cast<double>(y);
      plane(y, x) =
          static_cast<std::int32_t>(std::round(level + wave * std::sin(at) + sigma * rng.normal()));
    }
  }
  return plane;
}

void expect_round_trip(const Plane& plane, const std::uint16_t* open = nullptr) {
  const std::vector<std::byte> bytes = pack_plane(plane.view(), open);
  Plane back(plane.shape());
  unpack_plane(bytes, back.view(), open);
  for (Index i = 0; i < plane.size(); ++i)
    ASSERT_EQ(back.data()[i], plane.data()[i]) << "pixel " << i;
}

double bits_a_pixel(const Plane& plane, const std::uint16_t* open = nullptr) {
  return 8.0 * static_cast<double>(pack_plane(plane.view(), open).size()) /
         static_cast<double>(plane.size());
}

TEST(PlaneCoder, EverySizeAndSizeOfNumbersComesBack) {
  for (const auto& [height, width] :
       {std::pair{1, 1}, {1, 7}, {5, 1}, {3, 300}, {65, 129}, {200, 131}}) {
    for (const double sigma : {0.0, 0.02, 0.3, 1.0, 5.0, 40.0, 3000.0, 1e7}) {
      SCOPED_TRACE(std::to_string(height) + " x " + std::to_string(width) + ", " +
                   std::to_string(sigma));
      expect_round_trip(noise(height, width, 100.0, sigma, 20.0 * sigma, 3));
    }
  }
}

TEST(PlaneCoder, TheEndsOfTheRangeComeBack) {
  Plane plane({40, 50});
  std::mt19937 random(1);
  for (std::int32_t& value : plane.flat()) {
    value = random() % 2 == 0 ? std::numeric_limits<std::int32_t>::min()
                              : std::numeric_limits<std::int32_t>::max();
  }
  expect_round_trip(plane);
  for (std::int32_t& value : plane.flat()) value = static_cast<std::int32_t>(random());
  expect_round_trip(plane);
}

void expect_the_same_from_every_kernel(const Plane& plane) {
  const std::vector<std::byte> expected = pack_plane(plane.view(), nullptr, Simd::scalar);
  for (const Simd simd : usable_simd()) {
    EXPECT_EQ(pack_plane(plane.view(), nullptr, simd), expected) << to_text(simd);
    Plane back(plane.shape());
    unpack_plane(expected, back.view(), nullptr, simd);
    EXPECT_TRUE(std::equal(back.flat().begin(), back.flat().end(), plane.flat().begin()));
  }
}

/// Levels that no table fits shortened, own tables, residuals beyond every table; numbers of 16 and
/// of 32 bits, and such as vectors do not take.
TEST(PlaneCoder, EveryKernelGivesAndTakesTheSameBytes) {
  std::mt19937 random(6);
  for (const auto& [height, width] : {std::pair{1, 1}, {3, 300}, {70, 129}, {130, 255}}) {
    for (const double sigma : {0.02, 0.3, 1.0, 5.0, 40.0, 3000.0, 1e6, 1e8}) {
      for (const double level : {0.0, -3000.0, 5e7}) {
        SCOPED_TRACE(std::to_string(height) + " x " + std::to_string(width) + ", " +
                     std::to_string(sigma) + " around " + std::to_string(level));
        Plane plane = noise(height, width, level, sigma, 4.0 * sigma, 9);
        expect_the_same_from_every_kernel(plane);
        for (std::int32_t& value : plane.flat()) {
          if (random() % 300 == 0) value += static_cast<std::int32_t>(random() % 4000) - 2000;
        }
        expect_the_same_from_every_kernel(plane);
      }
    }
  }
  for (const double rate : {0.01, 0.2, 30.0}) {
    std::poisson_distribution<std::int32_t> counts(rate);
    Plane plane({70, 300});
    for (std::int32_t& value : plane.flat()) value = counts(random);
    for (int i = 0; i < 40; ++i) plane.data()[random() % 21000] = 28 + i % 8;
    expect_the_same_from_every_kernel(plane);
  }
}

TEST(PlaneCoder, TheSameBytesOnAnyNumberOfThreads) {
  const Plane plane = noise(300, 200, 500.0, 2.0, 100.0, 9);
  const int before = threads();
  set_threads(1);
  const std::vector<std::byte> alone = pack_plane(plane.view());
  set_threads(3);
  EXPECT_EQ(pack_plane(plane.view()), alone);
  set_threads(before);
}

TEST(PlaneCoder, NormalNoiseCostsItsEntropy) {
  for (const double sigma : {0.7, 1.0, 1.5, 3.0, 10.0, 60.0}) {
    const double entropy = std::log2(
        std::sqrt(2.0 * std::numbers::pi * std::numbers::e * (sigma * sigma + 1.0 / 12.0)));
    EXPECT_LT(bits_a_pixel(noise(512, 512, 900.0, sigma, 0.0, 5)), entropy + 0.06) << sigma;
    EXPECT_LT(bits_a_pixel(noise(512, 512, 900.0, sigma, 30.0, 5)), entropy + 0.12) << sigma;
  }
}

TEST(PlaneCoder, RareCountsCostTheirEntropy) {
  for (const double rate : {0.01, 0.05, 0.3}) {
    std::mt19937 random(2);
    std::poisson_distribution<std::int32_t> counts(rate);
    Plane plane({512, 512});
    for (std::int32_t& value : plane.flat()) value = counts(random);
    double entropy = 0.0;
    for (int n = 0; n < 20; ++n) {
      const double p = std::exp(n * std::log(rate) - rate - std::lgamma(n + 1.0));
      if (p > 0.0) entropy -= p * std::log2(p);
    }
    EXPECT_LT(bits_a_pixel(plane), 1.09 * entropy + 0.005) << rate;
    expect_round_trip(plane);
  }
}

TEST(PlaneCoder, ExposureIsTakenIntoAccount) {
  Plane plane({256, 256});
  std::vector<std::uint16_t> open;
  Rng rng(4);
  std::mt19937 random(4);
  for (std::int32_t& value : plane.flat()) {
    open.push_back(static_cast<std::uint16_t>(random() % 9));
    const double frames = open.back();
    value = static_cast<std::int32_t>(
        std::round(100.0 * frames + 3.0 * std::sqrt(frames) * rng.normal()));
  }
  expect_round_trip(plane, open.data());
  EXPECT_LT(bits_a_pixel(plane, open.data()), bits_a_pixel(plane) - 2.0);
}

TEST(PlaneCoder, DamageIsToldOrGivesOtherNumbersButNothingWorse) {
  const Plane plane = noise(70, 140, 50.0, 2.0, 10.0, 11);
  const std::vector<std::byte> bytes = pack_plane(plane.view());
  Plane back(plane.shape());
  for (std::size_t cut = 0; cut < bytes.size(); cut += 1 + bytes.size() / 97) {
    EXPECT_THROW(unpack_plane(std::span(bytes).first(cut), back.view()), InputError);
  }
  std::mt19937 random(5);
  int told = 0;
  for (int i = 0; i < 1000; ++i) {
    std::vector<std::byte> damaged = bytes;
    damaged[random() % damaged.size()] ^= static_cast<std::byte>(1U << random() % 8);
    try {
      unpack_plane(damaged, back.view());
    } catch (const InputError&) {
      ++told;
    }
  }
  EXPECT_GT(told, 900);
}

TEST(ResidualTable, TheFormatsTablesStayAsTheyAre) {
  std::vector<std::uint16_t> counts;
  for (int scale = 0; scale < residual_scales; ++scale) {
    for (int shape = 0; shape < residual_shapes; ++shape) {
      for (int phase = 0; phase < residual_phases; ++phase) {
        for (const RansShare& share : residual_tables(scale, shape)[phase].shares) {
          counts.push_back(share.count);
        }
      }
    }
  }
  EXPECT_EQ(hex_of(digest_of(std::as_bytes(std::span(counts)))),
            "d361ea10b89f233c7f7586dceefa2b60");
}

}  // namespace
}  // namespace kinema::codec
