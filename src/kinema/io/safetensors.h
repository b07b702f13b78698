// Tensors in a safetensors file (https://huggingface.co/docs/safetensors): the length of a JSON
// header in 8 bytes, the header, then the numbers. Nothing in it can run. Only float32 is used.
#pragma once

#include "kinema/base/named_tensor.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace kinema::io {

struct TensorFile {
  std::vector<NamedTensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// Written by way of a partial file.
void write_safetensors(const std::filesystem::path& path, const TensorFile& file);

/// Throws InputError or FileError, with the tensor and what is wrong with it: a file that ends too
/// early, another type than F32, sizes that do not match.
TensorFile read_safetensors(const std::filesystem::path& path);

}  // namespace kinema::io
