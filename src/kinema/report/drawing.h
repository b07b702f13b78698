// Drawings in two dimensions: lines, areas, discs and words, one over the other. A drawing is
// written as SVG or painted over a picture; figures of papers and the marks on 3D views are both of
// this.
#pragma once

#include "kinema/base/array.h"
#include "kinema/report/colour.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace kinema::report {

/// Pixels from the upper left corner, x to the right and y down.
struct Point {
  double x = 0.0, y = 0.0;
};

struct Pen {
  Rgb colour;
  double width = 1.0;  // pixels
  bool dashed = false;
};

/// A line through points, or the area that they enclose where there is a fill.
struct Path {
  std::vector<Point> points;
  std::optional<Pen> pen;
  std::optional<Rgb> fill;
  double opacity = 1.0;
};

struct Disc {
  Point centre;
  double radius = 1.0;
  Rgb fill;
  std::optional<Pen> pen = std::nullopt;
  double opacity = 1.0;
};

enum class Anchor : std::uint8_t { start, middle, end };

/// One line of words; `at` lies on its base line. A halo of white keeps it readable over a picture.
struct Words {
  Point at;
  std::string text;  // UTF-8
  double size = 14.0;
  Anchor anchor = Anchor::start;
  Rgb colour = {};
  bool upwards = false;  // turned by a quarter, reading from below
  bool halo = false;
};

/// Pixels as blocks over a box of the drawing.
struct Bitmap {
  Point corner;
  double width = 0.0, height = 0.0;
  Array<std::uint8_t, 3> pixels;  // (Y, X, 3), sRGB
};

using Element = std::variant<Path, Disc, Words, Bitmap>;

struct Drawing {
  double width = 0.0, height = 0.0;
  std::vector<Element> elements;

  void add(Element element) { elements.push_back(std::move(element)); }
  void line(Point from, Point to, const Pen& pen) { add(Path{{from, to}, pen, {}}); }
  void box(Point corner, double wide, double high, std::optional<Pen> pen, std::optional<Rgb> fill);
};

/// An SVG file on white, words in the reader's sans-serif; what a name holds is escaped.
std::string to_svg(const Drawing& drawing);

}  // namespace kinema::report
