// A movie in memory, as floats, with what is known about how it was recorded.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/units.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kinema {

/// Edge lengths of a pixel in the sample plane.
struct PixelSize {
  Length x, y;
  friend bool operator==(const PixelSize&, const PixelSize&) = default;
};

/// Reads "0.2 A" (square) or "0.20 A, 0.21 A" (x, y).
void from_text(std::string_view text, PixelSize& value);
std::string to_text(const PixelSize& value);

/// What is known about a movie besides its pixels. Absent means unknown; a placeholder in a header
/// (pixel size 0, 1 or -10 A) stays absent and is named in `notes`.
struct MovieInfo {
  std::optional<PixelSize> pixel_size;
  std::string pixel_size_source = "unknown";  // "header", "side-car", "user" or "unknown"
  std::optional<Time> frame_time;
  std::vector<std::string> notes;  // what a careful user should know, one line each
};

/// Frames (T, Y, X) as floats.
struct Movie {
  Array<float, 3> frames;
  MovieInfo info;
};

}  // namespace kinema
