// Plain loops over padded rows, which the compiler turns into vectors of each instruction set. The
// only hand-written piece is the reciprocal square root.
#include "kinema/codec/tv_kernel.h"

#include <cmath>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace kinema::codec::KINEMA_SIMD_NAME {
namespace {

constexpr Index lanes = 16;

/// Loops may run beyond the width to a whole vector: the padding is there for that.
constexpr Index padded(Index width) {
  return (width + lanes - 1) / lanes * lanes;
}

void primal(const TvPrimalRow& row) {
  const Index width = padded(row.width);
  const float* __restrict x = row.x;
  const float* __restrict qx = row.qx;
  const float* __restrict qy = row.qy;
  const float* __restrict above = row.qy_above;
  float* __restrict u = row.u;
  if (row.qt == nullptr) {
    for (Index i = 0; i < width; ++i) u[i] = x[i] + (qx[i] - qx[i - 1]) + (qy[i] - above[i]);
  } else {
    const float* __restrict qt = row.qt;
    const float* __restrict before = row.qt_before;
    for (Index i = 0; i < width; ++i) {
      u[i] = x[i] + (qx[i] - qx[i - 1]) + (qy[i] - above[i]) + (qt[i] - before[i]);
    }
  }
  const float last = u[row.width - 1];
  for (Index i = row.width; i <= width; ++i) u[i] = last;
}

/// q <- q * min(1, weight / |q|) for the pair (qx, qy).
inline void step_pair(
    const float* u, const float* below, float* qx, float* qy, float step, float weight) {
#if defined(__AVX512F__)
  const __m512 tau = _mm512_set1_ps(step);
  const __m512 centre = _mm512_loadu_ps(u);
  const __m512 x =
      _mm512_fmadd_ps(tau, _mm512_sub_ps(_mm512_loadu_ps(u + 1), centre), _mm512_loadu_ps(qx));
  const __m512 y =
      _mm512_fmadd_ps(tau, _mm512_sub_ps(_mm512_loadu_ps(below), centre), _mm512_loadu_ps(qy));
  const __m512 square = _mm512_fmadd_ps(x, x, _mm512_fmadd_ps(y, y, _mm512_set1_ps(1e-30F)));
  const __m512 scale = _mm512_min_ps(
      _mm512_set1_ps(1.0F), _mm512_mul_ps(_mm512_set1_ps(weight), _mm512_rsqrt14_ps(square)));
  _mm512_storeu_ps(qx, _mm512_mul_ps(x, scale));
  _mm512_storeu_ps(qy, _mm512_mul_ps(y, scale));
#elif defined(__AVX2__)
  const __m256 tau = _mm256_set1_ps(step);
  const __m256 half = _mm256_set1_ps(0.5F);
  for (Index i = 0; i < lanes; i += 8) {
    const __m256 centre = _mm256_loadu_ps(u + i);
    const __m256 x = _mm256_fmadd_ps(
        tau, _mm256_sub_ps(_mm256_loadu_ps(u + i + 1), centre), _mm256_loadu_ps(qx + i));
    const __m256 y = _mm256_fmadd_ps(
        tau, _mm256_sub_ps(_mm256_loadu_ps(below + i), centre), _mm256_loadu_ps(qy + i));
    const __m256 square = _mm256_fmadd_ps(x, x, _mm256_fmadd_ps(y, y, _mm256_set1_ps(1e-30F)));
    // One Newton step: 1.5 s - 0.5 a s^3 from the 12 bits of the instruction.
    const __m256 rough = _mm256_rsqrt_ps(square);
    const __m256 third = _mm256_mul_ps(_mm256_mul_ps(half, square), _mm256_mul_ps(rough, rough));
    const __m256 inverse = _mm256_mul_ps(rough, _mm256_sub_ps(_mm256_set1_ps(1.5F), third));
    const __m256 scale =
        _mm256_min_ps(_mm256_set1_ps(1.0F), _mm256_mul_ps(_mm256_set1_ps(weight), inverse));
    _mm256_storeu_ps(qx + i, _mm256_mul_ps(x, scale));
    _mm256_storeu_ps(qy + i, _mm256_mul_ps(y, scale));
  }
#else
  for (Index i = 0; i < lanes; ++i) {
    const float x = qx[i] + step * (u[i + 1] - u[i]);
    const float y = qy[i] + step * (below[i] - u[i]);
    const float length = std::sqrt(x * x + y * y + 1e-30F);
    const float scale = length > weight ? weight / length : 1.0F;
    qx[i] = x * scale;
    qy[i] = y * scale;
  }
#endif
}

void dual(const TvDualRow& row) {
  const Index width = padded(row.width);
  for (Index i = 0; i < width; i += lanes) {
    step_pair(row.u + i, row.u_below + i, row.qx + i, row.qy + i, row.step, row.weight);
  }
  if (row.qt == nullptr) return;
  const float* __restrict u = row.u;
  const float* __restrict next = row.u_next;
  float* __restrict qt = row.qt;
  const float bound = row.weight_t;
  const float step = row.step;
  for (Index i = 0; i < width; ++i) {
    const float t = qt[i] + step * (next[i] - u[i]);
    const float low = t < -bound ? -bound : t;
    qt[i] = low > bound ? bound : low;
  }
}

void data(const DataRow& row) {
  const Index width = padded(row.width);
  const float* __restrict v = row.v;
  const float* __restrict c = row.mask;
  const float* __restrict r = row.residual;
  float* __restrict x = row.x;
  for (Index i = 0; i < width; ++i) x[i] = v[i] + c[i] * r[i];
}

void forward(const ForwardRow& row) {
  const Index width = padded(row.width);
  const float* __restrict v = row.v;
  const float* __restrict c = row.mask;
  float* __restrict sum = row.sum;
  for (Index i = 0; i < width; ++i) sum[i] += c[i] * v[i];
}

}  // namespace

TvKernels tv_kernels() {
  return {primal, dual, data, forward};
}

}  // namespace kinema::codec::KINEMA_SIMD_NAME
