// The encoder's inner loop: one masked add per incoming pixel. Every path gives the same bits.
#pragma once

#include "kinema/base/cpu.h"
#include "kinema/data/mask_set.h"
#include "kinema/data/pixel_type.h"

namespace kinema::codec {

/// Bits (Y, words_per_row) of one frame's mask; those of `turned` are turned over.
struct MaskPlane {
  const std::uint64_t* bits = nullptr;
  std::uint64_t turned = 0;  // all bits or none
};

/// Rows [first_row, last_row) of the sum over `count` masked frames. Plain pointers alone: code
/// that is compiled for one instruction set must share no inline function with the rest.
struct EncodeRows {
  const std::byte* frames = nullptr;  // (count, Y, X) of the recorded pixel type
  Index count = 0, height = 0, width = 0;
  const MaskPlane* masks = nullptr;  // (count)
  Index words_per_row = 0;
  Index first_row = 0, last_row = 0;
  void* sum = nullptr;      // (Y, X) of the sum's type, the whole snapshot
  void* scratch = nullptr;  // scratch_bytes, 64-byte aligned
};

inline constexpr Index encode_scratch_bytes = 512 * 64 * 4;

/// The narrowest type that holds every sum of `frames` pixels of `recorded` exactly: u16, i32, or
/// float for float pixels. Throws InputError for pixel types that are not encoded (32-bit integers
/// and doubles).
PixelType sum_type(PixelType recorded, Index frames);
/// The same for whatever these masks let through.
PixelType sum_type(PixelType recorded, const MaskSet& masks);

/// sum(y, x) = sum_b m_b(y, x) * x_b(y, x), added in the order of the frames.
void encode_rows(Simd simd, PixelType recorded, PixelType sum, const EncodeRows& task);

/// The same for each kernel family; false for a pixel type that has no kernel.
namespace scalar {
bool encode_rows(PixelType recorded, PixelType sum, const EncodeRows& task);
}
namespace avx2 {
bool encode_rows(PixelType recorded, PixelType sum, const EncodeRows& task);
}
namespace avx512 {
bool encode_rows(PixelType recorded, PixelType sum, const EncodeRows& task);
}

}  // namespace kinema::codec
