// Vectors of even and of odd columns: two columns of int16 lie in one lane of 32 bits, so products
// of neighbouring pixels with their weights add up where the pixel's lane is, and tokens of 16 bits
// come out side by side.
#include "kinema/codec/plane_token_kernel.h"

#if defined(__AVX2__)
#include <cstring>
#include <immintrin.h>
#include <utility>

namespace kinema::codec::KINEMA_SIMD_NAME {
namespace {

#if defined(__AVX512BW__)
constexpr int vector_bytes = 64;
#else
constexpr int vector_bytes = 32;
#endif
constexpr int lanes = vector_bytes / 4, columns = 2 * lanes;
constexpr std::ptrdiff_t tile_width = 128;
constexpr int weight_count = 18;

using Ints = std::int32_t __attribute__((vector_size(vector_bytes)));
using Words = std::uint32_t __attribute__((vector_size(vector_bytes)));
using Floats = float __attribute__((vector_size(vector_bytes)));

#if defined(__AVX512BW__)
Ints multiplied_pairs(Ints a, Ints b) {
  return reinterpret_cast<Ints>(
      _mm512_madd_epi16(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
}
std::uint32_t signs(Ints v) {
  return _mm512_movepi32_mask(reinterpret_cast<__m512i>(v));
}
/// Entries of a table of 32.
Ints looked_up(const std::int32_t* table, Ints at) {
  return reinterpret_cast<Ints>(_mm512_permutex2var_epi32(
      _mm512_loadu_si512(table), reinterpret_cast<__m512i>(at), _mm512_loadu_si512(table + 16)));
}
#else
Ints multiplied_pairs(Ints a, Ints b) {
  return reinterpret_cast<Ints>(
      _mm256_madd_epi16(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
}
std::uint32_t signs(Ints v) {
  return static_cast<std::uint32_t>(_mm256_movemask_ps(reinterpret_cast<__m256>(v)));
}
Ints looked_up(const std::int32_t* table, Ints at) {
  return reinterpret_cast<Ints>(_mm256_i32gather_epi32(table, reinterpret_cast<__m256i>(at), 4));
}
#endif

Ints load(const void* at) {
  Ints v;
  std::memcpy(&v, at, sizeof v);
  return v;
}
void store(void* at, Ints v) {
  std::memcpy(at, &v, sizeof v);
}
Ints all(std::int32_t value) {
  return Ints{} + value;
}
Words words(Ints v) {
  return reinterpret_cast<Words>(v);
}
Ints ints(Words v) {
  return reinterpret_cast<Ints>(v);
}
Ints lesser(Ints a, Ints b) {
  return a < b ? a : b;
}
Ints greater(Ints a, Ints b) {
  return a > b ? a : b;
}

struct Split {
  Ints even, odd;
};

// ---- weighing neighbours ------------------------------------------------------------------------
/// Rows of int16: neighbours in pairs, the second of a pair one column to the right.
struct Narrow {
  using Number = std::int16_t;
  struct Pair {
    int up, right, first, second;  // which weights; none is the 19th, a zero
  };
  static constexpr Pair pairs[] = {{0, -3, 2, 1},
                                   {0, -1, 0, 18},
                                   {1, -3, 3, 4},
                                   {1, -1, 5, 6},
                                   {1, 1, 7, 8},
                                   {1, 3, 9, 18},
                                   {2, -2, 10, 11},
                                   {2, 0, 12, 13},
                                   {2, 2, 14, 18},
                                   {3, -1, 15, 16},
                                   {3, 1, 17, 18}};
  static constexpr int pair_count = sizeof pairs / sizeof pairs[0];

  explicit Narrow(const std::int32_t* weights) {
    const auto half = [&](int i) {
      return i == weight_count ? 0U : static_cast<std::uint32_t>(weights[i]) & 0xFFFFU;
    };
    for (int k = 0; k < pair_count; ++k) {
      pair_weights[k] =
          all(static_cast<std::int32_t>(half(pairs[k].first) | half(pairs[k].second) << 16));
    }
  }
  static Split numbers(const Number* at) {
    const Ints both = load(at);
    return {(both << 16) >> 16, both >> 16};
  }
  Split weighed(const Number* const* rows, std::ptrdiff_t x, std::int32_t start) const {
    Words even = words(all(start)), odd = even;
#pragma GCC unroll 11
    for (int k = 0; k < pair_count; ++k) {
      const Number* at = rows[pairs[k].up] + x + pairs[k].right;
      even += words(multiplied_pairs(load(at), pair_weights[k]));
      odd += words(multiplied_pairs(load(at + 1), pair_weights[k]));
    }
    return {ints(even), ints(odd)};
  }

  Ints pair_weights[pair_count];
};

/// Rows of int32, weighed modulo 2^32.
struct Wide {
  using Number = std::int32_t;
  static constexpr int ups[weight_count] = {0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3};
  static constexpr int rights[weight_count] = {
      -1, -2, -3, -3, -2, -1, 0, 1, 2, 3, -2, -1, 0, 1, 2, -1, 0, 1};

  explicit Wide(const std::int32_t* given) : weights(given) {}
  template <std::size_t... at>
  static Split split(Ints low, Ints high, std::index_sequence<at...>) {
    return {__builtin_shufflevector(low, high, (2 * at)...),
            __builtin_shufflevector(low, high, (2 * at + 1)...)};
  }
  static Split split(Ints low, Ints high) {
    return split(low, high, std::make_index_sequence<lanes>{});
  }
  static Split numbers(const Number* at) { return split(load(at), load(at + lanes)); }
  Split weighed(const Number* const* rows, std::ptrdiff_t x, std::int32_t start) const {
    Words low = words(all(start)), high = low;
    for (int j = 0; j < weight_count; ++j) {
      const Number* at = rows[ups[j]] + x + rights[j];
      const auto weight = static_cast<std::uint32_t>(weights[j]);
      low += words(load(at)) * weight;
      high += words(load(at + lanes)) * weight;
    }
    return split(ints(low), ints(high));
  }

  const std::int32_t* weights;
};

// ---- from distances to tokens -------------------------------------------------------------------
/// d of a tile's columns, even and odd apart.
struct Distances {
  std::int32_t even[tile_width / 2], odd[tile_width / 2];
};

template <class Numbers>
void find_distances(const TokenRow& row, std::ptrdiff_t first, std::ptrdiff_t last, Distances& d) {
  const Numbers numbers(row.weights + first / tile_width * weight_count);
  const typename Numbers::Number* rows[token_rows];
  for (int up = 0; up < token_rows; ++up) {
    rows[up] = static_cast<const typename Numbers::Number*>(row.rows[up]);
  }
  const Ints lowest = all(row.lowest), highest = all(row.highest), most = all(1 << 24);
  const auto distance = [&](Ints number, Ints sum) {
    return 8 * number - lesser(greater(sum >> row.drop, lowest), highest);
  };
  for (std::ptrdiff_t x = first; x < last; x += columns) {
    const Split sum = numbers.weighed(rows, x, (1 << row.drop) >> 1);
    const Split number = Numbers::numbers(rows[0] + x);
    const Ints even = distance(number.even, sum.even), odd = distance(number.odd, sum.odd);
    store(d.even + (x - first) / 2, even);
    store(d.odd + (x - first) / 2, odd);
    store(row.magnitudes[0].even + x / 2, lesser(greater(even, -even), most));
    store(row.magnitudes[0].odd + x / 2, lesser(greater(odd, -odd), most));
  }
}

/// Half octaves of the activity; beyond 2^20 all is of the last level.
Ints level_of(Ints activity) {
  const Floats number = __builtin_convertvector(lesser(activity + 4, all(1 << 20)), Floats);
  return lesser(reinterpret_cast<Ints>(number) >> 22, all(258 + 31)) - 258;
}

/// Levels of columns x, x + 2, ... and x + 1, x + 3, ...
Split levels_of(const TokenRow& row, std::ptrdiff_t half) {
  const auto [here, above, higher] = row.magnitudes;
  const Ints odd_before = load(here.odd + half - 1);
  const Ints even_above = load(above.even + half), odd_above = load(above.odd + half);
  const Ints even = 2 * (odd_before + even_above) + load(here.even + half - 1) +
                    load(above.odd + half - 1) + odd_above + load(higher.even + half);
  const Ints odd = 2 * (load(here.even + half) + odd_above) + odd_before + even_above +
                   load(above.even + half + 1) + load(higher.odd + half);
  return {level_of(even), level_of(odd)};
}

/// The distance of shortened numbers: both number and prediction lose their lowest bits.
Ints shortened(Ints distance, Ints number, Ints level, const std::int32_t* shifts) {
  const Ints shift = looked_up(shifts, level);
  const Ints predicted = 8 * number - distance;
  return 8 * (number >> shift) - ((predicted + 4 - (all(4) << shift)) >> shift);
}

Ints token_of(Ints level, Ints distance) {
  const Ints code = distance + code_middle;
  const Ints far = (-distance & 7) | first_far;
  return (words(code) < Words{} + first_far ? code : far) | level << token_bits;
}

/// Bit i is set where the distance of lane i is at the table's end or beyond.
std::uint32_t far_lanes(Ints distance) {
  return signs(words(distance + 251) > Words{} + 499U);
}

template <class Numbers, bool is_shortened>
std::ptrdiff_t find_tokens(
    const TokenRow& row, std::ptrdiff_t first, std::ptrdiff_t last, Distances& d, FarPixel* far) {
  std::ptrdiff_t found = 0;
  for (std::ptrdiff_t x = first; x < last; x += columns) {
    const std::ptrdiff_t at = (x - first) / 2;
    const Split level = levels_of(row, x / 2);
    Split distance = {load(d.even + at), load(d.odd + at)};
    if constexpr (is_shortened) {
      const Split number =
          Numbers::numbers(static_cast<const typename Numbers::Number*>(row.rows[0]) + x);
      distance = {shortened(distance.even, number.even + row.base, level.even, row.shifts),
                  shortened(distance.odd, number.odd + row.base, level.odd, row.shifts)};
      store(d.even + at, distance.even);
      store(d.odd + at, distance.odd);
    }
    store(row.tokens + x,
          token_of(level.even, distance.even) | token_of(level.odd, distance.odd) << 16);
    const std::uint32_t even = far_lanes(distance.even), odd = far_lanes(distance.odd);
    if ((even | odd) == 0) continue;
    std::uint32_t bits = _pdep_u32(even, 0x55555555U) | _pdep_u32(odd, 0xAAAAAAAAU);
    for (; bits != 0; bits &= bits - 1) {
      const int column = __builtin_ctz(bits);
      if (x + column >= row.width) break;
      const std::int32_t* half = column % 2 == 0 ? d.even : d.odd;
      far[found++] = {row.first + static_cast<std::uint32_t>(x + column), half[at + column / 2]};
    }
  }
  return found;
}

template <class Numbers>
std::ptrdiff_t tokens_of(const TokenRow& row) {
  Distances d;
  std::ptrdiff_t found = 0;
  for (std::ptrdiff_t x = 0; x < row.width; x += tile_width) {
    const std::ptrdiff_t last = x + tile_width < row.width ? x + tile_width : row.width;
    find_distances<Numbers>(row, x, last, d);
    if (row.tokens == nullptr) continue;
    found += row.shifts == nullptr ? find_tokens<Numbers, false>(row, x, last, d, row.far + found)
                                   : find_tokens<Numbers, true>(row, x, last, d, row.far + found);
  }
  return found;
}

std::ptrdiff_t tokens(const TokenRow& row) {
  return row.narrow ? tokens_of<Narrow>(row) : tokens_of<Wide>(row);
}

NumberRange range(const std::int32_t* values, std::ptrdiff_t count) {
  NumberRange range;
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    range.sum += values[i];
    range.low = range.low < values[i] ? range.low : values[i];
    range.high = range.high > values[i] ? range.high : values[i];
  }
  return range;
}

void centre(
    const std::int32_t* values, std::ptrdiff_t width, std::int32_t base, bool narrow, void* out) {
  if (narrow) {
    auto* numbers = static_cast<std::int16_t*>(out);
    for (std::ptrdiff_t x = 0; x < width; ++x) {
      numbers[x] = static_cast<std::int16_t>(values[x] - base);
    }
  } else {
    auto* numbers = static_cast<std::int32_t*>(out);
    for (std::ptrdiff_t x = 0; x < width; ++x) numbers[x] = values[x] - base;
  }
}

// ---- sums of products ---------------------------------------------------------------------------
void multiply_edges(const std::int16_t* a, const std::int16_t* b, std::int32_t* sums) {
  for (int i = 0; i < 2 * product_edge; ++i) {
    sums[i] += std::int32_t{a[i - product_edge]} * b[i - product_edge];
  }
}

void multiply(const std::int16_t* const* rows, std::ptrdiff_t width, TileProducts& products) {
  constexpr int parts = tile_width / columns;
  int n = 0, row = -1;
  Ints a[parts] = {};
  for (const RowProducts& pair : row_products) {
    if (pair.a != row) {
      std::int16_t within[tile_width] = {};
      std::memcpy(within, rows[pair.a], static_cast<std::size_t>(width) * 2);
      for (int i = 0; i < parts; ++i) a[i] = load(within + i * columns);
      row = pair.a;
    }
    for (int move = pair.first; move <= pair.last; ++move, ++n) {
      const std::int16_t* b = rows[pair.b] + move;
      Ints sum = load(products.parts[n]);
      for (int i = 0; i < parts; ++i) sum += multiplied_pairs(a[i], load(b + i * columns));
      store(products.parts[n], sum);
      multiply_edges(rows[pair.a], b, products.left[n]);
      multiply_edges(rows[pair.a] + width, b + width, products.right[n]);
    }
  }
}

// ---- entropy coding -----------------------------------------------------------------------------
/// Tokens in a row often are alike: two tables take turns, so that none waits for its own last sum.
void count(const std::uint16_t* tokens,
           std::ptrdiff_t length,
           std::uint32_t* times,
           std::uint32_t* more_times) {
  std::ptrdiff_t i = 0;
  for (; i + 4 <= length; i += 4) {
    std::uint64_t four = 0;
    std::memcpy(&four, tokens + i, sizeof four);
    ++times[four & 0xFFFF];
    ++more_times[four >> 16 & 0xFFFF];
    ++times[four >> 32 & 0xFFFF];
    ++more_times[four >> 48];
  }
  for (; i < length; ++i) ++times[tokens[i]];
}

std::ptrdiff_t find(const std::uint16_t* tokens,
                    std::ptrdiff_t first,
                    std::ptrdiff_t count,
                    std::uint16_t least) {
  constexpr std::ptrdiff_t at_once = 128;
  std::ptrdiff_t i = first;
  for (; i + at_once <= count; i += at_once) {
    std::uint16_t most = 0;
    for (int k = 0; k < at_once; ++k) most = tokens[i + k] > most ? tokens[i + k] : most;
    if (most >= least) break;
  }
  while (i < count && tokens[i] < least) ++i;
  return i;
}

/// Range asymmetric numeral systems, as in rans.h, without branches or divisions.
inline void put(std::uint32_t& x,
                std::uint16_t token,
                const TokenShares& shares,
                std::uint16_t*& words) {
  const TokenShare& share = shares.shares[token];
  words[-1] = static_cast<std::uint16_t>(x);
  const std::uint64_t full = x > share.limit ? 1 : 0;
  words -= full;
  x >>= 16 * full;
  const auto quotient = static_cast<std::uint32_t>(
      (static_cast<unsigned __int128>(shares.reciprocals[token]) * x) >> 64);
  x += share.start + quotient * share.rest;
}

std::uint16_t* code(const std::uint16_t* tokens,
                    std::ptrdiff_t length,
                    const TokenShares& shares,
                    std::uint16_t* end) {
  std::uint32_t x[4] = {1U << 16, 1U << 16, 1U << 16, 1U << 16};
  std::uint16_t* words = end;
  std::ptrdiff_t i = length;
  for (; i % 4 != 0; --i) put(x[(i - 1) % 4], tokens[i - 1], shares, words);
  std::uint32_t x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3];
  for (; i > 0; i -= 4) {
    put(x3, tokens[i - 1], shares, words);
    put(x2, tokens[i - 2], shares, words);
    put(x1, tokens[i - 3], shares, words);
    put(x0, tokens[i - 4], shares, words);
  }
  for (const std::uint32_t state : {x3, x2, x1, x0}) {
    *--words = static_cast<std::uint16_t>(state);
    *--words = static_cast<std::uint16_t>(state >> 16);
  }
  return words;
}

}  // namespace

TokenKernels token_kernels() {
  return {range, tokens, centre, multiply, count, find, code};
}

}  // namespace kinema::codec::KINEMA_SIMD_NAME
#endif
