// Bytes packed for a page: zlib streams, base64 and data: addresses.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace kinema::report {

/// A zlib stream (RFC 1950) of `bytes`; level 1 (fast) to 9 (small).
std::string deflate(std::span<const std::byte> bytes, int level = 6);

/// RFC 4648 base64 with padding, no line breaks.
std::string base64(std::string_view bytes);

/// "data:image/png;base64,...".
std::string data_uri(std::string_view media_type, std::string_view bytes);

}  // namespace kinema::report
