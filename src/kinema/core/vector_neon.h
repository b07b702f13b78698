// A vector of pixels, masked, and sums of its even and odd pixels: NEON.
#pragma once

#include <arm_neon.h>
#include <cstdint>

namespace kinema::core::KINEMA_SIMD_NAME {
namespace {

using Vector = uint8x16_t;
constexpr int vector_bytes = 16;
constexpr std::int64_t words_at_once = 1;  // 64-pixel words whose sums stay in registers

inline Vector zero() {
  return vdupq_n_u8(0);
}
inline Vector load(const void* at) {
  return vld1q_u8(static_cast<const std::uint8_t*>(at));
}
inline void store(void* at, Vector v) {
  vst1q_u8(static_cast<std::uint8_t*>(at), v);
}
inline uint16x8_t as_u16(Vector v) {
  return vreinterpretq_u16_u8(v);
}
inline uint32x4_t as_u32(Vector v) {
  return vreinterpretq_u32_u8(v);
}
inline Vector from(uint16x8_t v) {
  return vreinterpretq_u8_u16(v);
}
inline Vector from(uint32x4_t v) {
  return vreinterpretq_u8_u32(v);
}
template <int bytes>
Vector add(Vector a, Vector b) {
  if constexpr (bytes == 2)
    return from(vaddq_u16(as_u16(a), as_u16(b)));
  else
    return from(vaddq_u32(as_u32(a), as_u32(b)));
}
inline Vector add_float(Vector a, Vector b) {
  return vreinterpretq_u8_f32(vaddq_f32(vreinterpretq_f32_u8(a), vreinterpretq_f32_u8(b)));
}
/// All-ones lanes where the mask bit is set.
template <int bytes>
Vector lanes_of(std::uint64_t bits) {
  if constexpr (bytes == 1) {
    const uint8x16_t one_bit = vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201U));
    const uint8x16_t spread = vcombine_u8(vdup_n_u8(static_cast<std::uint8_t>(bits)),
                                          vdup_n_u8(static_cast<std::uint8_t>(bits >> 8)));
    return vtstq_u8(spread, one_bit);
  } else if constexpr (bytes == 2) {
    const uint16x8_t one_bit = {1, 2, 4, 8, 16, 32, 64, 128};
    return from(vtstq_u16(vdupq_n_u16(static_cast<std::uint16_t>(bits)), one_bit));
  } else {
    const uint32x4_t one_bit = {1, 2, 4, 8};
    return from(vtstq_u32(vdupq_n_u32(static_cast<std::uint32_t>(bits)), one_bit));
  }
}
/// Pixels of `bytes` each whose mask bit is set, zero elsewhere. Reads the whole vector.
template <int bytes>
Vector masked(const void* at, std::uint64_t bits) {
  return vandq_u8(load(at), lanes_of<bytes>(bits));
}
template <int half_bits, bool is_signed>
Vector odd_half(Vector v) {
  if constexpr (half_bits == 8 && is_signed)
    return from(vreinterpretq_u16_s16(vshrq_n_s16(vreinterpretq_s16_u8(v), 8)));
  else if constexpr (half_bits == 8)
    return from(vshrq_n_u16(as_u16(v), 8));
  else if constexpr (is_signed)
    return from(vreinterpretq_u32_s32(vshrq_n_s32(vreinterpretq_s32_u8(v), 16)));
  else
    return from(vshrq_n_u32(as_u32(v), 16));
}
template <int half_bits>
Vector shifted_up(Vector v) {
  if constexpr (half_bits == 8)
    return from(vshlq_n_u16(as_u16(v), 8));
  else
    return from(vshlq_n_u32(as_u32(v), 16));
}
template <int half_bits>
Vector minus(Vector a, Vector b) {
  if constexpr (half_bits == 8)
    return from(vsubq_u16(as_u16(a), as_u16(b)));
  else
    return from(vsubq_u32(as_u32(a), as_u32(b)));
}
template <int half_bits>
void interleave(Vector even, Vector odd, Vector& first, Vector& second) {
  if constexpr (half_bits == 8) {
    const uint16x8x2_t both = vzipq_u16(as_u16(even), as_u16(odd));
    first = from(both.val[0]);
    second = from(both.val[1]);
  } else {
    const uint32x4x2_t both = vzipq_u32(as_u32(even), as_u32(odd));
    first = from(both.val[0]);
    second = from(both.val[1]);
  }
}

}  // namespace
}  // namespace kinema::core::KINEMA_SIMD_NAME
