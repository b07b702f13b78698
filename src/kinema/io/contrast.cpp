// Percentiles of a sample of a movie's pixels, and pixels as grey levels between them.
#include "kinema/io/contrast.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace kinema::io {
namespace {

constexpr Index most_frames = 16;
constexpr Index most_pixels = Index{1} << 18;  // of a frame
constexpr double tail = 0.001;

/// Appends the finite ones of evenly spread pixels.
void sample(PixelType type, const std::byte* frame, Index pixels, std::vector<double>& values) {
  // An odd step walks through all columns where the width is a power of two.
  const Index step = pixels <= most_pixels ? 1 : (pixels / most_pixels) | 1;
  with_pixel_type(type, [&](auto zero) {
    const auto* in = reinterpret_cast<const decltype(zero)*>(frame);
    for (Index i = 0; i < pixels; i += step) {
      const auto value = static_cast<double>(in[i]);
      if (std::isfinite(value)) values.push_back(value);
    }
  });
}

double percentile(std::vector<double>& values, double fraction) {
  const double place = std::round(fraction * static_cast<double>(values.size() - 1));
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(place);
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

}  // namespace

void from_text(std::string_view text, Contrast& value) {
  const auto comma = text.find(',');
  if (comma == std::string_view::npos) {
    throw InputError("'" + std::string(text) + "' is no contrast; write black, white: \"0, 255\"");
  }
  const std::string_view black = text.substr(0, comma);
  std::string_view white = text.substr(comma + 1);
  while (white.starts_with(' ')) white.remove_prefix(1);
  kinema::from_text(black, value.black);
  kinema::from_text(white, value.white);
  if (!(value.white > value.black)) {
    throw InputError("'" + std::string(text) +
                     "' is no contrast: white is above black, \"0, 255\"");
  }
}

std::string to_text(const Contrast& value) {
  return shortest_text(value.black) + ", " + shortest_text(value.white);
}

Contrast contrast_of(MovieSource& source) {
  const FrameFormat format = source.format();
  if (is_colour(format.type)) return {0.0, 255.0};
  const Index frames = source.frames().value_or(1), taken = std::min(frames, most_frames);
  std::vector<double> values;
  std::vector<std::byte> frame(static_cast<std::size_t>(format.bytes()));
  for (Index i = 0; i < taken; ++i) {
    source.read(taken > 1 ? i * (frames - 1) / (taken - 1) : 0, 1, frame);
    sample(format.type, frame.data(), format.pixels(), values);
  }
  if (values.empty()) return {0.0, 1.0};
  const double black = percentile(values, tail), white = percentile(values, 1.0 - tail);
  if (white > black) return {black, white};
  return {black, std::max(black + 1.0, std::nextafter(black, HUGE_VAL))};
}

void levels_from(PixelType type,
                 const std::byte* pixels,
                 const Contrast& contrast,
                 std::span<std::uint8_t> levels) {
  const double scale = 255.0 / (contrast.white - contrast.black);
  with_pixel_type(type, [&](auto zero) {
    const auto* in = reinterpret_cast<const decltype(zero)*>(pixels);
    for (std::size_t i = 0; i < levels.size(); ++i) {
      const double level = (static_cast<double>(in[i]) - contrast.black) * scale;
      levels[i] =
          level > 0.0 ? static_cast<std::uint8_t>(std::min(level, 255.0) + 0.5) : std::uint8_t{0};
    }
  });
}

}  // namespace kinema::io
