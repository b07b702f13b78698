// The checksums that end every slice of an FFV1 frame (RFC 9043, section 4.8): libav 5.1 notices a
// wrong one and goes on with the frame before, so they are looked at here.
#pragma once

#include <cstdint>
#include <span>

namespace kinema::io::video {

/// Whether the packet is a row of slices, each of which ends with its size (24 bits), an error
/// byte and a checksum that fits.
bool has_right_slice_checksums(std::span<const std::uint8_t> packet);

}  // namespace kinema::io::video
