// The letters: 20 units an em, capitals 14 high, small letters 10, y up from the base line.
//
// A path is a text of commands: M x y begins a stroke, L x y draws on; A x y rx ry from to begins a
// stroke along an ellipse around (x, y), C draws on along one. Angles in degrees, against the
// clock.
#include "kinema/report/stroke_font.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <numbers>

namespace kinema::report {
namespace {

constexpr double em = 20.0;

struct Glyph {
  char32_t letter;
  double advance;
  const char* path;
};

constexpr Glyph glyphs[] = {
    {U' ', 5.5, ""},
    {U'!', 4.5, "M2 14L2 4.6A2 .5 .3 .3 0 360"},
    {U'"', 6, "M1.6 14L1.6 10M4.4 14L4.4 10"},
    {U'#', 11, "M3 0L4.6 14M7 0L8.6 14M.8 4.6L9.8 4.6M1.4 9.4L10.4 9.4"},
    {U'%', 14, "A3.2 10.6 2.4 3.4 0 360A10.8 3.4 2.4 3.4 0 360M10.8 14L3.2 0"},
    {U'&',
     13,
     "M11.6 0L3 9.4C4.9 11.4 2.6 2.6 220 -40L3 6.6C4.8 3.8 3.8 3.8 135 270C4.8 7 6 7 270 360"},
    {U'\'', 3.5, "M1.7 14L1.7 10"},
    {U'(', 6, "A6.4 6 4.8 9.4 122 238"},
    {U')', 6, "A-.4 6 4.8 9.4 58 -58"},
    {U'*', 8, "M4 14L4 8M1.4 12.5L6.6 9.5M1.4 9.5L6.6 12.5"},
    {U'+', 11, "M1.2 6L9.8 6M5.5 1.7L5.5 10.3"},
    {U',', 5, "M2.5 .5L1.5 -2.4A2.4 .5 .3 .3 0 360"},
    {U'-', 6.5, "M1 5L5.5 5"},
    {U'.', 5, "A2.2 .5 .3 .3 0 360"},
    {U'/', 6.5, "M.2 -1.5L6 14.8"},
    {U'0', 11, "A5.5 7 4.3 7 0 360"},
    {U'1', 11, "M2.2 11L6 14L6 0"},
    {U'2', 11, "A5.4 9.9 4 4.1 165 -35L1.3 0L9.7 0"},
    {U'3', 11, "A5.2 10.6 3.6 3.4 155 -90C5.2 3.6 4.3 3.6 90 -155"},
    {U'4', 11, "M7.4 0L7.4 14L.9 4.2L10 4.2"},
    {U'5', 11, "M9 14L2.6 14L2 7.56C5.3 4.6 4.3 4.6 140 -145"},
    {U'6', 11, "A5.5 4.5 4.2 4.5 0 360M1.3 4.5C8.2 4.5 6.9 9.5 180 94"},
    {U'7', 11, "M1.3 14L9.8 14L4 0"},
    {U'8', 11, "A5.5 10.6 3.6 3.4 0 360A5.5 3.6 4.2 3.6 0 360"},
    {U'9', 11, "A5.5 9.5 4.2 4.5 0 360M9.7 9.5C2.8 9.5 6.9 9.5 0 -86"},
    {U':', 5, "A2.2 .5 .3 .3 0 360A2.2 8.6 .3 .3 0 360"},
    {U';', 5, "M2.5 .5L1.5 -2.4A2.4 .5 .3 .3 0 360A2.4 8.6 .3 .3 0 360"},
    {U'<', 11, "M9.5 1L1.5 5.6L9.5 10.2"},
    {U'=', 11, "M1.2 4L9.8 4M1.2 8L9.8 8"},
    {U'>', 11, "M1.5 1L9.5 5.6L1.5 10.2"},
    {U'?', 9.5, "A4.4 10.4 3.5 3.6 160 -40C8 5 4 4.6 128 180L4 4.4A4 .5 .3 .3 0 360"},
    {U'A', 12, "M.4 0L6 14L11.6 0M2.3 4.8L9.7 4.8"},
    {U'B',
     12,
     "M1.6 0L1.6 14L6 14C6 10.7 3.6 3.3 90 -90L1.6 7.4M6 7.4C6.2 3.7 4.2 3.7 90 -90L1.6 0"},
    {U'C', 13, "A7 7 6.1 7 45 315"},
    {U'D', 13.5, "M1.6 0L1.6 14L5.4 14C5.4 7 6.9 7 90 -90L1.6 0"},
    {U'E', 11, "M9.6 14L1.6 14L1.6 0L9.8 0M1.6 7.4L8.8 7.4"},
    {U'F', 10.5, "M9.4 14L1.6 14L1.6 0M1.6 7.2L8.4 7.2"},
    {U'G', 14, "A7.1 7 6.2 7 45 325L12.18 6.4L7.8 6.4"},
    {U'H', 13, "M1.6 0L1.6 14M11.4 0L11.4 14M1.6 7.3L11.4 7.3"},
    {U'I', 4.6, "M2.3 0L2.3 14"},
    {U'J', 9, "M7.2 14L7.2 4C4 4 3.2 4 0 -180"},
    {U'K', 12, "M1.6 0L1.6 14M10.6 14L1.6 5.2M5 8.5L11.2 0"},
    {U'L', 10, "M1.6 14L1.6 0L9.2 0"},
    {U'M', 15.4, "M1.6 0L1.6 14L7.7 2L13.8 14L13.8 0"},
    {U'N', 13.4, "M1.6 0L1.6 14L11.8 0L11.8 14"},
    {U'O', 14.4, "A7.2 7 6.3 7 0 360"},
    {U'P', 11.4, "M1.6 0L1.6 14L6.4 14C6.4 10 4 4 90 -90L1.6 6"},
    {U'Q', 14.4, "A7.2 7 6.3 7 0 360M8.8 3.6L12.8 -.6"},
    {U'R', 12, "M1.6 0L1.6 14L6.4 14C6.4 10 4 4 90 -90L1.6 6M6.4 6L10.8 0"},
    {U'S', 11.4, "A5.6 10.5 4 3.5 35 270C5.6 3.5 4.5 3.5 90 -148"},
    {U'T', 11, "M.5 14L10.5 14M5.5 14L5.5 0"},
    {U'U', 13, "M1.6 14L1.6 5C6.5 5 4.9 5 180 360L11.4 14"},
    {U'V', 11.6, "M.4 14L5.8 0L11.2 14"},
    {U'W', 17, "M.5 14L4.6 0L8.5 12.8L12.4 0L16.5 14"},
    {U'X', 11.4, "M.8 0L10.6 14M.8 14L10.6 0"},
    {U'Y', 11.4, "M.4 14L5.7 6.8L11 14M5.7 6.8L5.7 0"},
    {U'Z', 11.4, "M1 14L10.2 14L.8 0L10.6 0"},
    {U'[', 5.5, "M5 15L1.8 15L1.8 -3L5 -3"},
    {U']', 5.5, "M.6 15L3.8 15L3.8 -3L.6 -3"},
    {U'^', 9, "M1.2 8L4.5 14L7.8 8"},
    {U'_', 10, "M0 -2L10 -2"},
    {U'a', 10.8, "A5 4.95 4.1 4.95 0 360M9.1 9.9L9.1 0"},
    {U'b', 10.8, "M1.6 14.6L1.6 0M9.8 4.95C5.7 4.95 4.1 4.95 0 360"},
    {U'c', 9.8, "A5.2 4.95 4.2 4.95 48 312"},
    {U'd', 10.8, "A5.1 4.95 4.1 4.95 0 360M9.2 14.6L9.2 0"},
    {U'e', 10.4, "M1.2 5.3L9.35 5.3C5.2 4.95 4.15 4.95 4 316"},
    {U'f', 6.2, "M2.8 0L2.8 11.2C5.8 11.2 3 3.4 180 78M.3 9.7L5.6 9.7"},
    {U'g', 10.8, "A5.1 4.95 4.1 4.95 0 360M9.2 9.9L9.2 -.6C5.2 -.6 4 3.5 0 -150"},
    {U'h', 10.4, "M1.6 14.6L1.6 0M1.6 5.7C5.2 5.7 3.6 4.2 180 0L8.8 0"},
    {U'i', 4, "M2 9.9L2 0A2 13.4 .35 .35 0 360"},
    {U'j', 4.4, "M2.4 9.9L2.4 -1.6C.2 -1.6 2.2 2.5 0 -100A2.4 13.4 .35 .35 0 360"},
    {U'k', 9.4, "M1.6 14.6L1.6 0M8.2 9.9L1.6 3.5M4.2 6L8.8 0"},
    {U'l', 4, "M2 14.6L2 0"},
    {U'm',
     15,
     "M1.6 9.9L1.6 0M1.6 6.3C4.55 6.3 2.95 3.6 180 0L7.5 0M7.5 6.3C10.45 6.3 2.95 3.6 180 0L13.4 "
     "0"},
    {U'n', 10.4, "M1.6 9.9L1.6 0M1.6 5.7C5.2 5.7 3.6 4.2 180 0L8.8 0"},
    {U'o', 10.6, "A5.3 4.95 4.3 4.95 0 360"},
    {U'p', 10.8, "M1.6 9.9L1.6 -4.2M9.8 4.95C5.7 4.95 4.1 4.95 0 360"},
    {U'q', 10.8, "A5.1 4.95 4.1 4.95 0 360M9.2 9.9L9.2 -4.2"},
    {U'r', 6.8, "M1.6 9.9L1.6 0M1.6 5.5C5.2 5.5 3.6 4.3 180 80"},
    {U's', 8.6, "A4.2 7.4 3 2.5 38 270C4.2 2.45 3.5 2.45 90 -148"},
    {U't', 6.4, "M2.8 13L2.8 2.7C5.2 2.7 2.4 2.7 180 290M.3 9.7L5.6 9.7"},
    {U'u', 10.4, "M1.6 9.9L1.6 4.2C5.2 4.2 3.6 4.2 180 360M8.8 9.9L8.8 0"},
    {U'v', 9.2, "M.4 9.9L4.6 0L8.8 9.9"},
    {U'w', 13.8, "M.4 9.9L3.7 0L6.9 9L10.1 0L13.4 9.9"},
    {U'x', 9, "M.6 0L8.4 9.9M.6 9.9L8.4 0"},
    {U'y', 9.4, "M.4 9.9L4.8 .1M9 9.9L4 -2.1C1.8 -1.5 2.3 2.6 -15 -115"},
    {U'z', 9, "M.8 9.9L8.1 9.9L.6 0L8.4 0"},
    {U'|', 4.4, "M2.2 -3L2.2 15"},
    {U'~', 11, "M1.2 5C3.4 5 2.2 2 180 45C7.6 6.8 2.2 2 225 360"},
    {U'°', 6, "A3 11.8 2.1 2.1 0 360"},
    {U'±', 11, "M1.2 7.4L9.8 7.4M5.5 3.1L5.5 11.7M1.2 .4L9.8 .4"},
    {U'²', 6.4, "A3 12.6 2 2 165 -38L.9 7.6L5.3 7.6"},
    {U'³', 6.4, "A2.9 12.9 1.8 1.7 155 -90C2.9 9.3 2.1 1.9 90 -155"},
    {U'µ', 10.4, "M1.6 9.9L1.6 -4.2M1.6 4.2C5.2 4.2 3.6 4.2 180 360M8.8 9.9L8.8 0"},
    {U'μ', 10.4, "M1.6 9.9L1.6 -4.2M1.6 4.2C5.2 4.2 3.6 4.2 180 360M8.8 9.9L8.8 0"},
    {U'·', 5, "A2.4 6 .3 .3 0 360"},
    {U'¹', 6.4, "M1.4 13.2L3.4 14.8L3.4 7.6"},
    {U'Å', 12, "M.4 0L6 13L11.6 0M2.3 4.6L9.7 4.6A6 15.2 1.7 1.7 0 360"},
    {U'×', 9.6, "M1.4 2.2L8.2 9.6M1.4 9.6L8.2 2.2"},
    {U'χ', 9.4, "M.6 -4.2L8.8 9.9M.6 9.9L8.8 -4.2"},
    {U'σ', 11, "A5 4.95 4.1 4.95 0 360M5 9.9L10.4 9.9"},
    {U'ρ', 10.8, "M1.2 -4.2L1.2 4.95C5.4 4.95 4.2 4.95 180 -180"},
    {U'–', 11, "M1 5L10 5"},
    {U'…', 14, "A2.4 .5 .3 .3 0 360A7 .5 .3 .3 0 360A11.6 .5 .3 .3 0 360"},
    {U'⁻', 6.4, "M1.2 11L5.4 11"},
    {U'→', 14, "M1 5.4L13 5.4M9.4 9L13 5.4L9.4 1.8"},
    {U'−', 11, "M1.2 6L9.8 6"},
};

constexpr Glyph unknown{U'?', 11, "M1.5 0L9.5 0L9.5 14L1.5 14L1.5 0"};

const Glyph& glyph_of(char32_t letter) {
  const auto* found = std::find_if(
      std::begin(glyphs), std::end(glyphs), [=](const Glyph& g) { return g.letter == letter; });
  return found == std::end(glyphs) ? unknown : *found;
}

/// Takes the first letter off a text in UTF-8; bytes that are none count as one letter each.
char32_t next_letter(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  std::size_t count = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (count > text.size()) count = 1;
  char32_t letter = count == 1 ? first : first & (0x7FU >> count);
  for (std::size_t i = 1; i < count; ++i) {
    letter = letter << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  text.remove_prefix(count);
  return letter;
}

/// Appends points along an ellipse, one for every ten degrees or so.
void add_arc(std::vector<Point>& stroke, const double (&n)[6]) {
  const int steps = std::max(6, static_cast<int>(std::abs(n[5] - n[4]) / 10.0));
  for (int i = 0; i <= steps; ++i) {
    const double angle = (n[4] + (n[5] - n[4]) * i / steps) * std::numbers::pi / 180.0;
    stroke.push_back({n[0] + n[2] * std::cos(angle), n[1] + n[3] * std::sin(angle)});
  }
}

std::vector<std::vector<Point>> strokes_of(const char* path) {
  std::vector<std::vector<Point>> strokes;
  while (*path != '\0') {
    const char command = *path++;
    const bool curved = command == 'A' || command == 'C';
    double numbers[6] = {};
    for (int i = 0; i < (curved ? 6 : 2); ++i) {
      char* end = nullptr;
      numbers[i] = std::strtod(path, &end);
      path = end;
    }
    if (command == 'M' || command == 'A') strokes.emplace_back();
    if (curved) {
      add_arc(strokes.back(), numbers);
    } else {
      strokes.back().push_back({numbers[0], numbers[1]});
    }
  }
  return strokes;
}

}  // namespace

double pen_width(double size) {
  return 1.65 * size / em;
}

WrittenWords write_words(std::string_view text, double size) {
  const double unit = size / em;
  WrittenWords words;
  while (!text.empty()) {
    const Glyph& glyph = glyph_of(next_letter(text));
    for (std::vector<Point>& stroke : strokes_of(glyph.path)) {
      for (Point& point : stroke) point = {words.width + point.x * unit, -point.y * unit};
      words.strokes.push_back(std::move(stroke));
    }
    words.width += glyph.advance * unit;
  }
  return words;
}

}  // namespace kinema::report
