// Philox4x32-10 (Salmon et al., SC 2011): counter-based random numbers, the same on every machine.
#pragma once

#include <cstdint>

namespace kinema::core {

/// Four random words.
struct Words {
  std::uint32_t at[4];
};

/// Ten rounds on `counter` with the key (seed's low, high 32 bits).
inline Words philox(Words counter, std::uint64_t seed) {
  auto key0 = static_cast<std::uint32_t>(seed);
  auto key1 = static_cast<std::uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53U} * counter.at[0];
    const std::uint64_t product1 = std::uint64_t{0xCD9E8D57U} * counter.at[2];
    counter = {{static_cast<std::uint32_t>(product1 >> 32) ^ counter.at[1] ^ key0,
                static_cast<std::uint32_t>(product1),
                static_cast<std::uint32_t>(product0 >> 32) ^ counter.at[3] ^ key1,
                static_cast<std::uint32_t>(product0)}};
    key0 += 0x9E3779B9U;
    key1 += 0xBB67AE85U;
  }
  return counter;
}

}  // namespace kinema::core
