// Binary masks of a coded exposure, drawn from a seed.
//
// The bit of frame b at pixel (y, x) is a pure function of (kind, seed, B, b, y, x), so that a
// crop of the view needs only a crop of the masks. With r(j) = word j % 4 of the block
// philox({j / 4, x, y, kind}, seed) (Philox4x32-10, base/rng.h):
//   bernoulli (kind 1)  open where bit b % 32 of r(b / 32) is set
//   balanced  (kind 2)  exactly n of B masks are open, n = B / 2, plus one where B is odd and the
//                       lowest bit of r(0) is set; frame b is open where
//                       floor(r(b + 1) * (B - b) / 2^32) < n - (open so far)
//   staggered (kind 3)  mask b is open where b >= p, p = floor(r(0) * B / 2^32)
#pragma once

#include "kinema/data/mask_set.h"

namespace kinema::codec {

/// Most frames that a snapshot may hold.
inline constexpr Index largest_ratio = 1024;

/// Throws InputError unless masks (B, Y, X) have pixels, 1 to 1024 frames, and at most 4 GiB.
void require_mask_shape(const Shape<3>& shape);

/// How `masks` draws them.
struct MaskOptions {
  MaskKind kind = MaskKind::balanced;
  Index ratio = 10;
  std::uint64_t seed = 0;

  static void fields(auto& self, auto&& visit) {
    visit(
        "kind", self.kind, "how masks are drawn; balanced opens each pixel in half of the frames");
    visit("ratio", self.ratio, "frames per snapshot, B");
    visit("seed", self.seed, "seed of the masks");
  }
};

/// Draws B masks of (height, width). `open` masks are all ones. Throws InputError for a shape
/// that `require_mask_shape` refuses, and for kind `given`.
MaskSet make_masks(const MaskOptions& options, Index height, Index width);

/// Masks from an array (B, Y, X) of zeros and ones; anything else is an InputError that names the
/// first wrong element.
MaskSet masks_from(ArrayView<const std::uint8_t, 3> bits);

}  // namespace kinema::codec
