// The inner loops of sparse coding, for each kernel family. Patches are 8 x 8 pixels, a dictionary
// has 256 atoms.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/cpu.h"

namespace kinema::restore {

inline constexpr Index patch_edge = 8, patch_pixels = 64, atom_count = 256;

struct KsvdKernels {
  /// out[k] = inner product of atom k and the patch; `by_pixel` holds the atoms (64, 256).
  void (*correlate)(const float* by_pixel, const float* patch, float* out);
  /// out[k] = from[k] - sum over i < count of weights[i] * rows[i][k].
  void (*subtract)(
      const float* from, const float* const* rows, const float* weights, Index count, float* out);
  /// The k of the largest |values[k]|; the first of equals.
  Index (*largest)(const float* values);
};

namespace scalar {
KsvdKernels ksvd_kernels();
}
namespace avx2 {
KsvdKernels ksvd_kernels();
}
namespace avx512 {
KsvdKernels ksvd_kernels();
}

/// Kernels of one family.
KsvdKernels ksvd_kernels(Simd simd);

}  // namespace kinema::restore
