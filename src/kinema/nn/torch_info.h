// What the LibTorch module (libkinema_torch.so) tells of itself. The module is loaded on demand
// through base/module.h, so that no program links LibTorch; hence plain C functions.
#pragma once

extern "C" {

/// Version, devices and threads of LibTorch as a JSON object: {"version": "1.13.0", "devices":
/// ["cpu", "cuda:0"], "threads": 2}. The text stays valid until the next call of the same thread.
const char* kinema_torch_info();

/// Sets how many threads LibTorch works with (>= 1). Call before the first tensor is made.
void kinema_torch_set_threads(int count);
}

namespace kinema {

/// Names for module_function(), each the symbol of the function above.
inline constexpr const char* torch_info_symbol = "kinema_torch_info";
inline constexpr const char* torch_set_threads_symbol = "kinema_torch_set_threads";

/// What to do where the module is missing.
inline constexpr const char* torch_mend = "apt install libtorch-dev, then ./run build";

}  // namespace kinema
