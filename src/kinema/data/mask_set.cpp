// The hash of masks.
#include "kinema/data/mask_set.h"

#include "kinema/base/hash.h"

#include <bit>

namespace kinema {

static_assert(std::endian::native == std::endian::little, "files are little-endian throughout");

std::string hash_of(const MaskSet& masks) {
  Hasher hasher;
  const auto bytes = static_cast<std::size_t>((masks.width() + 7) / 8);
  for (Index b = 0; b < masks.ratio(); ++b) {
    for (Index y = 0; y < masks.height(); ++y) hasher.add(masks.masks.row(b, y), bytes);
  }
  return hasher.hex();
}

}  // namespace kinema
