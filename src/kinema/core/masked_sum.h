// The masked sum of each kernel family. Code that is compiled for one instruction set must share no
// inline function with the rest: plain pointers alone.
#pragma once

#include "kinema/core/kinema_encoder.h"

namespace kinema::core {

/// Each returns false for a pixel type that has no kernel.
namespace scalar {
bool masked_sum(int pixels, int sum, const kinema_sum_task& task);
}
namespace avx2 {
bool masked_sum(int pixels, int sum, const kinema_sum_task& task);
}
namespace avx512 {
bool masked_sum(int pixels, int sum, const kinema_sum_task& task);
}
namespace neon {
bool masked_sum(int pixels, int sum, const kinema_sum_task& task);
}

}  // namespace kinema::core
