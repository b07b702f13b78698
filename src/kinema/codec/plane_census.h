// How often tokens come, from which their tables are chosen, and what their shares of these come
// to.
#pragma once

#include "kinema/codec/plane_fit.h"
#include "kinema/codec/plane_token_kernel.h"

#include <vector>

namespace kinema::codec::plane {

inline constexpr std::size_t all_tokens = std::size_t{levels} << token_bits;

/// What is known of tokens before their tables are.
struct Census {
  std::vector<std::uint32_t> times = std::vector<std::uint32_t>(all_tokens);
  std::array<std::int64_t, levels> far_magnitudes{};

  void add(const Census& other) {
    for (std::size_t i = 0; i < all_tokens; ++i) times[i] += other.times[i];
    for (std::size_t i = 0; i < levels; ++i) far_magnitudes[i] += other.far_magnitudes[i];
  }
  LevelSums sums(std::size_t level) const {
    LevelSums sums{0, far_magnitudes[level]};
    for (std::int32_t code = 0; code < codes; ++code) {
      const std::int64_t seen = times[level << token_bits | static_cast<std::size_t>(code)];
      sums.count += seen;
      if (code < first_far) sums.magnitude += seen * std::abs(code - code_middle);
    }
    return sums;
  }
  /// By symbols of the known tables.
  SymbolCounts symbols(std::size_t level) const {
    SymbolCounts counts{};
    for (std::int32_t code = 0; code < codes; ++code) {
      const std::int32_t eighths = code - code_middle, phase = -eighths & 7;
      const std::int32_t at =
          code < first_far ? phase * residual_symbols + (eighths + phase) / 8 + most_residual + 1
                           : (code - first_far) * residual_symbols;
      counts[static_cast<std::size_t>(at)] +=
          times[level << token_bits | static_cast<std::size_t>(code)];
    }
    return counts;
  }
};

/// What shares of all tokens come to when they are coded.
struct ShareTable {
  std::vector<std::uint64_t> reciprocals = std::vector<std::uint64_t>(all_tokens);
  std::vector<TokenShare> shares = std::vector<TokenShare>(all_tokens);

  /// Of a share of one the reciprocal does not fit: x / 1 comes out as x - 1, and `start` makes up
  /// for it.
  void set(std::size_t token, RansShare share) {
    if (share.count == 0) return;
    const auto rest = static_cast<std::uint16_t>(rans_total - share.count);
    const bool one = share.count == 1;
    reciprocals[token] = one ? ~std::uint64_t{0} : ~std::uint64_t{0} / share.count + 1;
    shares[token] = {
        static_cast<std::uint32_t>((std::uint64_t{share.count} << (32 - rans_bits)) - 1),
        static_cast<std::uint16_t>(one ? share.first + rest : share.first),
        rest};
  }
};

}  // namespace kinema::codec::plane
