// Lossless coding of a frame of a counting detector in which electrons are rare: where they fell.
//
// The frame is cut into tiles; of each the number of electrons comes, and then how many pixels lie
// between one and the next. For electrons that fall independently of each other these gaps are
// distributed geometrically, for which Golomb's code (Golomb, IEEE Trans. Inf. Theory 12, 399
// (1966)) is the best. The bytes are described in docs/formats/container.md.
#pragma once

#include "kinema/base/array.h"
#include "kinema/data/pixel_type.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace kinema::codec {

/// Packs a frame (height, width) of integers of `type`; nothing where it has negative pixels, or
/// so many electrons (over one in four pixels, or over 15 in one) that `pack_plane` does better.
std::optional<std::vector<std::byte>> pack_events(PixelType type,
                                                  const std::byte* frame,
                                                  Index height,
                                                  Index width);

/// Whether bytes come from `pack_events` and not from `pack_plane`.
bool are_events(std::span<const std::byte> bytes);

/// Undoes `pack_events` into `plane`. Throws InputError where the bytes are damaged.
void unpack_events(std::span<const std::byte> bytes, ArrayView<std::int32_t, 2> plane);

}  // namespace kinema::codec
