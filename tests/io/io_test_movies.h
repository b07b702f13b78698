// Movies of known pixels for the tests of io/, and files made byte by byte.
#pragma once

#include "kinema/data/movie_source.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace kinema::io::test_movies {

inline constexpr PixelType all_types[] = {PixelType::u8,
                                          PixelType::i8,
                                          PixelType::u16,
                                          PixelType::i16,
                                          PixelType::u32,
                                          PixelType::i32,
                                          PixelType::f16,
                                          PixelType::f32,
                                          PixelType::f64};

/// Pixels of a movie that touch the ends of the type's range.
inline std::vector<std::byte> pixels_of(const FrameFormat& format, Index frames) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(format.bytes() * frames));
  with_pixel_type(format.type, [&](auto zero) {
    using T = decltype(zero);
    T* pixels = reinterpret_cast<T*>(bytes.data());
    for (Index i = 0; i < format.pixels() * frames; ++i) {
      const auto bits = static_cast<std::uint64_t>(i + 1) * 0x9E3779B97F4A7C15ULL;
      if constexpr (std::is_integral_v<T>)
        pixels[i] = static_cast<T>(bits >> 33);
      else
        pixels[i] = static_cast<T>(static_cast<double>(bits >> 50) - 8192.0) / T(16);
    }
  });
  return bytes;
}

inline std::vector<std::byte> read_all(MovieSource& source) {
  const Index frames = source.frames().value();
  std::vector<std::byte> bytes(static_cast<std::size_t>(source.format().bytes() * frames));
  source.read(0, frames, bytes);
  return bytes;
}

/// What a call is refused with; empty where it is not.
template <class Call>
std::string refusal_of(Call&& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// Puts a number into a file's bytes; `big_endian` reverses it.
template <class T>
void put(std::string& bytes, std::size_t at, T value, bool big_endian = false) {
  char raw[sizeof(T)];
  std::memcpy(raw, &value, sizeof value);
  for (std::size_t i = 0; i < sizeof raw; ++i) {
    bytes[at + i] = raw[big_endian ? sizeof raw - 1 - i : i];
  }
}

}  // namespace kinema::io::test_movies
