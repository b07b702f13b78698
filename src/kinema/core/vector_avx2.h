// A vector of pixels, masked, and sums of its even and odd pixels: AVX2.
#pragma once

#include <cstdint>
#include <immintrin.h>

namespace kinema::core::KINEMA_SIMD_NAME {
namespace {

using Vector = __m256i;
constexpr int vector_bytes = 32;
constexpr std::int64_t words_at_once = 4;  // 64-pixel words whose sums stay in registers

inline Vector zero() {
  return _mm256_setzero_si256();
}
inline Vector load(const void* at) {
  return _mm256_loadu_si256(static_cast<const Vector*>(at));
}
inline void store(void* at, Vector v) {
  _mm256_storeu_si256(static_cast<Vector*>(at), v);
}
template <int bytes>
Vector add(Vector a, Vector b) {
  if constexpr (bytes == 2)
    return _mm256_add_epi16(a, b);
  else
    return _mm256_add_epi32(a, b);
}
inline Vector add_float(Vector a, Vector b) {
  return _mm256_castps_si256(_mm256_add_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b)));
}
/// All-ones lanes where the mask bit is set.
template <int bytes>
Vector lanes_of(std::uint64_t bits) {
  if constexpr (bytes == 1) {
    const Vector spread = _mm256_shuffle_epi8(
        _mm256_set1_epi32(static_cast<int>(bits)),
        _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303));
    const Vector one_bit = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201U));
    return _mm256_cmpeq_epi8(_mm256_and_si256(spread, one_bit), one_bit);
  } else if constexpr (bytes == 2) {
    const Vector one_bit = _mm256_setr_epi16(1,
                                             2,
                                             4,
                                             8,
                                             16,
                                             32,
                                             64,
                                             128,
                                             256,
                                             512,
                                             1024,
                                             2048,
                                             4096,
                                             8192,
                                             16384,
                                             static_cast<short>(0x8000));
    const Vector spread = _mm256_set1_epi16(static_cast<short>(bits));
    return _mm256_cmpeq_epi16(_mm256_and_si256(spread, one_bit), one_bit);
  } else {
    const Vector one_bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    const Vector spread = _mm256_set1_epi32(static_cast<int>(bits));
    return _mm256_cmpeq_epi32(_mm256_and_si256(spread, one_bit), one_bit);
  }
}
/// Pixels of `bytes` each whose mask bit is set, zero elsewhere. Reads the whole vector.
template <int bytes>
Vector masked(const void* at, std::uint64_t bits) {
  return _mm256_and_si256(load(at), lanes_of<bytes>(bits));
}
template <int half_bits, bool is_signed>
Vector odd_half(Vector v) {
  if constexpr (half_bits == 8)
    return is_signed ? _mm256_srai_epi16(v, 8) : _mm256_srli_epi16(v, 8);
  else
    return is_signed ? _mm256_srai_epi32(v, 16) : _mm256_srli_epi32(v, 16);
}
template <int half_bits>
Vector shifted_up(Vector v) {
  if constexpr (half_bits == 8)
    return _mm256_slli_epi16(v, 8);
  else
    return _mm256_slli_epi32(v, 16);
}
template <int half_bits>
Vector minus(Vector a, Vector b) {
  if constexpr (half_bits == 8)
    return _mm256_sub_epi16(a, b);
  else
    return _mm256_sub_epi32(a, b);
}
template <int half_bits>
void interleave(Vector even, Vector odd, Vector& first, Vector& second) {
  Vector low, high;
  if constexpr (half_bits == 8) {
    low = _mm256_unpacklo_epi16(even, odd);
    high = _mm256_unpackhi_epi16(even, odd);
  } else {
    low = _mm256_unpacklo_epi32(even, odd);
    high = _mm256_unpackhi_epi32(even, odd);
  }
  first = _mm256_permute2x128_si256(low, high, 0x20);
  second = _mm256_permute2x128_si256(low, high, 0x31);
}

}  // namespace
}  // namespace kinema::core::KINEMA_SIMD_NAME
