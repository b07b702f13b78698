// Decoding rows of a plane whose pixels are all coded alike. Each pixel waits for the one before
// it: what can be known earlier is, and what follows takes as few steps as it can.
#pragma once

#include "kinema/codec/plane_bits.h"
#include "kinema/codec/plane_model.h"

namespace kinema::codec::plane {

/// Shares of symbols as a decoder looks them up. Where a level's own table codes residuals of the
/// prediction rounded to a whole step, and that lies a step higher, its symbols do, too.
struct alignas(128) SymbolTable {
  static constexpr int symbols = residual_symbols + 1;
  std::array<std::uint16_t, symbols + 1>
      starts{};                           // of each symbol's share; the last is rans_total
  std::array<std::uint8_t, 256> first{};  // of each 256th of [0, rans_total)

  int symbol_at(std::uint32_t place) const {
    int symbol = first[place >> (rans_bits - 8)];
    while (place >= starts[static_cast<std::size_t>(symbol) + 1]) ++symbol;
    return symbol;
  }
};

/// Symbols of a band, in the order in which they were coded; missing words read as zeros.
class SymbolReader {
 public:
  /// No more than `longest_row` words are taken from one row to the next.
  SymbolReader(std::span<const std::byte> words, Index longest_row);
  bool ended_well() const;

 private:
  friend class RowDecoder;

  std::vector<std::uint16_t> words_;  // and zeros for a row behind them
  std::size_t at_ = 0, count_ = 0;
  std::array<std::uint32_t, rans_states> states_{};  // the first is the next symbol's
};

class RowDecoder {
 public:
  explicit RowDecoder(const Header& header);
  /// Whether the header's numbers are so small that no prediction leaves 32 bits.
  static bool takes(const Header& header);

  /// One row: `sums` (width) of the weighted neighbours above it, `row` and `magnitudes` with their
  /// sides, `above` and `higher` the magnitudes above. Throws InputError where the bytes are
  /// damaged.
  void decode(Index y,
              Index width,
              const std::uint32_t* sums,
              const std::int32_t* above,
              const std::int32_t* higher,
              std::int32_t* row,
              std::int32_t* magnitudes,
              std::int32_t* values,
              SymbolReader& symbols,
              BitReader& bits);

 private:
  struct Pixel {
    std::int32_t number, magnitude;
  };
  Pixel rare_pixel(std::size_t level,
                   int symbol,
                   std::int64_t place,
                   std::int64_t predicted,
                   BitReader& bits) const;
  std::int64_t shifted_place(std::int64_t predicted, std::int32_t shift) const;
  void look_above(Index width,
                  const std::uint32_t* sums,
                  const std::int32_t* above,
                  const std::int32_t* higher);

  const Header& header_;
  std::vector<SymbolTable> tables_;  // (level, phase)
  std::array<std::int32_t, levels> shifts_{};
  std::vector<std::uint32_t> busy_, sums_;  // what rows above add to activities and to predictions
};

}  // namespace kinema::codec::plane
