// Guide-table inversion (Chen and Asau, AIIE Transactions 6, 163 (1974)).
#include "kinema/simulate/poisson_table.h"

#include <algorithm>
#include <cmath>

namespace kinema::simulate {

PoissonTable::PoissonTable(int largest_mean) {
  inverses_.reserve(static_cast<std::size_t>(largest_mean));
  for (int mean = 0; mean < largest_mean; ++mean) inverses_.push_back(invert(mean));
}

PoissonTable::Inverse PoissonTable::invert(int mean) {
  Inverse inverse;
  const double spread = 8.0 * std::sqrt(mean) + 16.0;
  const int first = std::max(0, mean - static_cast<int>(spread));
  inverse.first = static_cast<std::uint32_t>(first);
  double below = 0.0;
  for (int k = first; k <= mean + static_cast<int>(spread) && below < 1.0 - 0x1.0p-32; ++k) {
    const double log_p = mean == 0 ? 0.0 : k * std::log(mean) - mean - std::lgamma(k + 1.0);
    below += std::exp(log_p);
    const double threshold = std::min(std::round(below * 0x1.0p32), 0x1.0p32 - 1.0);
    inverse.thresholds.push_back(static_cast<std::uint32_t>(threshold));
    if (mean == 0) break;
  }
  inverse.thresholds.back() = 0xFFFFFFFFU;
  std::uint16_t k = 0;
  for (std::uint32_t lead = 0; lead < 256; ++lead) {
    while (inverse.thresholds[k] <= (lead << 24)) ++k;
    inverse.start[lead] = k;
  }
  return inverse;
}

std::uint32_t PoissonTable::Inverse::count(std::uint32_t u) const {
  std::size_t k = start[u >> 24];
  while (u >= thresholds[k] && k + 1 < thresholds.size()) ++k;
  return first + static_cast<std::uint32_t>(k);
}

std::uint32_t PoissonTable::draw(double mean, Rng& rng) const {
  if (!(mean > 0.0)) return 0;
  if (mean >= static_cast<double>(inverses_.size())) return rng.poisson(mean);
  const auto whole = static_cast<std::uint32_t>(mean);
  const double rest = mean - whole;
  std::uint32_t count = inverses_[whole].count(rng.bits());
  double u = (rng.bits() + 0.5) * 0x1.0p-32;
  double probability = std::exp(-rest);
  for (int k = 1; u > probability && k < 32; ++k) {
    u -= probability;
    ++count;
    probability *= rest / k;
  }
  return count;
}

const PoissonTable& poisson_table() {
  static const PoissonTable table(256);
  return table;
}

}  // namespace kinema::simulate
