// Lengths, and letters of 5 x 7 dots.
#include "kinema/io/scale_bar.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace kinema::io {
namespace {

constexpr Index glyph_width = 5, glyph_height = 7, glyph_step = 6;
constexpr double widest_share = 0.3;

struct Glyph {
  char letter;
  std::array<std::uint8_t, glyph_height> rows;  // bit 4 is the leftmost dot
};
/// 'u' is drawn as the Greek letter of micrometers.
constexpr Glyph glyphs[] = {{'0', {0x0E, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0E}},
                            {'1', {0x04, 0x0C, 0x04, 0x04, 0x04, 0x04, 0x0E}},
                            {'2', {0x0E, 0x11, 0x01, 0x06, 0x08, 0x10, 0x1F}},
                            {'5', {0x1F, 0x10, 0x1E, 0x01, 0x01, 0x11, 0x0E}},
                            {'.', {0x00, 0x00, 0x00, 0x00, 0x00, 0x0C, 0x0C}},
                            {'m', {0x00, 0x00, 0x1A, 0x15, 0x15, 0x15, 0x15}},
                            {'n', {0x00, 0x00, 0x16, 0x19, 0x11, 0x11, 0x11}},
                            {'p', {0x00, 0x00, 0x1E, 0x11, 0x1E, 0x10, 0x10}},
                            {'u', {0x00, 0x00, 0x12, 0x12, 0x12, 0x1D, 0x10}}};

struct NamedUnit {
  const char* name;
  double angstrom;
};
constexpr NamedUnit units[] = {{"mm", 1e7}, {"um", 1e4}, {"nm", 10.0}, {"pm", 0.01}};

/// One dot of the drawing: a square of `size` pixels. White dots are drawn over dark ones.
struct Canvas {
  const FrameFormat& format;
  std::span<std::uint8_t> pixels;

  void fill(Index top, Index left, Index height, Index width, std::uint8_t level) const {
    const Index channels = format.type == PixelType::rgb ? 3 : 1;
    const Index bottom = std::min(top + height, format.height);
    const Index right = std::min(left + width, format.width);
    top = std::max<Index>(top, 0);
    left = std::max<Index>(left, 0);
    for (Index y = top; y < bottom && left < right; ++y) {
      std::fill(pixels.begin() + (y * format.width + left) * channels,
                pixels.begin() + (y * format.width + right) * channels,
                level);
    }
  }
};

const Glyph* glyph_of(char letter) {
  const auto* found = std::find_if(
      std::begin(glyphs), std::end(glyphs), [&](const Glyph& g) { return g.letter == letter; });
  return found == std::end(glyphs) ? nullptr : found;
}

/// `margin` pixels around every dot, for the outline.
void draw_text(const Canvas& canvas,
               std::string_view text,
               Index top,
               Index left,
               Index size,
               Index margin,
               std::uint8_t level) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const Glyph* glyph = glyph_of(text[i]);
    if (glyph == nullptr) continue;  // a space
    for (Index y = 0; y < glyph_height; ++y) {
      for (Index x = 0; x < glyph_width; ++x) {
        if ((glyph->rows[static_cast<std::size_t>(y)] >> (glyph_width - 1 - x) & 1) == 0) continue;
        canvas.fill(top + y * size - margin,
                    left + (static_cast<Index>(i) * glyph_step + x) * size - margin,
                    size + 2 * margin,
                    size + 2 * margin,
                    level);
      }
    }
  }
}

std::string label_of(double angstrom) {
  const NamedUnit* unit = std::begin(units);
  while (unit + 1 != std::end(units) && angstrom < unit->angstrom * (1.0 - 1e-9)) ++unit;
  if (std::string_view(unit->name) == "pm" && angstrom >= 1.0) unit -= 1;  // 0.1 to 0.5 nm
  const double value = angstrom / unit->angstrom;
  std::string number = value < 0.999 ? "0." + std::to_string(std::lround(value * 10.0))
                                     : std::to_string(std::lround(value));
  return number + " " + unit->name;
}

}  // namespace

std::optional<ScaleBar> scale_bar_for(Index height, Index width, Length pixel) {
  if (height < 32 || width < 64 || !(pixel.value > 0.0) || !std::isfinite(pixel.value)) {
    return std::nullopt;
  }
  const double longest = widest_share * static_cast<double>(width) * pixel.value;
  const double decade = std::pow(10.0, std::floor(std::log10(longest)));
  double length = decade;
  for (const double step : {2.0, 5.0}) {
    if (step * decade <= longest) length = step * decade;
  }
  const Index pixels = std::llround(length / pixel.value);
  // Beyond what the labels have words for.
  if (length < 0.0099 || length > 5.1e10 || pixels < 1) return std::nullopt;
  return ScaleBar{{length}, pixels, label_of(length)};
}

void draw_scale_bar(const ScaleBar& bar,
                    const FrameFormat& format,
                    std::span<std::uint8_t> pixels) {
  constexpr std::uint8_t white = 255, dark = 0;
  const Canvas canvas{format, pixels};
  const Index size = std::max<Index>(1, (std::min(format.height, format.width) + 90) / 180);
  const Index outline = std::max<Index>(1, size / 2), thick = 2 * size, margin = 6 * size;
  const Index top = format.height - margin - thick;
  const Index text_top = top - (glyph_height + 3) * size;
  const Index text_width = (static_cast<Index>(bar.label.size()) * glyph_step - 1) * size;
  const Index text_left = margin + std::max<Index>(0, (bar.pixels - text_width) / 2);
  canvas.fill(top - outline, margin - outline, thick + 2 * outline, bar.pixels + 2 * outline, dark);
  canvas.fill(top, margin, thick, bar.pixels, white);
  draw_text(canvas, bar.label, text_top, text_left, size, outline, dark);
  draw_text(canvas, bar.label, text_top, text_left, size, 0, white);
}

}  // namespace kinema::io
