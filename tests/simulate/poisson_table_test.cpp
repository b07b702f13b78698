// Poisson counts by table follow the Poisson distribution.
#include "kinema/simulate/poisson_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace kinema::simulate {
namespace {

TEST(PoissonTable, CountsFollowThePoissonDistribution) {
  Rng rng{42};
  for (const double mean : {0.02, 0.9, 1.0, 3.7, 12.0, 30.5, 200.25, 255.9, 300.0}) {
    const int draws = 200000;
    std::vector<double> seen(1000);
    for (int i = 0; i < draws; ++i) seen[poisson_table().draw(mean, rng)] += 1.0;
    double chi_square = 0.0;
    int bins = 0;
    for (std::size_t k = 0; k < seen.size(); ++k) {
      const auto n = static_cast<double>(k);
      const double expected = draws * std::exp(n * std::log(mean) - mean - std::lgamma(n + 1.0));
      if (expected < 10.0) continue;
      chi_square += std::pow(seen[k] - expected, 2) / expected;
      ++bins;
    }
    EXPECT_LT(chi_square, bins + 5.0 * std::sqrt(2.0 * bins)) << "mean " << mean;
  }
}

TEST(PoissonTable, NothingComesFromNothing) {
  Rng rng{1};
  EXPECT_EQ(poisson_table().draw(0.0, rng), 0U);
  EXPECT_EQ(poisson_table().draw(-1.0, rng), 0U);
}

}  // namespace
}  // namespace kinema::simulate
