#include "kinema/report/pack.h"

#include <cstdint>
#include <stdexcept>
#include <zlib.h>

namespace kinema::report {

std::string deflate(std::span<const std::byte> bytes, int level) {
  uLongf packed_bytes = compressBound(bytes.size());
  std::string packed(packed_bytes, '\0');
  const int status = compress2(reinterpret_cast<Bytef*>(packed.data()),
                               &packed_bytes,
                               reinterpret_cast<const Bytef*>(bytes.data()),
                               bytes.size(),
                               level);
  if (status != Z_OK) throw std::logic_error("zlib refused to pack: " + std::to_string(status));
  packed.resize(packed_bytes);
  return packed;
}

std::string base64(std::string_view bytes) {
  constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t held = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      word = word << 8 | (i < held ? static_cast<std::uint8_t>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += i <= held ? letters[(word >> (18 - 6 * i)) & 63U] : '=';
    }
  }
  return text;
}

std::string data_uri(std::string_view media_type, std::string_view bytes) {
  return "data:" + std::string(media_type) + ";base64," + base64(bytes);
}

}  // namespace kinema::report
