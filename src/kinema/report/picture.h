// Pictures in colour, and drawings painted over them.
#pragma once

#include "kinema/base/array.h"
#include "kinema/report/drawing.h"

#include <cstdint>

namespace kinema::report {

using Picture = Array<std::uint8_t, 3>;  // (Y, X, 3), sRGB

Picture white_picture(Index height, Index width);

/// Paints a drawing over a picture, edges smoothed. Words are written with the strokes of
/// stroke_font.h.
void paint(const Drawing& drawing, Picture& picture);

}  // namespace kinema::report
