// Tiles that cover a frame: what is decoded at a time, and what of it is kept.
#pragma once

#include "kinema/base/array.h"

#include <vector>

namespace kinema::codec {

struct Tile {
  Index y, x;                                // origin of what is decoded
  Index keep_y0, keep_y1, keep_x0, keep_x1;  // what is kept of it, in the frame
};

/// Tiles of (tile_height, tile_width) that cover the frame; neighbours share at least `overlap`
/// pixels, and each pixel is kept from the tile that it lies deepest in. A tile is no larger than
/// the frame, and more than twice the overlap where there are several.
std::vector<Tile> cut_tiles(
    Index height, Index width, Index tile_height, Index tile_width, Index overlap);

}  // namespace kinema::codec
