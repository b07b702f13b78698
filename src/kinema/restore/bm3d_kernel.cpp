// Plain loops of fixed lengths, which the compiler turns into vectors of each instruction set.
#include "kinema/restore/bm3d_kernel.h"

#include <cmath>

namespace kinema::restore::KINEMA_SIMD_NAME {
namespace {

void distances(const float* reference, const float* row, Index stride, Index count, float* out) {
  for (Index first = 0; first < count; first += distance_lanes) {
    float sums[distance_lanes] = {};
    for (Index y = 0; y < block_edge; ++y) {
      for (Index x = 0; x < block_edge; ++x) {
        const float pixel = reference[y * stride + x];
        const float* candidates = row + first + y * stride + x;
        for (Index i = 0; i < distance_lanes; ++i) {
          const float difference = candidates[i] - pixel;
          sums[i] += difference * difference;
        }
      }
    }
    for (Index i = 0; i < distance_lanes; ++i) out[first + i] = sums[i];
  }
}

/// out = basis * in, both 8 x 8 with rows of 8.
inline void multiply(const float* basis, const float* in, float* out) {
  for (Index k = 0; k < block_edge; ++k) {
    float sums[block_edge] = {};
    for (Index y = 0; y < block_edge; ++y) {
      const float factor = basis[k * block_edge + y];
      for (Index x = 0; x < block_edge; ++x) sums[x] += factor * in[y * block_edge + x];
    }
    for (Index x = 0; x < block_edge; ++x) out[k * block_edge + x] = sums[x];
  }
}

inline void transpose(const float* in, float* out) {
  for (Index y = 0; y < block_edge; ++y) {
    for (Index x = 0; x < block_edge; ++x) out[x * block_edge + y] = in[y * block_edge + x];
  }
}

void transform(const float* pixels, Index stride, const BlockTransform& basis, float* out) {
  float block[block_pixels], turned[block_pixels];
  for (Index y = 0; y < block_edge; ++y) {
    for (Index x = 0; x < block_edge; ++x) block[y * block_edge + x] = pixels[y * stride + x];
  }
  multiply(basis.basis, block, turned);
  transpose(turned, block);
  multiply(basis.basis, block, out);
}

void transform_back(float* block, const BlockTransform& basis) {
  float inverse[block_pixels], turned[block_pixels];
  transpose(basis.basis, inverse);
  multiply(inverse, block, turned);
  transpose(turned, block);
  multiply(inverse, block, turned);
  for (Index i = 0; i < block_pixels; ++i) block[i] = turned[i];
}

/// The Hadamard transform across `blocks` blocks, not normalised: its own inverse times `blocks`.
inline void hadamard(float* group, Index blocks) {
  for (Index half = 1; half < blocks; half *= 2) {
    for (Index pair = 0; pair < blocks; pair += 2 * half) {
      for (Index i = pair; i < pair + half; ++i) {
        float* __restrict a = group + i * block_pixels;
        float* __restrict b = group + (i + half) * block_pixels;
        for (Index k = 0; k < block_pixels; ++k) {
          const float sum = a[k] + b[k], difference = a[k] - b[k];
          a[k] = sum;
          b[k] = difference;
        }
      }
    }
  }
}

Index threshold(float* group, Index blocks, float least) {
  hadamard(group, blocks);
  const auto count = static_cast<float>(blocks);
  const float bound = least * std::sqrt(count), scale = 1.0F / count;
  const Index size = blocks * block_pixels;
  int kept = 0;
  for (Index i = 0; i < size; ++i) {
    const bool keep = std::fabs(group[i]) > bound;
    kept += keep ? 1 : 0;
    group[i] = keep ? group[i] * scale : 0.0F;
  }
  hadamard(group, blocks);
  return kept;
}

float shrink(float* group, float* guide, Index blocks, float variance) {
  hadamard(group, blocks);
  hadamard(guide, blocks);
  const auto count = static_cast<float>(blocks);
  const float noise = variance * count, scale = 1.0F / count;
  const Index size = blocks * block_pixels;
  float lanes[distance_lanes] = {};
  for (Index first = 0; first < size; first += distance_lanes) {
    for (Index i = 0; i < distance_lanes; ++i) {
      const float power = guide[first + i] * guide[first + i];
      const float factor = power / (power + noise);
      lanes[i] += factor * factor;
      group[first + i] *= factor * scale;
    }
  }
  hadamard(group, blocks);
  float sum = 0.0F;
  for (const float lane : lanes) sum += lane;
  return sum;
}

}  // namespace

Bm3dKernels bm3d_kernels() {
  return {distances, transform, transform_back, threshold, shrink};
}

}  // namespace kinema::restore::KINEMA_SIMD_NAME
