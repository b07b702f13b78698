// Code points one after another.
#include "kinema/io/text_encoding.h"

#include <algorithm>

namespace kinema::io {
namespace {

constexpr std::uint32_t replacement = 0xFFFD;
constexpr std::size_t longest_line = 256;

void append(std::string& text, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  const auto follow = [&](int shift) { put(0x80 | ((point >> shift) & 0x3F)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | (point >> 6));
    follow(0);
  } else if (point < 0x10000) {
    put(0xE0 | (point >> 12));
    follow(6);
    follow(0);
  } else {
    put(0xF0 | (point >> 18));
    follow(12);
    follow(6);
    follow(0);
  }
}

/// Length of the UTF-8 sequence at `at`; 0 where there is none.
std::size_t sequence_at(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(at);
  const std::size_t length = lead < 0x80                    ? 1
                             : lead >= 0xC2 && lead <= 0xDF ? 2
                             : lead >= 0xE0 && lead <= 0xEF ? 3
                             : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                            : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t i = at + 1; i < at + length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  }
  if (length < 3) return length;
  const unsigned second = byte(at + 1);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool outside = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);
  return overlong || outside ? 0 : length;
}

bool is_utf8(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_at(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

}  // namespace

std::string utf8_from(std::string bytes) {
  bytes.resize(std::min(bytes.size(), bytes.find('\0')));
  if (is_utf8(bytes)) return bytes;
  std::string text;
  for (const char byte : bytes) append(text, static_cast<unsigned char>(byte));
  return text;
}

std::string utf8_from_utf16(std::span<const std::uint16_t> units) {
  std::string text;
  for (std::size_t i = 0; i < units.size() && units[i] != 0; ++i) {
    const std::uint32_t unit = units[i];
    const bool high = unit >= 0xD800 && unit < 0xDC00, low = unit >= 0xDC00 && unit < 0xE000;
    const bool paired =
        high && i + 1 < units.size() && units[i + 1] >= 0xDC00 && units[i + 1] < 0xE000;
    if (paired) {
      append(text, 0x10000 + ((unit - 0xD800) << 10) + (units[++i] - 0xDC00U));
    } else {
      append(text, high || low ? replacement : unit);
    }
  }
  return text;
}

std::string one_line(std::string text) {
  if (text.size() > longest_line) {
    std::size_t end = longest_line;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
    text.resize(end);
  }
  std::replace_if(
      text.begin(),
      text.end(),
      [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F; },
      ' ');
  return text;
}

}  // namespace kinema::io
