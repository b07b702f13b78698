// The inner loops of the coder of planes where all pixels of a plane are coded alike, for each
// kernel family. A pixel becomes a token: its level of activity and how far it lies from its
// prediction. Plain pointers alone: code that is compiled for one instruction set must share no
// inline function with the rest.
#pragma once

#include "kinema/base/cpu.h"

#include <cstddef>
#include <cstdint>

namespace kinema::codec {

/// A token is level << token_bits | code. With d = 8 value - prediction in eighths of a (shortened)
/// step, the code is d + code_middle where the residual is within the tables, else the first code
/// beyond plus the phase of the prediction.
inline constexpr int token_bits = 9;
inline constexpr std::int32_t codes = 1 << token_bits, code_middle = 255, first_far = 504;
inline constexpr int token_rows = 4;  // a row and those above it that it is predicted from

/// A pixel that lies beyond some table, or nearly so.
struct FarPixel {
  std::uint32_t position;  // among the band's pixels
  std::int32_t eighths;    // d
};

/// Magnitudes of the residuals of a row, even and odd columns apart; zero left of the row.
struct SplitRow {
  std::int32_t* even;
  std::int32_t* odd;
};

/// One row to be turned into tokens. Numbers are without the header's base.
struct TokenRow {
  const void* rows[token_rows];  // at column 0: the row and the three above it, with their sides
  bool narrow;                   // rows are of int16, else of int32
  std::ptrdiff_t width;
  const std::int32_t* weights;  // 18 of each tile of 128 columns
  int drop;                     // bits of a weighted sum below an eighth of a step
  std::int32_t lowest, highest, base;
  SplitRow magnitudes[3];      // of the row, to be filled, and of the two above it
  std::uint16_t* tokens;       // null: magnitudes alone
  const std::int32_t* shifts;  // of the 32 levels; null: none is shortened
  std::uint32_t first;         // position of column 0
  FarPixel* far;               // room for the width
};

/// Sums over columns of products of two rows, the second moved by `first` to `last` columns.
struct RowProducts {
  int a, b, first, last;
};
inline constexpr RowProducts row_products[] = {{0, 0, 0, 3},
                                               {0, 1, -3, 6},
                                               {0, 2, -2, 5},
                                               {0, 3, -1, 4},
                                               {1, 1, 0, 6},
                                               {1, 2, -5, 5},
                                               {1, 3, -4, 4},
                                               {2, 2, 0, 4},
                                               {2, 3, -3, 3},
                                               {3, 3, 0, 2}};
inline constexpr int product_count = 70, product_edge = 4;
inline constexpr std::int32_t most_multiplied = 4095;  // magnitude of numbers whose sums fit

/// Of each entry of row_products and each move: sum_x a[x] b[x + move] for x in [0, width), in
/// parts that add up to it, and the products at the columns around both ends, [-edge, edge) and
/// width + [-edge, edge). Samples of up to 16 rows add to them.
struct TileProducts {
  std::int32_t parts[product_count][16] = {};
  std::int32_t left[product_count][2 * product_edge] = {};
  std::int32_t right[product_count][2 * product_edge] = {};
};

/// What a code's share of a table comes to when it is coded: a state x above `limit` gives a word
/// away, then x becomes x + start + (x / count) rest, and x / count is the higher half of
/// x reciprocal.
struct TokenShare {
  std::uint32_t limit = 0;
  std::uint16_t start = 0, rest = 0;
};
/// By tokens.
struct TokenShares {
  const std::uint64_t* reciprocals;
  const TokenShare* shares;
};

/// Sum and extremes of some numbers.
struct NumberRange {
  std::int64_t sum = 0;
  std::int32_t low = INT32_MAX, high = INT32_MIN;
};

struct TokenKernels {
  NumberRange (*range)(const std::int32_t* values, std::ptrdiff_t count);
  /// Fills tokens and far pixels; returns how many of these there are.
  std::ptrdiff_t (*tokens)(const TokenRow& row);
  /// out[x] = values[x] - base, as int16 or int32.
  void (*centre)(
      const std::int32_t* values, std::ptrdiff_t width, std::int32_t base, bool narrow, void* out);
  /// Adds the products of four rows of int16, up to 128 wide, with 8 columns before the first one
  /// and 136 behind it in memory.
  void (*multiply)(const std::int16_t* const* rows, std::ptrdiff_t width, TileProducts& products);
  /// ++times[token] or ++more_times[token].
  void (*count)(const std::uint16_t* tokens,
                std::ptrdiff_t count,
                std::uint32_t* times,
                std::uint32_t* more_times);
  /// The first token from `first` on that is at least `least`, else `count`.
  std::ptrdiff_t (*find)(const std::uint16_t* tokens,
                         std::ptrdiff_t first,
                         std::ptrdiff_t count,
                         std::uint16_t least);
  /// Codes tokens, the last one first; words end before `end`. Returns the first of them.
  std::uint16_t* (*code)(const std::uint16_t* tokens,
                         std::ptrdiff_t count,
                         const TokenShares& shares,
                         std::uint16_t* end);
};

namespace avx2 {
TokenKernels token_kernels();
}
namespace avx512 {
TokenKernels token_kernels();
}

}  // namespace kinema::codec
