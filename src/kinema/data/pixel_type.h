// The number types that pixels are recorded in.
#pragma once

#include "kinema/base/array.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

namespace kinema {

using Half = _Float16;

enum class PixelType : std::uint8_t { u8, i8, u16, i16, u32, i32, f16, f32, f64 };

/// Calls visit(T{}) with the C++ type of `type`.
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
    case PixelType::f16:
      return visit(Half{});
    case PixelType::f32:
      return visit(float{});
    case PixelType::f64:
      return visit(double{});
  }
  throw std::logic_error("unknown pixel type");
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
  else if constexpr (std::is_same_v<T, Half>)
    return PixelType::f16;
  else if constexpr (std::is_same_v<T, float>)
    return PixelType::f32;
  else {
    static_assert(std::is_same_v<T, double>);
    return PixelType::f64;
  }
}

/// Bytes of one pixel.
inline Index bytes_of(PixelType type) {
  return with_pixel_type(type, [](auto pixel) { return static_cast<Index>(sizeof pixel); });
}

inline bool is_float(PixelType type) {
  return type == PixelType::f16 || type == PixelType::f32 || type == PixelType::f64;
}

/// numpy's name: "uint8", "float32", ...
inline std::string to_text(PixelType type) {
  switch (type) {
    case PixelType::u8:
      return "uint8";
    case PixelType::i8:
      return "int8";
    case PixelType::u16:
      return "uint16";
    case PixelType::i16:
      return "int16";
    case PixelType::u32:
      return "uint32";
    case PixelType::i32:
      return "int32";
    case PixelType::f16:
      return "float16";
    case PixelType::f32:
      return "float32";
    case PixelType::f64:
      return "float64";
  }
  return "?";
}

}  // namespace kinema
