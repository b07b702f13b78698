// A counter-based random generator: the n-th number of a stream is a pure function of (seed,
// stream, n), so results do not depend on the number of threads.
//
// Philox4x32-10 (Salmon et al., SC 2011): 128-bit counter, 64-bit key. The key is the seed.
#pragma once

#include "kinema/core/philox.h"

#include <array>
#include <cstdint>

namespace kinema {

using PhiloxBlock = std::array<std::uint32_t, 4>;

/// Ten rounds of Philox4x32 on `counter` with the key (seed's low, high 32 bits).
inline PhiloxBlock philox(const PhiloxBlock& counter, std::uint64_t seed) {
  const core::Words words = core::philox({{counter[0], counter[1], counter[2], counter[3]}}, seed);
  return {words.at[0], words.at[1], words.at[2], words.at[3]};
}

/// A stream of random numbers. Copies continue independently from the same place.
class Rng {
 public:
  explicit Rng(std::uint64_t seed, std::uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  /// An independent stream of the same seed, e.g. one per frame.
  Rng stream(std::uint64_t number) const { return Rng(seed_, mix(stream_, number)); }

  std::uint64_t seed() const { return seed_; }
  std::uint32_t bits();  // 32 random bits
  double uniform();      // in [0, 1)
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  double normal();                     // mean 0, standard deviation 1 (Box-Muller)
  std::uint32_t poisson(double mean);  // exact for every mean >= 0

 private:
  static std::uint64_t mix(std::uint64_t a, std::uint64_t b);

  std::uint64_t seed_, stream_;
  std::uint64_t next_block_ = 0;
  PhiloxBlock block_{};
  unsigned used_ = 4;
};

}  // namespace kinema
