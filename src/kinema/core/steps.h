// Steps as the integral of 1 / width(z), in closed form: straight up to the bend, a square root
// beyond; z is a sum brought to the mean exposure.
#pragma once

#include "kinema/core/kinema_encoder.h"

#include <cmath>
#include <cstdint>

namespace kinema::core {

inline constexpr double most_steps = 1 << 30;

/// Variance of z.
inline double variance(const kinema_steps& s, double z) {
  return s.gain * (z > 0.0 ? z : 0.0) + s.variance;
}

/// Width of the step at z.
inline double width(const kinema_steps& s, double z) {
  return z <= s.bend ? s.least : s.step * std::sqrt(variance(s, z));
}

inline double step_at(const kinema_steps& s, double z) {
  if (z <= s.bend) return z / s.least;
  const double roots = std::sqrt(variance(s, z)) - std::sqrt(variance(s, s.bend));
  return s.bend / s.least + 2.0 / (s.step * s.gain) * roots;
}

/// The number of z's step; `fits` falls where it is too large.
inline std::int32_t step_number(const kinema_steps& s, double z, bool& fits) {
  const double step = std::floor(step_at(s, z) + 0.5);
  if (!(step > -most_steps && step < most_steps)) {
    fits = false;
    return 0;
  }
  return static_cast<std::int32_t>(step);
}

/// Where a step begins, counted in whole and half steps.
inline double edge(const kinema_steps& s, double number) {
  if (number <= s.bend / s.least) return number * s.least;
  const double root =
      (number - s.bend / s.least) * 0.5 * s.step * s.gain + std::sqrt(variance(s, s.bend));
  return (root * root - s.variance) / s.gain;
}

inline double middle(const kinema_steps& s, std::int32_t number) {
  double low = edge(s, number - 0.5), high = edge(s, number + 0.5);
  if (s.whole != 0 && s.uniform != 0) {
    low = std::ceil(low);
    high = std::ceil(high) - 1.0 > low ? std::ceil(high) - 1.0 : low;
  }
  return 0.5 * (low + high);
}

}  // namespace kinema::core
