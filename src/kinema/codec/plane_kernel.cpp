// Plain loops in blocks of 16, which the compiler turns into vectors of each instruction set.
#include "kinema/codec/plane_kernel.h"

namespace kinema::codec::KINEMA_SIMD_NAME {
namespace {

constexpr std::ptrdiff_t lanes = 16;

void weigh(const std::int32_t* const* taps,
           const std::int32_t* weights,
           int count,
           std::ptrdiff_t width,
           std::uint32_t* sums) {
  std::ptrdiff_t x = 0;
  for (; x + lanes <= width; x += lanes) {
    std::uint32_t sum[lanes] = {};
    for (int j = 0; j < count; ++j) {
      const auto weight = static_cast<std::uint32_t>(weights[j]);
      const std::int32_t* tap = taps[j] + x;
      for (std::ptrdiff_t i = 0; i < lanes; ++i) {
        sum[i] += weight * static_cast<std::uint32_t>(tap[i]);
      }
    }
    for (std::ptrdiff_t i = 0; i < lanes; ++i) sums[x + i] = sum[i];
  }
  for (; x < width; ++x) {
    std::uint32_t sum = 0;
    for (int j = 0; j < count; ++j) {
      sum += static_cast<std::uint32_t>(weights[j]) * static_cast<std::uint32_t>(taps[j][x]);
    }
    sums[x] = sum;
  }
}

double product(const double* a, const double* b, std::ptrdiff_t width) {
  double sums[lanes] = {};
  std::ptrdiff_t x = 0;
  for (; x + lanes <= width; x += lanes) {
    for (std::ptrdiff_t i = 0; i < lanes; ++i) sums[i] += a[x + i] * b[x + i];
  }
  double sum = 0.0;
  for (; x < width; ++x) sum += a[x] * b[x];
  for (const double part : sums) sum += part;
  return sum;
}

void add_products(const double* const* rows, int count, std::ptrdiff_t width, double* grams) {
  for (int i = 0; i < count; ++i) {
    for (int j = i; j < count; ++j) grams[i * count + j] += product(rows[i], rows[j], width);
  }
}

}  // namespace

PlaneKernels plane_kernels() {
  return {weigh, add_products};
}

}  // namespace kinema::codec::KINEMA_SIMD_NAME
