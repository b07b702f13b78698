// Colours, and the maps that make them of values: viridis, cividis, grey.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/options.h"

#include <cstdint>
#include <span>
#include <string>

namespace kinema::report {

/// A colour as screens show it (sRGB), each part in [0, 1].
struct Rgb {
  float red = 0.0F, green = 0.0F, blue = 0.0F;
  friend bool operator==(const Rgb&, const Rgb&) = default;
};

/// The colour of "2d708e".
Rgb rgb_of_hex(std::string_view hex);

/// "#2d708e", as pages and SVG want it.
std::string to_hex(const Rgb& colour);

/// a where share is 0, b where it is 1.
Rgb mixed(const Rgb& a, const Rgb& b, float share);

/// Maps whose lightness rises evenly, so that they are read without colour vision and in print.
enum class ColourMap : std::uint8_t { viridis, cividis, grey };
std::span<const EnumName<ColourMap>> enum_names(ColourMap);

/// The colour of a share of the way from the lowest value (0) to the highest (1); beyond them the
/// ends, and grey for what is not a number.
Rgb colour_at(ColourMap map, double share);

}  // namespace kinema::report
