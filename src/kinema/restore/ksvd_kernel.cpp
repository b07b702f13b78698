// Plain loops of fixed lengths, which the compiler turns into vectors of each instruction set.
#include "kinema/restore/ksvd_kernel.h"

#include <cmath>

namespace kinema::restore::KINEMA_SIMD_NAME {
namespace {

constexpr Index lanes = 64;  // sums that stay in registers

void correlate(const float* by_pixel, const float* patch, float* out) {
  for (Index first = 0; first < atom_count; first += lanes) {
    float sums[lanes] = {};
    for (Index p = 0; p < patch_pixels; ++p) {
      const float* atoms = by_pixel + p * atom_count + first;
      const float pixel = patch[p];
      for (Index k = 0; k < lanes; ++k) sums[k] += pixel * atoms[k];
    }
    for (Index k = 0; k < lanes; ++k) out[first + k] = sums[k];
  }
}

void subtract(
    const float* from, const float* const* rows, const float* weights, Index count, float* out) {
  for (Index first = 0; first < atom_count; first += lanes) {
    float sums[lanes];
    for (Index k = 0; k < lanes; ++k) sums[k] = from[first + k];
    for (Index i = 0; i < count; ++i) {
      const float* row = rows[i] + first;
      const float weight = weights[i];
      for (Index k = 0; k < lanes; ++k) sums[k] -= weight * row[k];
    }
    for (Index k = 0; k < lanes; ++k) out[first + k] = sums[k];
  }
}

Index largest(const float* values) {
  float most[lanes] = {};
  for (Index first = 0; first < atom_count; first += lanes) {
    for (Index k = 0; k < lanes; ++k) {
      const float size = std::fabs(values[first + k]);
      most[k] = size > most[k] ? size : most[k];
    }
  }
  float best = 0.0F;
  for (const float value : most) best = value > best ? value : best;
  for (Index k = 0; k < atom_count; ++k) {
    if (std::fabs(values[k]) == best) return k;
  }
  return 0;
}

}  // namespace

KsvdKernels ksvd_kernels() {
  return {correlate, subtract, largest};
}

}  // namespace kinema::restore::KINEMA_SIMD_NAME
