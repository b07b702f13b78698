// Unpacking samples that have no type of their own: 1 to 15 bits, 24 bits, planes, complex numbers
// of integers.
#include "kinema/io/tiff_image.h"

#include <cmath>
#include <cstring>
#include <type_traits>

namespace kinema::io {
namespace {

float float_of_24_bits(std::uint32_t bits) {
  const auto sign = (bits >> 23) & 1U, exponent = (bits >> 16) & 0x7FU, fraction = bits & 0xFFFFU;
  const double fractional = fraction / 65536.0;
  double value = exponent == 0      ? std::ldexp(fractional, -62)
                 : exponent == 0x7F ? (fraction == 0 ? INFINITY : NAN)
                                    : std::ldexp(1.0 + fractional, static_cast<int>(exponent) - 63);
  return static_cast<float>(sign != 0 ? -value : value);
}

/// The number of 24 bits that lies at `at` in this machine's order.
std::uint32_t three_bytes(const std::byte* at) {
  std::uint32_t number = 0;
  std::memcpy(&number, at, 3);
  return number;
}

/// Numbers of 1 to 15 bits, the first in the highest bits of the first byte; where T has a sign,
/// the highest bit of each is its sign.
template <class T>
void unpack_bits(const std::byte* packed, int bits, Index pixels, std::byte* out) {
  std::uint32_t held = 0;
  int held_bits = 0;
  for (Index i = 0; i < pixels; ++i) {
    while (held_bits < bits) {
      held = (held << 8) | std::to_integer<std::uint32_t>(*packed++);
      held_bits += 8;
    }
    held_bits -= bits;
    std::uint32_t bare = (held >> held_bits) & ((1U << bits) - 1);
    if (std::is_signed_v<T> && (bare >> (bits - 1)) != 0) bare |= ~0U << bits;
    const auto number = static_cast<T>(bare);
    std::memcpy(out + i * static_cast<Index>(sizeof number), &number, sizeof number);
  }
}

template <class From, class To>
void convert_pairs(const std::byte* packed, Index pixels, std::byte* out) {
  for (Index i = 0; i < 2 * pixels; ++i) {
    From from;
    std::memcpy(&from, packed + i * static_cast<Index>(sizeof from), sizeof from);
    const auto to = static_cast<To>(from);
    std::memcpy(out + i * static_cast<Index>(sizeof to), &to, sizeof to);
  }
}

void unpack_complex(const TiffImage& image, const std::byte* packed, Index pixels, std::byte* out) {
  if (image.sample_format == tiff_samples::complex_floating)
    return convert_pairs<Half, float>(packed, pixels, out);
  if (image.bits == 16) return convert_pairs<std::int8_t, float>(packed, pixels, out);
  if (image.bits == 32) return convert_pairs<std::int16_t, float>(packed, pixels, out);
  convert_pairs<std::int32_t, double>(packed, pixels, out);
}

void unpack_24_bits(const TiffImage& image, const std::byte* packed, Index pixels, std::byte* out) {
  for (Index i = 0; i < pixels; ++i) {
    const std::uint32_t bits = three_bytes(packed + 3 * i);
    if (image.sample_format == tiff_samples::floating) {
      const float value = float_of_24_bits(bits);
      std::memcpy(out + 4 * i, &value, 4);
    } else {
      const bool negative =
          image.sample_format == tiff_samples::with_sign && (bits & 0x800000U) != 0;
      const std::uint32_t value = negative ? bits | 0xFF000000U : bits;
      std::memcpy(out + 4 * i, &value, 4);
    }
  }
}

/// Bytes of each sample that is handed on as it is; 0 where samples are remade.
Index kept_bytes(const TiffImage& image) {
  const PixelType type = image.format.type;
  const Index each = is_colour(type) ? 1 : bytes_of(type);
  return each * 8 == image.bits ? each : 0;
}

}  // namespace

bool is_stored_plainly(const TiffImage& image) {
  return kept_bytes(image) > 0 &&
         (image.samples == 1 || (is_colour(image.format.type) && !image.planar));
}

void unpack_row(
    const TiffImage& image, Index plane, const std::byte* packed, Index pixels, std::byte* out) {
  if (is_stored_plainly(image)) {
    std::memcpy(out, packed, static_cast<std::size_t>(image.packed_bytes(pixels)));
  } else if (image.samples > 1 && is_colour(image.format.type)) {  // one plane of several
    for (Index i = 0; i < pixels; ++i) out[i * image.samples + plane] = packed[i];
  } else if (image.samples > 1) {  // one sample of several
    const Index each = kept_bytes(image), step = each * image.samples_together();
    if (image.planar && plane != image.sample) return;
    const std::byte* from = packed + (image.planar ? 0 : image.sample * each);
    for (Index i = 0; i < pixels; ++i) {
      std::memcpy(out + i * each, from + i * step, static_cast<std::size_t>(each));
    }
  } else if (is_complex(image.format.type)) {
    unpack_complex(image, packed, pixels, out);
  } else if (image.bits == 24) {
    unpack_24_bits(image, packed, pixels, out);
  } else if (image.bits < 8) {
    image.sample_format == tiff_samples::with_sign
        ? unpack_bits<std::int8_t>(packed, image.bits, pixels, out)
        : unpack_bits<std::uint8_t>(packed, image.bits, pixels, out);
  } else {
    image.sample_format == tiff_samples::with_sign
        ? unpack_bits<std::int16_t>(packed, image.bits, pixels, out)
        : unpack_bits<std::uint16_t>(packed, image.bits, pixels, out);
  }
}

}  // namespace kinema::io
