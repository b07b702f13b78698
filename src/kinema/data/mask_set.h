// The B binary masks of a coded exposure, one bit a pixel.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/options.h"

#include <cstdint>
#include <span>
#include <string>

namespace kinema {

/// How masks were drawn. `given` masks came as an array and are stored whole. Those of `staggered`
/// tell where a pixel goes over from one exposure to the next (data/exposure.h).
enum class MaskKind : std::uint8_t { bernoulli, balanced, open, given, staggered };

inline constexpr EnumName<MaskKind> mask_kind_names[] = {{MaskKind::balanced, "balanced"},
                                                         {MaskKind::staggered, "staggered"},
                                                         {MaskKind::bernoulli, "bernoulli"},
                                                         {MaskKind::open, "open"},
                                                         {MaskKind::given, "given"}};
constexpr std::span<const EnumName<MaskKind>> enum_names(MaskKind) {
  return mask_kind_names;
}

/// Bits (B, Y, X). A row of X bits starts at a 64-bit word; bit x of a row is bit x % 64 of word
/// x / 64, and the bits beyond X are zero.
class BitArray {
 public:
  BitArray() = default;
  explicit BitArray(const Shape<3>& shape)
      : shape_(shape), words_({shape[0], shape[1], (shape[2] + 63) / 64}) {}

  const Shape<3>& shape() const { return shape_; }
  Index words_per_row() const { return words_.shape()[2]; }
  std::uint64_t* row(Index b, Index y) { return &words_(b, y, Index{0}); }
  const std::uint64_t* row(Index b, Index y) const { return &words_(b, y, Index{0}); }
  bool operator()(Index b, Index y, Index x) const {
    return ((row(b, y)[x / 64] >> (x % 64)) & 1U) != 0;
  }
  void set(Index b, Index y, Index x, bool value) {
    const std::uint64_t bit = std::uint64_t{1} << (x % 64);
    std::uint64_t& word = row(b, y)[x / 64];
    word = value ? (word | bit) : (word & ~bit);
  }
  std::span<const std::uint64_t> words() const { return words_.flat(); }
  std::span<std::uint64_t> words() { return words_.flat(); }

 private:
  Shape<3> shape_{};
  Array<std::uint64_t, 3> words_;
};

/// Masks (B, Y, X) with the recipe that makes them again.
struct MaskSet {
  BitArray masks;
  MaskKind kind = MaskKind::balanced;
  std::uint64_t seed = 0;
  bool adaptive = false;  // groups may take masks of fewer frames, drawn alike

  Index ratio() const { return masks.shape()[0]; }  // B, frames per snapshot; adaptive: the most
  Index height() const { return masks.shape()[1]; }
  Index width() const { return masks.shape()[2]; }
};

/// BLAKE2b-128 of the bits packed as numpy.packbits(masks, axis=-1, bitorder="little"), hex.
std::string hash_of(const MaskSet& masks);

}  // namespace kinema
