// Entropy coding by range asymmetric numeral systems (Duda, arXiv:1311.2540), with 32-bit states
// and 16-bit words. Four states take turns, so that one's arithmetic hides the others'.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kinema::codec {

/// Frequencies of a table's symbols add up to 1 << rans_bits.
inline constexpr int rans_bits = 14;
inline constexpr std::uint32_t rans_total = 1U << rans_bits;
inline constexpr int rans_states = 4;

/// A symbol's share of [0, rans_total).
struct RansShare {
  std::uint16_t first = 0, count = 0;
};

/// Takes symbols in the reverse of the order in which they will be read.
class RansEncoder {
 public:
  /// `position` is that of the symbol in reading order; it chooses the state.
  void put(RansShare share, std::size_t position) {
    std::uint32_t& x = states_[position % rans_states];
    if (x >= std::uint64_t{share.count} << (32 - rans_bits)) {
      words_.push_back(static_cast<std::uint16_t>(x));
      x >>= 16;
    }
    x = (x / share.count << rans_bits) + x % share.count + share.first;
  }

  /// States and words in reading order.
  std::vector<std::uint16_t> finish() {
    for (std::size_t i = rans_states; i-- > 0;) {
      words_.push_back(static_cast<std::uint16_t>(states_[i]));
      words_.push_back(static_cast<std::uint16_t>(states_[i] >> 16));
    }
    return {words_.rbegin(), words_.rend()};
  }

 private:
  static constexpr std::uint32_t lowest = 1U << 16;
  std::array<std::uint32_t, rans_states> states_ = {lowest, lowest, lowest, lowest};
  std::vector<std::uint16_t> words_;
};

class RansDecoder {
 public:
  /// `words` as `finish` gave them; missing ones read as zeros, and `ended_well` tells.
  explicit RansDecoder(std::span<const std::byte> words) : words_(words) {
    for (std::uint32_t& state : states_) {
      state = next() << 16;
      state |= next();
    }
  }

  /// Where in [0, rans_total) the next symbol lies.
  std::uint32_t place(std::size_t position) const {
    return states_[position % rans_states] & (rans_total - 1);
  }
  void take(RansShare share, std::size_t position) {
    std::uint32_t& x = states_[position % rans_states];
    x = share.count * (x >> rans_bits) + (x & (rans_total - 1)) - share.first;
    if (x < 1U << 16) x = x << 16 | next();
  }

  /// Whether all words were read, and the states are those that the encoder began with.
  bool ended_well() const {
    for (const std::uint32_t state : states_) {
      if (state != 1U << 16) return false;
    }
    return at_ == words_.size();
  }

 private:
  std::uint32_t next() {
    const std::size_t at = at_;
    at_ += 2;
    if (at_ > words_.size()) return 0;
    return std::to_integer<std::uint32_t>(words_[at]) |
           std::to_integer<std::uint32_t>(words_[at + 1]) << 8;
  }

  std::span<const std::byte> words_;
  std::size_t at_ = 0;
  std::array<std::uint32_t, rans_states> states_{};
};

}  // namespace kinema::codec
