// Pixel values as 8- or 16-bit levels, value = offset + step * level, or as floats.
#pragma once

#include "kinema/base/array.h"

#include <cstdint>
#include <span>
#include <vector>

namespace kinema::report {

struct Levels {
  double offset = 0.0, step = 1.0;
  int bits = 8;  // 8, 16, or 32: the floats themselves, offset 0 and step 1
  Index highest() const { return bits == 16 ? 65535 : 255; }
};

/// Levels that hold `sample` well: exact (step 1) where it is whole numbers of a narrow range,
/// else from its percentiles, so that a few hot pixels do not coarsen the rest. `symmetric` levels
/// hold zero exactly and as much below it as above.
Levels levels_for(std::vector<float> sample, int bits, bool symmetric);

/// Appends the levels of `values` to `bytes` (little-endian) and returns how many
/// values lay beyond the range and were clipped. What is not a number
/// becomes level 0.
Index append_levels(const Levels& levels,
                    std::span<const float> values,
                    std::vector<std::byte>& bytes);

}  // namespace kinema::report
