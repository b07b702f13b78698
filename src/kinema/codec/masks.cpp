// Drawing masks, 64 pixels (one word) at a time.
#include "kinema/codec/masks.h"

#include "kinema/base/parallel.h"
#include "kinema/base/rng.h"

namespace kinema::codec {
namespace {

constexpr Index largest_bits = Index{1} << 35;
constexpr Index lanes = 64;
constexpr std::uint32_t bernoulli_tag = 1, balanced_tag = 2, staggered_tag = 3;

struct Pixel {
  Index y, x;
};

PhiloxBlock draw(const MaskSet& masks, Pixel pixel, Index block, std::uint32_t tag) {
  return philox({static_cast<std::uint32_t>(block),
                 static_cast<std::uint32_t>(pixel.x),
                 static_cast<std::uint32_t>(pixel.y),
                 tag},
                masks.seed);
}

void draw_bernoulli(MaskSet& masks, Index y, Index word) {
  const Index count = std::min(lanes, masks.width() - word * lanes);
  for (Index lane = 0; lane < count; ++lane) {
    PhiloxBlock block{};
    for (Index b = 0; b < masks.ratio(); ++b) {
      if (b % 128 == 0) block = draw(masks, {y, word * lanes + lane}, b / 128, bernoulli_tag);
      const std::uint64_t open = (block[static_cast<std::size_t>(b / 32 % 4)] >> (b % 32)) & 1U;
      masks.masks.row(b, y)[word] |= open << lane;
    }
  }
}

/// Selection sampling (Knuth, TAOCP 2, 3.4.2, algorithm S): every choice of n frames is equally
/// likely.
void draw_balanced(MaskSet& masks, Index y, Index word) {
  const Index ratio = masks.ratio();
  const Index count = std::min(lanes, masks.width() - word * lanes);
  std::array<std::array<std::uint32_t, 4>, lanes> blocks{};
  std::array<std::uint32_t, lanes> needed{};
  for (Index draw_index = 0; draw_index <= ratio; ++draw_index) {
    if (draw_index % 4 == 0) {
      for (Index lane = 0; lane < count; ++lane) {
        blocks[static_cast<std::size_t>(lane)] =
            draw(masks, {y, word * lanes + lane}, draw_index / 4, balanced_tag);
      }
    }
    const auto part = static_cast<std::size_t>(draw_index % 4);
    if (draw_index == 0) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        needed[lane] =
            static_cast<std::uint32_t>(ratio / 2) + (ratio % 2 != 0 ? blocks[lane][0] & 1U : 0U);
      }
      continue;
    }
    const Index b = draw_index - 1;
    const auto left = static_cast<std::uint64_t>(ratio - b);
    std::uint64_t bits = 0;
    for (std::size_t lane = 0; lane < static_cast<std::size_t>(count); ++lane) {
      const std::uint32_t open = ((blocks[lane][part] * left) >> 32) < needed[lane] ? 1U : 0U;
      needed[lane] -= open;
      bits |= std::uint64_t{open} << lane;
    }
    masks.masks.row(b, y)[word] = bits;
  }
}

void draw_staggered(MaskSet& masks, Index y, Index word) {
  const auto ratio = static_cast<std::uint64_t>(masks.ratio());
  const Index count = std::min(lanes, masks.width() - word * lanes);
  for (Index lane = 0; lane < count; ++lane) {
    const PhiloxBlock block = draw(masks, {y, word * lanes + lane}, 0, staggered_tag);
    const auto phase = static_cast<Index>((block[0] * ratio) >> 32);
    for (Index b = phase; b < masks.ratio(); ++b) {
      masks.masks.row(b, y)[word] |= std::uint64_t{1} << lane;
    }
  }
}

void draw_open(MaskSet& masks, Index y, Index word) {
  const Index count = std::min(lanes, masks.width() - word * lanes);
  const std::uint64_t bits = count == lanes ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
  for (Index b = 0; b < masks.ratio(); ++b) masks.masks.row(b, y)[word] = bits;
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
  parallel_for(height, [&](Index y) {
    for (Index word = 0; word < masks.masks.words_per_row(); ++word) {
      switch (options.kind) {
        case MaskKind::bernoulli:
          draw_bernoulli(masks, y, word);
          break;
        case MaskKind::balanced:
          draw_balanced(masks, y, word);
          break;
        case MaskKind::staggered:
          draw_staggered(masks, y, word);
          break;
        default:
          draw_open(masks, y, word);
          break;
      }
    }
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
