// The random generator: its published answers, its moments, and streams that do not touch.
#include "kinema/base/rng.h"

#include "kinema/base/parallel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace kinema {
namespace {

/// Mean and variance of `count` draws.
template <class Draw>
std::pair<double, double> moments(int count, Draw&& draw) {
  double sum = 0.0, squares = 0.0;
  for (int i = 0; i < count; ++i) {
    const double value = draw();
    sum += value;
    squares += value * value;
  }
  const double mean = sum / count;
  return {mean, squares / count - mean * mean};
}

TEST(Philox, GivesTheAnswersOfItsAuthors) {  // kat_vectors of Random123 1.14: philox4x32 10
  EXPECT_EQ(philox({0, 0, 0, 0}, 0),
            (PhiloxBlock{0x6627e8d5U, 0xe169c58dU, 0xbc57ac4cU, 0x9b00dbd8U}));
  EXPECT_EQ(philox({~0U, ~0U, ~0U, ~0U}, ~std::uint64_t{0}),
            (PhiloxBlock{0x408f276dU, 0x41c83b0eU, 0xa20bc7c6U, 0x6d5451fdU}));
  EXPECT_EQ(philox({0x243f6a88U, 0x85a308d3U, 0x13198a2eU, 0x03707344U}, 0x299f31d0a4093822U),
            (PhiloxBlock{0xd16cfe09U, 0x94fdcceb, 0x5001e420U, 0x24126ea1U}));
}

TEST(Rng, UniformNumbersFillTheUnitInterval) {
  Rng rng(1);
  constexpr int count = 200000;
  const auto [mean, variance] = moments(count, [&] {
    const double u = rng.uniform();
    EXPECT_TRUE(u >= 0.0 && u < 1.0);
    return u;
  });
  EXPECT_NEAR(mean, 0.5, 5.0 * std::sqrt(1.0 / 12.0 / count));
  EXPECT_NEAR(variance, 1.0 / 12.0, 1e-3);
}

TEST(Rng, NormalNumbersHaveTheirFirstFourMoments) {
  Rng rng(2);
  constexpr int count = 200000;
  double third = 0.0, fourth = 0.0;
  const auto [mean, variance] = moments(count, [&] {
    const double z = rng.normal();
    third += z * z * z;
    fourth += z * z * z * z;
    return z;
  });
  EXPECT_NEAR(mean, 0.0, 5.0 / std::sqrt(count));
  EXPECT_NEAR(variance, 1.0, 5.0 * std::sqrt(2.0 / count));
  EXPECT_NEAR(third / count, 0.0, 5.0 * std::sqrt(15.0 / count));
  EXPECT_NEAR(fourth / count, 3.0, 5.0 * std::sqrt(96.0 / count));
}

/// Means on both sides of the change from inversion to rejection.
class PoissonMeans : public testing::TestWithParam<double> {};

TEST_P(PoissonMeans, MeanAndVarianceAreBothTheMean) {
  const double lambda = GetParam();
  Rng rng(3);
  constexpr int count = 100000;
  const auto [mean, variance] =
      moments(count, [&] { return static_cast<double>(rng.poisson(lambda)); });
  EXPECT_NEAR(mean, lambda, 5.0 * std::sqrt(lambda / count));
  // The variance of a sample variance is (mu4 - sigma^4) / n, with mu4 = lambda (1 + 3 lambda).
  EXPECT_NEAR(variance, lambda, 5.0 * std::sqrt((lambda + 2.0 * lambda * lambda) / count));
}
INSTANTIATE_TEST_SUITE_P(Rng,
                         PoissonMeans,
                         testing::Values(0.02, 0.5, 3.0, 11.99, 12.0, 30.0, 400.0, 1e4));

TEST(Rng, PoissonCountsFollowTheirLaw) {
  constexpr double lambda = 14.0;
  constexpr int count = 200000;
  Rng rng(4);
  std::vector<double> seen(60, 0.0);
  for (int i = 0; i < count; ++i) seen.at(std::min<std::uint32_t>(59, rng.poisson(lambda))) += 1.0;
  for (int k = 5; k < 25; ++k) {
    const double expected = count * std::exp(-lambda + k * std::log(lambda) - std::lgamma(k + 1.0));
    EXPECT_NEAR(seen[static_cast<std::size_t>(k)], expected, 5.0 * std::sqrt(expected)) << k;
  }
}

TEST(Rng, NoElectronsComeFromNoDose) {
  Rng rng(5);
  EXPECT_EQ(rng.poisson(0.0), 0U);
  EXPECT_EQ(rng.poisson(-1.0), 0U);
}

TEST(Rng, StreamsAreUncorrelated) {
  const Rng parent(6);
  Rng a = parent.stream(0), b = parent.stream(1), other_seed = Rng(7).stream(0);
  constexpr int count = 100000;
  double with_neighbour = 0.0, with_other_seed = 0.0;
  for (int i = 0; i < count; ++i) {
    const double x = a.normal();
    with_neighbour += x * b.normal();
    with_other_seed += x * other_seed.normal();
  }
  EXPECT_NEAR(with_neighbour / count, 0.0, 5.0 / std::sqrt(count));
  EXPECT_NEAR(with_other_seed / count, 0.0, 5.0 / std::sqrt(count));
}

TEST(Rng, AStreamDoesNotDependOnWhatItsParentDrew) {
  Rng parent(8);
  Rng before = parent.stream(3);
  for (int i = 0; i < 7; ++i) parent.bits();
  Rng after = parent.stream(3);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(before.bits(), after.bits());
}

TEST(Rng, TheNumberOfThreadsChangesNothing) {
  const auto drawn = [](int count) {
    const int before = threads();
    set_threads(count);
    std::vector<std::uint32_t> counts(64);
    parallel_for(64, [&](Index i) {
      Rng rng = Rng(9).stream(static_cast<std::uint64_t>(i));
      counts[static_cast<std::size_t>(i)] = rng.poisson(100.0);
    });
    set_threads(before);
    return counts;
  };
  EXPECT_EQ(drawn(1), drawn(4));
}

}  // namespace
}  // namespace kinema
