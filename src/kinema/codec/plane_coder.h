// Lossless coding of one plane of integers that hold noise: a snapshot quantised or as it is, or a
// recorded frame.
//
// Every pixel is predicted from 18 neighbours that were coded before it, by weights that were
// fitted to the plane and, where that pays, to each tile of 128 x 128. What is left is coded by one
// of a few known distributions (residual_table.h), chosen by how large the residuals around it are;
// where hardly anything happens (counting frames), by a distribution that the plane brings.
// Prediction is in integers, so that every machine decodes the same. The bytes are described in
// docs/formats/container.md.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/cpu.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kinema::codec {

/// Packs `plane` (Y, X), on all threads. `open`, if given, (Y, X), says in how many frames each
/// pixel of a snapshot was open: values are predicted in proportion to it, and where it is 0 the
/// value must be 0 and takes no bits. The same bytes whatever the number of threads.
std::vector<std::byte> pack_plane(ArrayView<const std::int32_t, 2> plane,
                                  const std::uint16_t* open = nullptr,
                                  Simd simd = best_simd());

/// Undoes `pack_plane` into `plane`, whose shape and `open` must be those given to it. Throws
/// InputError where the bytes are damaged; reads nothing beyond them.
void unpack_plane(std::span<const std::byte> bytes,
                  ArrayView<std::int32_t, 2> plane,
                  const std::uint16_t* open = nullptr,
                  Simd simd = best_simd());

}  // namespace kinema::codec
