// Pyramids of frames: each level averages 2 x 2 pixels of the one below, so that a large frame is
// shown from what the screen can hold, tile by tile.
#pragma once

#include "kinema/base/array.h"
#include "kinema/data/pixel_type.h"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace kinema::report {

/// Edge of a tile, in pixels of its level.
inline constexpr Index tile_edge = 1024;

/// A frame or a level of it: numbers (Y, X) of a type that the browser knows: "u8", "i16", "u16" or
/// "f32".
struct LevelImage {
  Index height = 0, width = 0;
  std::string type;
  std::vector<std::byte> numbers;
};

/// Level 0 of a frame of `type`: as it is where the browser knows such numbers, else as floats.
/// Throws InputError for complex and colour pixels.
LevelImage whole_image(PixelType type, Index height, Index width, std::vector<std::byte> pixels);

/// Levels until one tile holds the frame.
Index level_count(Index height, Index width);

/// Averages over 2^level x 2^level pixels as floats; what is left over at the lower and right edges
/// makes pixels of its own, so that a level is ceil(height / 2^level) high.
LevelImage binned(const LevelImage& whole, Index level);

/// The numbers of a tile, cut off where the image ends. Throws InputError where there is none.
std::vector<std::byte> tile_of(const LevelImage& image, Index row, Index column);

}  // namespace kinema::report
