// Poisson counts by table: many pixels, every one with a mean of its own.
//
// Poisson variables add, so N(mean) = N(whole part) + N(rest): the first comes from the inverted
// distribution of a whole mean, the second from a short sequential search.
#pragma once

#include "kinema/base/rng.h"

#include <array>
#include <cstdint>
#include <vector>

namespace kinema::simulate {

class PoissonTable {
 public:
  /// Tables for means below `largest_mean`; larger ones are drawn by Rng::poisson.
  explicit PoissonTable(int largest_mean);

  /// A Poisson count, its distribution true to 2^-32.
  std::uint32_t draw(double mean, Rng& rng) const;

 private:
  /// The distribution of one whole mean: thresholds[k] = 2^32 P(N <= first + k).
  struct Inverse {
    std::uint32_t first = 0;
    std::vector<std::uint32_t> thresholds;
    std::array<std::uint16_t, 256> start{};  // where to search from, by the leading 8 bits
    std::uint32_t count(std::uint32_t u) const;
  };
  static Inverse invert(int mean);

  std::vector<Inverse> inverses_;  // by mean
};

/// The table that the whole process shares: means below 256.
const PoissonTable& poisson_table();

}  // namespace kinema::simulate
