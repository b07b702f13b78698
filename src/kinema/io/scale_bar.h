// A scale bar with its length in words, drawn into 8-bit pictures.
#pragma once

#include "kinema/base/units.h"
#include "kinema/data/movie_source.h"

#include <optional>
#include <span>
#include <string>

namespace kinema::io {

/// A length of 1, 2 or 5 times a power of ten.
struct ScaleBar {
  Length length;
  Index pixels = 0;   // of the bar
  std::string label;  // "50 nm"
};

/// The longest such bar that fills at most three tenths of the width; none where the frame is
/// smaller than 64 x 32 pixels, too small to read.
std::optional<ScaleBar> scale_bar_for(Index height, Index width, Length pixel);

/// Draws the bar and its label into the lower left corner, white with a dark outline, in
/// proportion to the frame. `format` is u8 or rgb.
void draw_scale_bar(const ScaleBar& bar, const FrameFormat& format, std::span<std::uint8_t> pixels);

}  // namespace kinema::io
