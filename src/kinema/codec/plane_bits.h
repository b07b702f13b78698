// What a coded band consists of beside its symbols: residuals beyond the tables, and the sizes of
// its two parts.
#pragma once

#include "kinema/base/error.h"
#include "kinema/codec/bit_stream.h"
#include "kinema/codec/residual_table.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace kinema::codec::plane {

/// A residual beyond the table: how many bits, then they.
inline void put_far(BitWriter& plain, std::int64_t residual) {
  const auto beyond = static_cast<std::uint64_t>(std::abs(residual) - most_residual - 1);
  const std::uint64_t folded = beyond << 1 | (residual < 0 ? 1U : 0U);
  const int bits = static_cast<int>(std::bit_width(folded));
  plain.put(static_cast<std::uint64_t>(bits), 6);
  plain.put(folded, bits);
}

[[noreturn]] inline void damaged(const char* what) {
  throw InputError(std::string("a coded plane is damaged: ") + what);
}

inline std::int64_t take_far(BitReader& bits) {
  const int count = static_cast<int>(bits.take(6));
  const std::uint64_t folded = bits.take(std::min(count, 40));
  const auto size = static_cast<std::int64_t>(folded >> 1) + most_residual + 1;
  return (folded & 1) != 0 ? -size : size;
}

/// A band from its coder's words and its plain bits.
inline std::vector<std::byte> band_of(std::span<const std::uint16_t> words,
                                      const std::vector<std::byte>& plain) {
  std::vector<std::byte> out(8 + 2 * words.size() + plain.size());
  std::byte* at = out.data();
  for (const std::size_t size : {2 * words.size(), plain.size()}) {
    for (int i = 0; i < 4; ++i) *at++ = static_cast<std::byte>(size >> 8 * i);
  }
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(at, words.data(), 2 * words.size());
    at += 2 * words.size();
  } else {
    for (const std::uint16_t word : words) {
      *at++ = static_cast<std::byte>(word);
      *at++ = static_cast<std::byte>(word >> 8);
    }
  }
  std::copy(plain.begin(), plain.end(), at);
  return out;
}

}  // namespace kinema::codec::plane
