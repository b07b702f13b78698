// Distributions over the Philox stream, the same on every machine.
#include "kinema/base/rng.h"

#include <cmath>
#include <numbers>

namespace kinema {
namespace {

/// log(k!). std::lgamma writes the global `signgam`, a race between threads; lgamma_r does not.
double log_factorial(double k) {
  int sign = 0;
  return lgamma_r(k + 1.0, &sign);
}

}  // namespace

std::uint64_t Rng::mix(std::uint64_t a, std::uint64_t b) {  // the finaliser of splitmix64
  std::uint64_t z = a * 0x9E3779B97F4A7C15U + b + 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

std::uint32_t Rng::bits() {
  if (used_ == 4) {
    block_ = philox({static_cast<std::uint32_t>(next_block_),
                     static_cast<std::uint32_t>(next_block_ >> 32),
                     static_cast<std::uint32_t>(stream_),
                     static_cast<std::uint32_t>(stream_ >> 32)},
                    seed_);
    ++next_block_;
    used_ = 0;
  }
  return block_[used_++];
}

double Rng::uniform() {
  const std::uint64_t high = bits();
  const std::uint64_t low = bits();
  return static_cast<double>(((high << 32) | low) >> 11) * 0x1.0p-53;
}

double Rng::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

std::uint32_t Rng::poisson(double mean) {
  if (!(mean > 0.0)) return 0;
  if (mean < 12.0) {  // inversion by sequential search
    double probability = std::exp(-mean);
    double u = uniform();
    std::uint32_t count = 0;
    while (u > probability && count < 1000) {
      u -= probability;
      ++count;
      probability *= mean / count;
    }
    return count;
  }
  // Transformed rejection with squeeze (PTRS; Hoermann, Insurance: Mathematics and Economics 12,
  // 39 (1993)).
  const double b = 0.931 + 2.53 * std::sqrt(mean);
  const double a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  const double v_r = 0.9277 - 3.6224 / (b - 2.0);
  for (;;) {
    const double u = uniform() - 0.5;
    const double v = uniform();
    const double us = 0.5 - std::abs(u);
    const double k = std::floor((2.0 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= v_r) return static_cast<std::uint32_t>(k);
    if (k < 0.0 || (us < 0.013 && v > us)) continue;
    if (std::log(v) + std::log(inverse_alpha) - std::log(a / (us * us) + b) <=
        -mean + k * std::log(mean) - log_factorial(k)) {
      return static_cast<std::uint32_t>(k);
    }
  }
}

}  // namespace kinema
