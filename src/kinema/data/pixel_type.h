// The number types that pixels are recorded in.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/error.h"

#include <complex>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace kinema {

using Half = _Float16;

/// Colour channels of 8 bits, in the order in which they lie in memory.
struct Rgb {
  std::uint8_t r, g, b;
};
struct Rgba {
  std::uint8_t r, g, b, a;
};

enum class PixelType : std::uint8_t {
  u8,
  i8,
  u16,
  i16,
  u32,
  i32,
  u64,
  i64,
  f16,
  f32,
  f64,  // grey levels
  c64,
  c128,  // complex, of two f32 or two f64
  rgb,
  rgba  // colour
};

/// A type with numpy's name for it (colour: a name of ours, since numpy has none).
struct PixelTypeName {
  PixelType type;
  const char* text;
};
inline constexpr PixelTypeName pixel_type_names[] = {{PixelType::u8, "uint8"},
                                                     {PixelType::i8, "int8"},
                                                     {PixelType::u16, "uint16"},
                                                     {PixelType::i16, "int16"},
                                                     {PixelType::u32, "uint32"},
                                                     {PixelType::i32, "int32"},
                                                     {PixelType::u64, "uint64"},
                                                     {PixelType::i64, "int64"},
                                                     {PixelType::f16, "float16"},
                                                     {PixelType::f32, "float32"},
                                                     {PixelType::f64, "float64"},
                                                     {PixelType::c64, "complex64"},
                                                     {PixelType::c128, "complex128"},
                                                     {PixelType::rgb, "rgb8"},
                                                     {PixelType::rgba, "rgba8"}};

inline std::string to_text(PixelType type) {
  for (const PixelTypeName& name : pixel_type_names) {
    if (name.type == type) return name.text;
  }
  throw std::logic_error("unknown pixel type");
}

inline std::optional<PixelType> pixel_type_named(std::string_view text) {
  for (const PixelTypeName& name : pixel_type_names) {
    if (text == name.text) return name.type;
  }
  return std::nullopt;
}

inline bool is_complex(PixelType type) {
  return type == PixelType::c64 || type == PixelType::c128;
}
inline bool is_colour(PixelType type) {
  return type == PixelType::rgb || type == PixelType::rgba;
}
/// One real number a pixel: what everything but reading and writing works on.
inline bool is_grey(PixelType type) {
  return !is_complex(type) && !is_colour(type);
}
inline bool is_float(PixelType type) {
  return type == PixelType::f16 || type == PixelType::f32 || type == PixelType::f64;
}

/// Calls visit(T{}) with the C++ type of `type`. Throws InputError unless it is grey.
template <class Visit>
decltype(auto) with_pixel_type(PixelType type, Visit&& visit) {
  switch (type) {
    case PixelType::u8:
      return visit(std::uint8_t{});
    case PixelType::i8:
      return visit(std::int8_t{});
    case PixelType::u16:
      return visit(std::uint16_t{});
    case PixelType::i16:
      return visit(std::int16_t{});
    case PixelType::u32:
      return visit(std::uint32_t{});
    case PixelType::i32:
      return visit(std::int32_t{});
    case PixelType::u64:
      return visit(std::uint64_t{});
    case PixelType::i64:
      return visit(std::int64_t{});
    case PixelType::f16:
      return visit(Half{});
    case PixelType::f32:
      return visit(float{});
    case PixelType::f64:
      return visit(double{});
    case PixelType::c64:
    case PixelType::c128:
    case PixelType::rgb:
    case PixelType::rgba:
      break;
  }
  throw InputError("pixels of type " + to_text(type) +
                   " are no grey levels; `kinema convert --part` makes them so");
}

template <class T>
constexpr PixelType pixel_type_of() {
  if constexpr (std::is_same_v<T, std::uint8_t>)
    return PixelType::u8;
  else if constexpr (std::is_same_v<T, std::int8_t>)
    return PixelType::i8;
  else if constexpr (std::is_same_v<T, std::uint16_t>)
    return PixelType::u16;
  else if constexpr (std::is_same_v<T, std::int16_t>)
    return PixelType::i16;
  else if constexpr (std::is_same_v<T, std::uint32_t>)
    return PixelType::u32;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return PixelType::i32;
  else if constexpr (std::is_same_v<T, std::uint64_t>)
    return PixelType::u64;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return PixelType::i64;
  else if constexpr (std::is_same_v<T, Half>)
    return PixelType::f16;
  else if constexpr (std::is_same_v<T, float>)
    return PixelType::f32;
  else if constexpr (std::is_same_v<T, double>)
    return PixelType::f64;
  else if constexpr (std::is_same_v<T, std::complex<float>>)
    return PixelType::c64;
  else if constexpr (std::is_same_v<T, std::complex<double>>)
    return PixelType::c128;
  else if constexpr (std::is_same_v<T, Rgb>)
    return PixelType::rgb;
  else {
    static_assert(std::is_same_v<T, Rgba>);
    return PixelType::rgba;
  }
}

/// Bytes of one pixel.
inline Index bytes_of(PixelType type) {
  switch (type) {
    case PixelType::c64:
      return 8;
    case PixelType::c128:
      return 16;
    case PixelType::rgb:
      return 3;
    case PixelType::rgba:
      return 4;
    default:
      return with_pixel_type(type, [](auto pixel) { return static_cast<Index>(sizeof pixel); });
  }
}

/// Bytes of the numbers that a pixel is made of: what is turned where the byte order is another.
inline Index bytes_of_number(PixelType type) {
  if (is_colour(type)) return 1;
  return is_complex(type) ? bytes_of(type) / 2 : bytes_of(type);
}

}  // namespace kinema
