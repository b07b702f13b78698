// Measurements that other hardware or software made, as ours.
#pragma once

#include "kinema/data/measurement.h"

#include <optional>

namespace kinema::codec {

/// Snapshots (S, Y, X) of u8, u16 or f32 (other types are converted where that loses nothing) with
/// their masks; `frames` is the number of frames in all where the last group is short. Throws
/// InputError where sizes differ or a value is not finite or does not fit.
Measurement wrap(PixelType type,
                 const std::byte* pixels,
                 const Shape<3>& shape,
                 const MaskSet& masks,
                 std::optional<Index> frames = {});

/// Masks from an array (B, Y, X) of any pixel type that holds zeros and ones alone.
MaskSet masks_from_pixels(PixelType type, const std::byte* pixels, const Shape<3>& shape);

}  // namespace kinema::codec
