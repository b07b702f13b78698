// Origins of tiles along each axis, and the cuts half way through what neighbours share.
#include "kinema/codec/tiles.h"

#include <algorithm>

namespace kinema::codec {
namespace {

std::vector<Index> origins(Index extent, Index tile, Index overlap) {
  std::vector<Index> starts{0};
  while (starts.back() + tile < extent) {
    starts.push_back(std::min(starts.back() + tile - overlap, extent - tile));
  }
  return starts;
}

/// Where one tile's kept part ends and the next one's begins, with both ends of the frame.
std::vector<Index> cuts(const std::vector<Index>& starts, Index extent, Index tile) {
  std::vector<Index> at{0};
  for (std::size_t i = 1; i < starts.size(); ++i) {
    at.push_back((starts[i - 1] + tile + starts[i]) / 2);
  }
  at.push_back(extent);
  return at;
}

}  // namespace

std::vector<Tile> cut_tiles(
    Index height, Index width, Index tile_height, Index tile_width, Index overlap) {
  const std::vector<Index> rows = origins(height, tile_height, overlap);
  const std::vector<Index> columns = origins(width, tile_width, overlap);
  const std::vector<Index> cut_y = cuts(rows, height, tile_height);
  const std::vector<Index> cut_x = cuts(columns, width, tile_width);
  std::vector<Tile> tiles;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < columns.size(); ++j) {
      tiles.push_back({rows[i], columns[j], cut_y[i], cut_y[i + 1], cut_x[j], cut_x[j + 1]});
    }
  }
  return tiles;
}

}  // namespace kinema::codec
