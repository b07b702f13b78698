// Which pixels of a frame are meant: a rectangle, as people type it.
#pragma once

#include "kinema/base/array.h"

#include <string>
#include <string_view>

namespace kinema {

/// Rectangle "y,x,h,w": its first row and column, its height and width, in pixels.
struct Crop {
  Index y = 0, x = 0, height = 0, width = 0;
  friend bool operator==(const Crop&, const Crop&) = default;
};

void from_text(std::string_view text, Crop& value);
std::string to_text(const Crop& value);

/// Throws InputError unless the rectangle lies within frames of this size.
void require_within(const Crop& crop, Index height, Index width);

}  // namespace kinema
