// Blocks: runs of numbers that a view of the page reads, packed as text.
#pragma once

#include "kinema/base/array.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace kinema::report {

/// Numbers of `type` ("u8", "i8", "u16", "i16", "u32", "i32" or "f32", little-endian) and `shape`,
/// last index fastest. web/data.js unpacks them as numbers_of(block).
struct Block {
  std::string type;
  std::vector<Index> shape;
  std::string text;  // base64 of the zlib stream
};

/// Packs little-endian numbers. Throws std::logic_error where bytes and shape do not agree.
Block block_of_bytes(std::string type, std::vector<Index> shape, std::span<const std::byte> bytes);

Block block_of(std::vector<Index> shape, std::span<const float> numbers);
Block block_of(std::vector<Index> shape, std::span<const std::uint8_t> numbers);
Block block_of(std::vector<Index> shape, std::span<const std::int16_t> numbers);
Block block_of(std::vector<Index> shape, std::span<const std::uint16_t> numbers);
Block block_of(std::vector<Index> shape, std::span<const std::int32_t> numbers);

}  // namespace kinema::report
