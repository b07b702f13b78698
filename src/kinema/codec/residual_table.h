// The distributions that residuals of a prediction are coded with: mixtures of normal distributions
// of known scale around a place that is known to an eighth of a step. They are a part of the
// container's format: computed from nothing but IEEE sums, products and square roots, the same on
// every machine.
#pragma once

#include "kinema/codec/rans.h"

#include <array>
#include <cstdint>

namespace kinema::codec {

/// Symbol 0 says that the residual lies beyond +-most_residual and follows elsewhere; symbol
/// r + most_residual + 1 is the residual r.
inline constexpr int most_residual = 31, residual_symbols = 2 * most_residual + 2;
inline constexpr int residual_phases = 8, residual_scales = 20, residual_shapes = 3;

/// Standard deviation of scale i: 2^(i / 4) / 4, so 0.25 to 6.7 steps.
double residual_scale(int scale);

struct ResidualTable {
  std::array<RansShare, residual_symbols> shares{};
  std::array<std::uint8_t, 256> first_symbol{};  // of each 256th of [0, rans_total)

  /// The symbol whose share holds `place`.
  int symbol_at(std::uint32_t place) const {
    int symbol = first_symbol[place >> (rans_bits - 8)];
    while (place >= std::uint32_t{shares[static_cast<std::size_t>(symbol)].first} +
                        shares[static_cast<std::size_t>(symbol)].count) {
      ++symbol;
    }
    return symbol;
  }
};

/// Whole shares of rans_total in proportion to `weights`; every symbol that is `needed` gets one.
std::array<std::uint16_t, residual_symbols> shares_of(
    const std::array<double, residual_symbols>& weights,
    const std::array<bool, residual_symbols>& needed);

/// A table from shares that add up to rans_total.
ResidualTable table_of(const std::array<std::uint16_t, residual_symbols>& counts);

/// The known tables for residuals around phase / 8, one after another for phases 0 to 7.
const ResidualTable* residual_tables(int scale, int shape);

/// Bits that a symbol costs around phase / 8, with each known table: scale * residual_shapes +
/// shape.
inline constexpr std::size_t known_kinds = residual_scales * residual_shapes;
using KnownCosts = std::array<float, known_kinds>;
const KnownCosts& residual_costs(int phase, int symbol);

}  // namespace kinema::codec
