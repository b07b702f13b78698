// The inner loops of total-variation denoising and of the step onto the data, row by row, for each
// kernel family. Rows are padded so that every loop runs over whole vectors.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/cpu.h"

namespace kinema::codec {

/// Floats of padding before and after every row, so that a row's neighbours exist.
inline constexpr Index tv_pad = 16;

/// Floats from one padded row of `width` pixels to the next.
constexpr Index tv_stride(Index width) {
  return (width + 15) / 16 * 16 + 2 * tv_pad;
}

/// One row of the primal: u = x - D^T q, where (D u)_x(i) = u(i + 1) - u(i), etc.
struct TvPrimalRow {
  const float* x;          // noisy row
  const float* qx;         // duals of this row; qx[-1] is 0
  const float* qy;         // of this row
  const float* qy_above;   // of the row above (zeros at the top)
  const float* qt;         // of this frame; null in 2D
  const float* qt_before;  // of the frame before (zeros in the first); null in 2D
  float* u;                // out; u[width ..] repeats the last pixel
  Index width;
};

/// One row of the dual: q <- projection onto the ball of (q + step D u).
struct TvDualRow {
  const float* u;
  const float* u_below;  // the row itself at the bottom
  const float* u_next;   // the same row of the next frame (itself in the last); null in 2D
  float* qx;
  float* qy;
  float* qt;       // null in 2D
  float weight;    // radius of the spatial ball (isotropic)
  float weight_t;  // bound of |qt|
  float step;
  Index width;
};

/// One row of the step onto the data: x = v + c * r, and of the forward model: sum += c * v.
struct DataRow {
  const float* v;
  const float* mask;      // c
  const float* residual;  // r
  float* x;
  Index width;
};
struct ForwardRow {
  const float* v;
  const float* mask;
  float* sum;
  Index width;
};

struct TvKernels {
  void (*primal)(const TvPrimalRow&);
  void (*dual)(const TvDualRow&);
  void (*data)(const DataRow&);
  void (*forward)(const ForwardRow&);
};

namespace scalar {
TvKernels tv_kernels();
}
namespace avx2 {
TvKernels tv_kernels();
}
namespace avx512 {
TvKernels tv_kernels();
}

/// Kernels of one family.
TvKernels tv_kernels(Simd simd);

}  // namespace kinema::codec
