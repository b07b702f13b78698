// The inner loops of block matching and collaborative filtering, for each kernel family. Blocks are
// 8 x 8, stored as 64 floats; a group is up to `most_blocks` of them, one after another.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/cpu.h"

namespace kinema::restore {

inline constexpr Index block_edge = 8, block_pixels = 64, most_blocks = 64;

/// Candidates whose distances are found at once; rows must be readable this far beyond the last.
inline constexpr Index distance_lanes = 16;

/// An orthonormal transform of 8 numbers, one basis vector a row.
struct BlockTransform {
  float basis[block_edge * block_edge];
};

struct Bm3dKernels {
  /// out[i] = sum of squared differences between the block at `reference` and the one at
  /// `row + i`, for i < count; `out` has room for a multiple of distance_lanes.
  void (*distances)(
      const float* reference, const float* row, Index stride, Index count, float* out);
  /// Transforms the block at `pixels` along both axes into `out`.
  void (*transform)(const float* pixels, Index stride, const BlockTransform& basis, float* out);
  /// The inverse, in place.
  void (*transform_back)(float* block, const BlockTransform& basis);
  /// Hard threshold in the third dimension: `group` holds `blocks` (a power of two) transformed
  /// blocks and gets them back, filtered. `deviations` are the noise's (64), of which `times` are
  /// the least that is kept. Returns the noise variance that was kept.
  float (*threshold)(float* group, Index blocks, const float* deviations, float times);
  /// Empirical Wiener shrinkage of `group` by the spectrum of `guide` (which is overwritten).
  /// Returns the noise variance that was kept.
  float (*shrink)(float* group, float* guide, Index blocks, const float* deviations);
};

namespace scalar {
Bm3dKernels bm3d_kernels();
}
namespace avx2 {
Bm3dKernels bm3d_kernels();
}
namespace avx512 {
Bm3dKernels bm3d_kernels();
}

/// DCT-II of 8 numbers, orthonormal.
BlockTransform cosine_transform();

/// Kernels of one family.
Bm3dKernels bm3d_kernels(Simd simd);

}  // namespace kinema::restore
