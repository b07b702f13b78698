// The LibTorch module's word about itself. Only LibTorch's light headers: torch/torch.h costs 16 s.
#include "kinema/nn/torch_info.h"

#include <ATen/Parallel.h>
#include <nlohmann/json.hpp>
#include <torch/cuda.h>
#include <torch/version.h>

#include <string>

namespace {

nlohmann::json devices() {
  nlohmann::json names = {"cpu"};
  const auto count = static_cast<int>(torch::cuda::device_count());
  for (int device = 0; device < count; ++device) names.push_back("cuda:" + std::to_string(device));
  return names;
}

}  // namespace

const char* kinema_torch_info() {
  thread_local std::string text;
  nlohmann::json info;
  info["version"] = TORCH_VERSION;
  info["devices"] = devices();
  info["threads"] = at::get_num_threads();
  text = info.dump();
  return text.c_str();
}

void kinema_torch_set_threads(int count) {
  at::set_num_threads(count);
}
