// Types of sums, and the family of kernels that a processor runs.
#include "kinema/core/masked_sum.h"

#include <cstdint>

namespace {

using namespace kinema::core;

constexpr std::int64_t most_frames = 32768;  // of which 16-bit pixels fit 32-bit sums

bool has_avx2() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
         __builtin_cpu_supports("fma");
#else
  return false;
#endif
}

bool has_avx512() {
#if defined(__x86_64__)
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
#else
  return false;
#endif
}

int best_family() {
  constexpr int best_first[] = {KINEMA_AVX512, KINEMA_AVX2, KINEMA_NEON};
  for (const int family : best_first) {
    if (kinema_runs(family) != 0) return family;
  }
  return KINEMA_SCALAR;
}

}  // namespace

size_t kinema_bytes_of(int type) {
  switch (type) {
    case KINEMA_U8:
    case KINEMA_I8:
      return 1;
    case KINEMA_U16:
    case KINEMA_I16:
      return 2;
    case KINEMA_I32:
    case KINEMA_F32:
      return 4;
    default:
      return 0;
  }
}

int kinema_sum_type(int pixels, int64_t frames) {
  if (frames < 1 || frames > most_frames) return 0;
  switch (pixels) {
    case KINEMA_U8:
      return frames * 255 <= 65535 ? KINEMA_U16 : KINEMA_I32;
    case KINEMA_I8:
    case KINEMA_U16:
    case KINEMA_I16:
      return KINEMA_I32;
    case KINEMA_F32:
      return KINEMA_F32;
    default:
      return 0;
  }
}

int kinema_runs(int family) {
  switch (family) {
    case KINEMA_BEST:
    case KINEMA_SCALAR:
      return 1;
    case KINEMA_AVX2:
      return has_avx2() ? 1 : 0;
    case KINEMA_AVX512:
      return has_avx512() ? 1 : 0;
#if defined(KINEMA_WITH_NEON)
    case KINEMA_NEON:
      return 1;
#endif
    default:
      return 0;
  }
}

int kinema_masked_sum(int family, int pixels, int sum, const kinema_sum_task* task) {
  if (family == KINEMA_BEST) family = best_family();
  if (kinema_runs(family) == 0) return 1;
  // u8 alone is summed into two types, one of which holds few frames.
  const bool paired =
      sum == kinema_sum_type(pixels, task->count) || (pixels == KINEMA_U8 && sum == KINEMA_I32);
  if (!paired && task->count > 0) return 1;
  switch (family) {
#if defined(__x86_64__)
    case KINEMA_AVX512:
      return avx512::masked_sum(pixels, sum, *task) ? 0 : 1;
    case KINEMA_AVX2:
      return avx2::masked_sum(pixels, sum, *task) ? 0 : 1;
#endif
#if defined(KINEMA_WITH_NEON)
    case KINEMA_NEON:
      return neon::masked_sum(pixels, sum, *task) ? 0 : 1;
#endif
    default:
      return scalar::masked_sum(pixels, sum, *task) ? 0 : 1;
  }
}
