// An array of any rank with a name: what checkpoints are made of.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kinema {

struct NamedTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;  // row-major
};

}  // namespace kinema
