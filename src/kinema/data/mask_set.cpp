// Sums and hashes over masks.
#include "kinema/data/mask_set.h"

#include "kinema/base/hash.h"
#include "kinema/base/parallel.h"

#include <bit>

namespace kinema {

static_assert(std::endian::native == std::endian::little, "files are little-endian throughout");

Array<std::uint16_t, 2> open_counts(const MaskSet& masks, Index frames) {
  Array<std::uint16_t, 2> counts({masks.height(), masks.width()});
  parallel_for(masks.height(), [&](Index y) {
    for (Index b = 0; b < frames; ++b) {
      const std::uint64_t* row = masks.masks.row(b, y);
      for (Index x = 0; x < masks.width(); ++x) {
        counts(y, x) = static_cast<std::uint16_t>(counts(y, x) + ((row[x / 64] >> (x % 64)) & 1U));
      }
    }
  });
  return counts;
}

std::string hash_of(const MaskSet& masks) {
  Hasher hasher;
  const auto bytes = static_cast<std::size_t>((masks.width() + 7) / 8);
  for (Index b = 0; b < masks.ratio(); ++b) {
    for (Index y = 0; y < masks.height(); ++y) hasher.add(masks.masks.row(b, y), bytes);
  }
  return hasher.hex();
}

}  // namespace kinema
