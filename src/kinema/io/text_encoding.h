// Texts in the encodings of microscope programs, made UTF-8.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace kinema::io {

/// Bytes that are UTF-8 as they are, others as Latin-1; cut at the first 0.
std::string utf8_from(std::string bytes);

/// UTF-16 in native byte order, cut at the first 0; what is broken becomes U+FFFD.
std::string utf8_from_utf16(std::span<const std::uint16_t> units);

/// A text for a line of its own: control characters become blanks, and what is over 256 bytes is
/// cut off between letters. `text` is UTF-8.
std::string one_line(std::string text);

}  // namespace kinema::io
