// Masks drawn row by row, by the core library.
#include "kinema/codec/masks.h"

#include "kinema/base/parallel.h"
#include "kinema/core/kinema_encoder.h"

namespace kinema::codec {
namespace {

constexpr Index largest_bits = Index{1} << 35;

/// The core's number of a kind that is drawn.
int core_kind(MaskKind kind) {
  switch (kind) {
    case MaskKind::bernoulli:
      return KINEMA_BERNOULLI;
    case MaskKind::balanced:
      return KINEMA_BALANCED;
    case MaskKind::staggered:
      return KINEMA_STAGGERED;
    default:
      return KINEMA_OPEN;
  }
}

}  // namespace

void require_mask_shape(const Shape<3>& shape) {
  const auto [ratio, height, width] = shape;
  if (ratio < 1 || ratio > largest_ratio) {
    throw InputError("ratio must be 1 to " + std::to_string(largest_ratio) +
                     " frames per snapshot, not " + std::to_string(ratio));
  }
  if (height < 1 || width < 1 || height > largest_bits || width > largest_bits / height / ratio) {
    throw InputError(std::to_string(ratio) + " masks of " + std::to_string(height) + " x " +
                     std::to_string(width) + " pixels have no pixels or more than 4 GiB");
  }
}

MaskSet make_masks(const MaskOptions& options, Index height, Index width) {
  require_mask_shape({options.ratio, height, width});
  if (options.kind == MaskKind::given) {
    throw InputError(
        "masks of kind 'given' are not drawn: hand them over (--masks-file MASKS.npy, or an array "
        "from Python), or choose another kind");
  }
  MaskSet masks{BitArray({options.ratio, height, width}), options.kind, options.seed};
  const int kind = core_kind(options.kind);
  parallel_for(height, [&](Index y) {
    kinema_draw_masks(
        kind, options.seed, options.ratio, height, width, y, y + 1, masks.masks.row(0, 0));
  });
  return masks;
}

MaskSet masks_from(ArrayView<const std::uint8_t, 3> bits) {
  require_mask_shape(bits.shape());
  const auto [ratio, height, width] = bits.shape();
  MaskSet masks{BitArray(bits.shape()), MaskKind::given, 0};
  for (Index b = 0; b < ratio; ++b) {
    for (Index y = 0; y < height; ++y) {
      for (Index x = 0; x < width; ++x) {
        const std::uint8_t value = bits(b, y, x);
        if (value > 1) {
          throw InputError("masks: element (" + std::to_string(b) + ", " + std::to_string(y) +
                           ", " + std::to_string(x) + ") is " + std::to_string(value) +
                           "; masks hold 0 (closed) and 1 (open) alone");
        }
        if (value != 0) masks.masks.set(b, y, x, true);
      }
    }
  }
  return masks;
}

}  // namespace kinema::codec
