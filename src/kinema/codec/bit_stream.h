// Bits one after the other, each byte filled from its lowest bit.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace kinema::codec {

class BitWriter {
 public:
  /// The `bits` lowest bits of `value`, whose others are 0.
  void put(std::uint64_t value, int bits) {
    for (; bits > 32; bits -= 32, value >>= 32) put(value & 0xFFFFFFFFU, 32);
    held_ |= value << count_;
    count_ += bits;
    if (count_ >= 32) put_bytes();
  }
  /// `value` zeros and a one.
  void put_unary(std::uint64_t value) {
    for (; value >= 32; value -= 32) put(0, 32);
    put(std::uint64_t{1} << value, static_cast<int>(value) + 1);
  }
  /// The bytes; the last one is filled with zeros.
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

/// Beyond the end there are zeros, which `passed_end` tells.
class BitReader {
 public:
  explicit BitReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::uint64_t take(int bits) {
    if (bits > 32) {
      const std::uint64_t low = take(32);
      return low | take(bits - 32) << 32;
    }
    if (count_ < bits) fill();
    const std::uint64_t value = held_ & ((std::uint64_t{1} << bits) - 1);
    drop(bits);
    return value;
  }
  /// The number of zeros before a one, which is taken too.
  std::uint64_t take_unary() {
    for (std::uint64_t zeros = 0;; fill()) {
      if (held_ != 0) {
        const int more = std::countr_zero(held_);
        drop(more + 1);
        return zeros + static_cast<std::uint64_t>(more);
      }
      zeros += static_cast<std::uint64_t>(count_);
      drop(count_);
      if (passed_end() || zeros > 8 * bytes_.size()) return zeros;
    }
  }

  bool passed_end() const { return static_cast<std::ptrdiff_t>(8 * bytes_.size()) < taken(); }
  /// Whether less than a byte is left, and all of it zeros.
  bool ended_well() const {
    const std::ptrdiff_t left = static_cast<std::ptrdiff_t>(8 * bytes_.size()) - taken();
    return left >= 0 && left < 8 && held_ == 0;
  }

 private:
  void drop(int bits) {
    held_ >>= bits;
    count_ -= bits;
  }
  std::ptrdiff_t taken() const { return static_cast<std::ptrdiff_t>(8 * at_) - count_; }
  void fill() {
    while (count_ <= 32) {
      const std::uint64_t next =
          at_ < bytes_.size() ? std::to_integer<std::uint64_t>(bytes_[at_]) : 0;
      ++at_;
      held_ |= next << count_;
      count_ += 8;
    }
  }

  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  std::uint64_t held_ = 0;
  int count_ = 0;
};

}  // namespace kinema::codec
