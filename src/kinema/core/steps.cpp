// Planning steps, and finding those of whole snapshots.
#include "kinema/core/steps.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>

namespace {

using kinema::core::step_number;

constexpr std::int64_t longest_table = 1 << 20;

/// Where few values come, each is quantised once. False where that does not pay or there is no
/// memory.
template <class T>
bool by_table(
    const kinema_steps& s, const T* sums, std::int64_t pixels, std::int32_t* numbers, bool& fits) {
  T low = sums[0], high = sums[0];
  for (std::int64_t i = 1; i < pixels; ++i) {
    if (sums[i] < low) low = sums[i];
    if (sums[i] > high) high = sums[i];
  }
  const auto first = static_cast<double>(low), span = static_cast<double>(high) - first;
  if (!(span < static_cast<double>(pixels < longest_table ? pixels : longest_table))) return false;
  const auto entries = static_cast<std::size_t>(span) + 1;
  auto* table = static_cast<std::int32_t*>(std::malloc(entries * sizeof(std::int32_t)));
  if (table == nullptr) return false;
  for (std::size_t k = 0; k < entries; ++k) {
    table[k] = step_number(s, first + static_cast<double>(k), fits);
  }
  for (std::int64_t i = 0; i < pixels; ++i) {
    numbers[i] = table[static_cast<std::size_t>(static_cast<double>(sums[i]) - first)];
  }
  std::free(table);
  return true;
}

template <class T>
bool quantise(const kinema_steps& s,
              const T* sums,
              const std::uint16_t* open,
              std::int64_t pixels,
              std::int32_t* numbers) {
  bool fits = true;
  if (pixels == 0) return fits;
  if (s.whole != 0 && s.uniform != 0 && by_table(s, sums, pixels, numbers, fits)) return fits;
  for (std::int64_t i = 0; i < pixels; ++i) {
    const auto y = static_cast<double>(sums[i]);
    const double z = y * s.exposure / (open[i] > 1 ? static_cast<double>(open[i]) : 1.0);
    numbers[i] = step_number(s, s.uniform != 0 ? y : z, fits);
  }
  return fits;
}

}  // namespace

double kinema_step_variance(const kinema_steps* steps, double z) {
  return kinema::core::variance(*steps, z);
}

double kinema_step_width(const kinema_steps* steps, double z) {
  return kinema::core::width(*steps, z);
}

double kinema_step_edge(const kinema_steps* steps, double number) {
  return kinema::core::edge(*steps, number);
}

double kinema_step_middle(const kinema_steps* steps, int32_t number) {
  return kinema::core::middle(*steps, number);
}

void kinema_plan_steps(kinema_steps* steps,
                       double step,
                       double gain,
                       double read_variance,
                       int whole,
                       uint16_t fewest,
                       uint16_t most) {
  kinema_steps& s = *steps;
  s.step = step;
  s.gain = gain;
  s.whole = whole;
  s.uniform = fewest == most ? 1 : 0;
  s.exposure = 0.5 * (fewest + most) > 1.0 ? 0.5 * (fewest + most) : 1.0;
  s.in_noise = gain > 0.0 || read_variance > 0.0 ? 1 : 0;
  const double of_reading = s.exposure * read_variance, of_one = 0.25 * gain * gain;
  s.variance = of_reading > of_one ? of_reading : of_one;
  s.least = s.in_noise != 0 ? step * std::sqrt(s.variance) : step;
  if (whole != 0 && s.least < 1.0) s.least = 1.0;
  if (s.in_noise == 0 || gain == 0.0) {
    s.bend = std::numeric_limits<double>::infinity();
  } else {
    const double bend = (s.least * s.least / (step * step) - s.variance) / gain;
    s.bend = bend > 0.0 ? bend : 0.0;
  }
}

int kinema_quantise(const kinema_steps* steps,
                    int sum,
                    const void* sums,
                    const uint16_t* open,
                    int64_t pixels,
                    int32_t* numbers) {
  bool done = false;
  if (sum == KINEMA_U16) {
    done = quantise(*steps, static_cast<const std::uint16_t*>(sums), open, pixels, numbers);
  } else if (sum == KINEMA_I32) {
    done = quantise(*steps, static_cast<const std::int32_t*>(sums), open, pixels, numbers);
  } else if (sum == KINEMA_F32) {
    done = quantise(*steps, static_cast<const float*>(sums), open, pixels, numbers);
  }
  return done ? 0 : 1;
}
