// 8-bit PNG images in memory.
#pragma once

#include "kinema/base/array.h"

#include <cstdint>
#include <string>

namespace kinema::report {

/// The bytes of a PNG file of a grey image (Y, X).
std::string encode_png(ArrayView<const std::uint8_t, 2> grey);

/// The bytes of a PNG file of an RGB image (Y, X, 3).
std::string encode_png(ArrayView<const std::uint8_t, 3> rgb);

/// Values (Y, X) as grey levels: `low` and less black, `high` and more white, not a number black.
Array<std::uint8_t, 2> grey_levels(ArrayView<const float, 2> values, double low, double high);

}  // namespace kinema::report
