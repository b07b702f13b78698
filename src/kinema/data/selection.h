// Which part of a movie is meant: a range of frames and a rectangle of pixels, as people type them.
#pragma once

#include "kinema/base/array.h"

#include <optional>
#include <string>
#include <string_view>

namespace kinema {

/// Frames "a:b", half-open and 0-based; either end may be left out (":" is all).
struct FrameRange {
  Index first = 0;
  std::optional<Index> end;  // none: to the last frame
  friend bool operator==(const FrameRange&, const FrameRange&) = default;
};

void from_text(std::string_view text, FrameRange& value);
std::string to_text(const FrameRange& value);

/// Number of frames that the range takes of a movie of `frames`; InputError where it is empty or
/// reaches beyond.
Index count_of(const FrameRange& range, Index frames);

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
