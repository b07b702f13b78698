// The encoder's inner loop: one masked add per incoming pixel. Every path gives the same bits. The
// kernels themselves are those of the core library, which a detector's computer runs too.
#pragma once

#include "kinema/base/cpu.h"
#include "kinema/core/kinema_encoder.h"
#include "kinema/data/mask_set.h"
#include "kinema/data/pixel_type.h"

namespace kinema::codec {

/// Bits (Y, words_per_row) of one frame's mask; those of `turned` are turned over.
using MaskPlane = kinema_mask;

/// Rows [first_row, last_row) of the sum over `count` masked frames.
using EncodeRows = kinema_sum_task;

inline constexpr Index encode_scratch_bytes = KINEMA_SCRATCH_BYTES;

/// The narrowest type that holds every sum of `frames` pixels of `recorded` exactly: u16, i32, or
/// float for float pixels. Throws InputError for pixel types that are not encoded (32-bit integers
/// and doubles).
PixelType sum_type(PixelType recorded, Index frames);
/// The same for whatever these masks let through.
PixelType sum_type(PixelType recorded, const MaskSet& masks);

/// The core's number of a type; 0 where it has none.
int core_type(PixelType type);

/// sum(y, x) = sum_b m_b(y, x) * x_b(y, x), added in the order of the frames.
void encode_rows(Simd simd, PixelType recorded, PixelType sum, const EncodeRows& task);

}  // namespace kinema::codec
