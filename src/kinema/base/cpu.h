// What the processor can do, and which of our kernels it should run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kinema {

/// Kernel families, each a superset of the one before.
enum class Simd { scalar, avx2, avx512 };

std::string_view to_text(Simd simd);

/// The best family that this processor runs, or the lesser one named by the environment variable
/// KINEMA_SIMD (scalar, avx2, avx512).
Simd best_simd();

/// Families that this processor runs, scalar first.
std::vector<Simd> usable_simd();

/// The processor's model name and instruction sets that matter here, for `kinema doctor`.
std::string cpu_model();
std::vector<std::string> cpu_features();

}  // namespace kinema
