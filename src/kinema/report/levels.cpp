#include "kinema/report/levels.h"

#include <algorithm>
#include <cmath>

namespace kinema::report {

namespace {

struct Range {
  double low, high;
};

/// Between the 0.05 and 99.95 percentiles, widened by half of that on each side as far as there
/// are values.
Range robust_range(const std::vector<float>& sorted) {
  const auto at = [&](double part) {
    return static_cast<double>(sorted[static_cast<std::size_t>(part * (sorted.size() - 1))]);
  };
  const double low = at(0.0005), high = at(0.9995);
  const double room = 0.5 * (high - low);
  return {std::max<double>(sorted.front(), low - room),
          std::min<double>(sorted.back(), high + room)};
}

}  // namespace

Levels levels_for(std::vector<float> sample, int bits, bool symmetric) {
  Levels levels{0.0, 1.0, bits};
  if (bits == 32) return levels;
  std::erase_if(sample, [](float value) { return !std::isfinite(value); });
  if (sample.empty()) return levels;
  std::sort(sample.begin(), sample.end());
  const bool whole = std::all_of(
      sample.begin(), sample.end(), [](float value) { return value == std::floor(value); });
  const double least = sample.front(), most = sample.back();
  const auto highest = static_cast<double>(levels.highest());
  const double zero_level = std::floor(highest / 2.0);
  if (symmetric) {
    const Range range = robust_range(sample);
    const double reach = std::max(std::abs(range.low), std::abs(range.high));
    levels.step = whole && reach <= zero_level ? 1.0 : std::max(reach, 1e-30) / zero_level;
    levels.offset = -zero_level * levels.step;
  } else if (whole && most - least <= highest) {
    levels.offset = least >= 0.0 && most <= highest ? 0.0 : least;
  } else {
    const Range range = robust_range(sample);
    levels.offset = range.low;
    levels.step = range.high > range.low ? (range.high - range.low) / highest : 1.0;
  }
  return levels;
}

Index append_levels(const Levels& levels,
                    std::span<const float> values,
                    std::vector<std::byte>& bytes) {
  if (levels.bits == 32) {
    const auto floats = std::as_bytes(values);
    bytes.insert(bytes.end(), floats.begin(), floats.end());
    return 0;
  }
  Index clipped = 0;
  const auto highest = static_cast<double>(levels.highest());
  for (const float value : values) {
    const double level = std::round((value - levels.offset) / levels.step);
    const double kept = level > 0.0 ? std::min(level, highest) : 0.0;
    if (level < 0.0 || level > highest) ++clipped;
    const auto number = static_cast<std::uint16_t>(kept);
    bytes.push_back(static_cast<std::byte>(number & 0xFFU));
    if (levels.bits == 16) bytes.push_back(static_cast<std::byte>(number >> 8U));
  }
  return clipped;
}

}  // namespace kinema::report
