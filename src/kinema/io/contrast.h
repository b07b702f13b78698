// Black and white for pictures and videos of movies whose pixels are no 8-bit grey levels.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/movie_writer.h"

#include <span>

namespace kinema::io {

/// The grey levels between which a movie is shown: the 0.1 and 99.9 percentiles of at most 16
/// frames spread evenly over it (of frames beyond 2^18 pixels, of evenly spread pixels; what is not
/// finite is passed over). `white` is above `black` always. Colour is 0 to 255 as it is; InputError
/// for complex pixels.
Contrast contrast_of(MovieSource& source);

/// Grey pixels of `type` as levels 0 to 255: black and less 0, white and more 255, rounded to
/// the nearest between; not a number is black.
void levels_from(PixelType type,
                 const std::byte* pixels,
                 const Contrast& contrast,
                 std::span<std::uint8_t> levels);

}  // namespace kinema::io
