// Integer snapshots as the bytes of HDF5's own scale-offset filter, so that any HDF5 reader
// unpacks them, and we pack them at memory speed.
//
// Layout (H5Zscaleoffset.c, HDF5 1.8 to 1.14): u32 bits n, u8 8, u64 minimum (two's complement),
// 8 bytes unused, then n bits a value of (value - minimum), most significant bit first; where n
// is the value's full width the values follow as they are.
#pragma once

#include "kinema/base/array.h"

#include <cstddef>
#include <span>
#include <vector>

namespace kinema::codec {

inline constexpr Index pack_header_bytes = 21;

/// Packs u16 or i32 values to the width of their range.
template <class T>
std::vector<std::byte> pack(std::span<const T> values);

/// Undoes `pack`; throws InputError when `bytes` do not hold values.size() of them.
template <class T>
void unpack(std::span<const std::byte> bytes, std::span<T> values);

/// Bits per value of a packed chunk.
int packed_bits(std::span<const std::byte> bytes);

}  // namespace kinema::codec
