// A vector of pixels, masked, and sums of its even and odd pixels: AVX-512.
#pragma once

#include <cstdint>
#include <immintrin.h>

namespace kinema::core::KINEMA_SIMD_NAME {
namespace {

using Vector = __m512i;
constexpr int vector_bytes = 64;
constexpr std::int64_t words_at_once = 4;  // 64-pixel words whose sums stay in registers

inline Vector zero() {
  return _mm512_setzero_si512();
}
inline Vector load(const void* at) {
  return _mm512_loadu_si512(at);
}
inline void store(void* at, Vector v) {
  _mm512_storeu_si512(at, v);
}
template <int bytes>
Vector add(Vector a, Vector b) {
  if constexpr (bytes == 2)
    return _mm512_add_epi16(a, b);
  else
    return _mm512_add_epi32(a, b);
}
inline Vector add_float(Vector a, Vector b) {
  return _mm512_castps_si512(_mm512_add_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b)));
}
/// Pixels of `bytes` each whose mask bit is set, zero elsewhere. Reads the whole vector: loading
/// and then masking is faster than a masked load of bytes.
template <int bytes>
Vector masked(const void* at, std::uint64_t bits) {
  if constexpr (bytes == 1)
    return _mm512_maskz_mov_epi8(bits, load(at));
  else if constexpr (bytes == 2)
    return _mm512_maskz_mov_epi16(static_cast<__mmask32>(bits), load(at));
  else
    return _mm512_maskz_mov_epi32(static_cast<__mmask16>(bits), load(at));
}
template <int half_bits, bool is_signed>
Vector odd_half(Vector v) {
  if constexpr (half_bits == 8)
    return is_signed ? _mm512_srai_epi16(v, 8) : _mm512_srli_epi16(v, 8);
  else
    return is_signed ? _mm512_srai_epi32(v, 16) : _mm512_srli_epi32(v, 16);
}
template <int half_bits>
Vector shifted_up(Vector v) {
  if constexpr (half_bits == 8)
    return _mm512_slli_epi16(v, 8);
  else
    return _mm512_slli_epi32(v, 16);
}
template <int half_bits>
Vector minus(Vector a, Vector b) {
  if constexpr (half_bits == 8)
    return _mm512_sub_epi16(a, b);
  else
    return _mm512_sub_epi32(a, b);
}
template <int half_bits>
void interleave(Vector even, Vector odd, Vector& first, Vector& second) {
  Vector low, high;
  if constexpr (half_bits == 8) {
    low = _mm512_unpacklo_epi16(even, odd);
    high = _mm512_unpackhi_epi16(even, odd);
  } else {
    low = _mm512_unpacklo_epi32(even, odd);
    high = _mm512_unpackhi_epi32(even, odd);
  }
  first = _mm512_permutex2var_epi64(low, _mm512_set_epi64(11, 10, 3, 2, 9, 8, 1, 0), high);
  second = _mm512_permutex2var_epi64(low, _mm512_set_epi64(15, 14, 7, 6, 13, 12, 5, 4), high);
}

}  // namespace
}  // namespace kinema::core::KINEMA_SIMD_NAME
