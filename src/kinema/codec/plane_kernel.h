// The inner loops of prediction, for each kernel family. Plain pointers alone: code that is
// compiled for one instruction set must share no inline function with the rest.
#pragma once

#include "kinema/base/cpu.h"

#include <cstddef>
#include <cstdint>

namespace kinema::codec {

struct PlaneKernels {
  /// sums[x] = sum_j weights[j] * taps[j][x], modulo 2^32, for x < width.
  void (*weigh)(const std::int32_t* const* taps,
                const std::int32_t* weights,
                int count,
                std::ptrdiff_t width,
                std::uint32_t* sums);
  /// grams[i][j] += sum_x rows[i][x] * rows[j][x] for i <= j < count; `grams` is (count, count).
  void (*add_products)(const double* const* rows, int count, std::ptrdiff_t width, double* grams);
};

namespace scalar {
PlaneKernels plane_kernels();
}
namespace avx2 {
PlaneKernels plane_kernels();
}
namespace avx512 {
PlaneKernels plane_kernels();
}

/// Kernels of one family. All give the same sums; `add_products` may round differently.
PlaneKernels plane_kernels(Simd simd);

}  // namespace kinema::codec
