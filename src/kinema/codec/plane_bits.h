// What a coded band consists of beside its symbols: bits as they are, residuals beyond the tables,
// and the sizes of its two parts.
#pragma once

#include "kinema/base/error.h"
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

/// Bits as they are, lowest first.
class BitWriter {
 public:
  void put(std::uint64_t value, int bits) {
    for (; bits > 32; bits -= 32, value >>= 32) put(value & 0xFFFFFFFFU, 32);
    held_ |= value << count_;
    count_ += bits;
    if (count_ >= 32) put_bytes();
  }
  std::vector<std::byte> finish() {
    const std::size_t last = (static_cast<std::size_t>(count_) + 7) / 8;
    put_bytes();
    bytes_.resize(size_ + last - 4);
    return std::move(bytes_);
  }

 private:
  /// Four bytes.
  void put_bytes() {
    if (size_ + 4 > bytes_.size()) bytes_.resize(2 * size_ + 256);
    for (std::size_t i = 0; i < 4; ++i) bytes_[size_ + i] = static_cast<std::byte>(held_ >> 8 * i);
    size_ += 4;
    held_ >>= 32;
    count_ -= 32;
  }

  std::uint64_t held_ = 0;
  int count_ = 0;
  std::vector<std::byte> bytes_;
  std::size_t size_ = 0;  // of them that are written
};

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

/// Bits as they are, lowest first; zeros beyond the end, which `ended_well` tells.
class BitReader {
 public:
  explicit BitReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::uint64_t take(int bits) {
    if (bits > 32) {
      const std::uint64_t low = take(32);
      return low | take(bits - 32) << 32;
    }
    while (count_ < bits) {
      const std::uint64_t next =
          at_ < bytes_.size() ? std::to_integer<std::uint64_t>(bytes_[at_]) : 0;
      ++at_;
      held_ |= next << count_;
      count_ += 8;
    }
    const std::uint64_t value = held_ & ((std::uint64_t{1} << bits) - 1);
    held_ >>= bits;
    count_ -= bits;
    return value;
  }
  bool ended_well() const { return at_ == bytes_.size() && held_ == 0; }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  std::uint64_t held_ = 0;
  int count_ = 0;
};

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
