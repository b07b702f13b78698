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

/// Noise variance of coefficients that were kept so many times each.
inline float variance_of(const float* kept, const float* deviations) {
  float sum = 0.0F;
  for (Index k = 0; k < block_pixels; ++k) sum += kept[k] * deviations[k] * deviations[k];
  return sum;
}

float threshold(float* group, Index blocks, const float* deviations, float times) {
  hadamard(group, blocks);
  const auto count = static_cast<float>(blocks);
  const float scale = 1.0F / count, bound = times * std::sqrt(count);
  float lanes[block_pixels] = {};
  for (Index i = 0; i < blocks; ++i) {
    float* block = group + i * block_pixels;
    for (Index k = 0; k < block_pixels; ++k) {
      const bool keep = std::fabs(block[k]) > bound * deviations[k];
      lanes[k] += keep ? 1.0F : 0.0F;
      block[k] = keep ? block[k] * scale : 0.0F;
    }
  }
  hadamard(group, blocks);
  return variance_of(lanes, deviations);
}

float shrink(float* group, float* guide, Index blocks, const float* deviations) {
  hadamard(group, blocks);
  hadamard(guide, blocks);
  const auto count = static_cast<float>(blocks);
  const float scale = 1.0F / count;
  float noise[block_pixels], lanes[block_pixels] = {};
  for (Index k = 0; k < block_pixels; ++k) noise[k] = count * deviations[k] * deviations[k];
  for (Index i = 0; i < blocks; ++i) {
    float* block = group + i * block_pixels;
    const float* known = guide + i * block_pixels;
    for (Index k = 0; k < block_pixels; ++k) {
      const float power = known[k] * known[k];
      const float factor = power / (power + noise[k]);
      lanes[k] += factor * factor;
      block[k] *= factor * scale;
    }
  }
  hadamard(group, blocks);
  return variance_of(lanes, deviations);
}

}  // namespace

Bm3dKernels bm3d_kernels() {
  return {distances, transform, transform_back, threshold, shrink};
}

}  // namespace kinema::restore::KINEMA_SIMD_NAME
