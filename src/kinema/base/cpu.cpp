// Run-time detection of instruction sets.
#include "kinema/base/cpu.h"

#include "kinema/core/kinema_encoder.h"

#include <cstdlib>
#include <fstream>

namespace kinema {
std::string_view to_text(Simd simd) {
  switch (simd) {
    case Simd::scalar:
      return "scalar";
    case Simd::avx2:
      return "avx2";
    case Simd::avx512:
      return "avx512";
  }
  return "scalar";
}

std::vector<Simd> usable_simd() {
  std::vector<Simd> families{Simd::scalar};
  if (kinema_runs(KINEMA_AVX2) != 0) families.push_back(Simd::avx2);
  if (kinema_runs(KINEMA_AVX512) != 0) families.push_back(Simd::avx512);
  return families;
}

Simd best_simd() {
  static const Simd best = [] {
    const std::vector<Simd> families = usable_simd();
    const char* wish = std::getenv("KINEMA_SIMD");
    if (wish != nullptr) {
      for (const Simd family : families) {
        if (to_text(family) == wish) return family;
      }
    }
    return families.back();
  }();
  return best;
}

std::string cpu_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

std::vector<std::string> cpu_features() {
  std::vector<std::string> present;
#if defined(__x86_64__)
  const auto add = [&](const char* name, bool has) {
    if (has) present.emplace_back(name);
  };
  add("sse4.2", __builtin_cpu_supports("sse4.2"));
  add("avx", __builtin_cpu_supports("avx"));
  add("avx2", __builtin_cpu_supports("avx2"));
  add("fma", __builtin_cpu_supports("fma"));
  add("bmi2", __builtin_cpu_supports("bmi2"));
  add("avx512f", __builtin_cpu_supports("avx512f"));
  add("avx512bw", __builtin_cpu_supports("avx512bw"));
  add("avx512vl", __builtin_cpu_supports("avx512vl"));
  add("avx512vnni", __builtin_cpu_supports("avx512vnni"));
  add("avx512bf16", __builtin_cpu_supports("avx512bf16"));
#endif
  return present;
}

}  // namespace kinema
