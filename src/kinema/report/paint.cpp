// Shapes as coverages: how much of each pixel a shape takes, then its colour mixed in by as much.
#include "kinema/report/picture.h"
#include "kinema/report/stroke_font.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kinema::report {
namespace {

/// Coverage of the pixels of a rectangle of the picture, 0 to 1.
struct Coverage {
  Index top = 0, left = 0, bottom = 0, right = 0;  // half-open
  std::vector<float> shares;

  float& at(Index y, Index x) {
    return shares[static_cast<std::size_t>((y - top) * (right - left) + x - left)];
  }
};

using Strokes = std::vector<std::vector<Point>>;

/// An empty coverage around points, `reach` further on every side, within the picture.
Coverage around(const Strokes& strokes, double reach, const Picture& picture) {
  double x0 = 1e9, x1 = -1e9, y0 = 1e9, y1 = -1e9;
  for (const auto& stroke : strokes) {
    for (const Point& point : stroke) {
      x0 = std::min(x0, point.x);
      x1 = std::max(x1, point.x);
      y0 = std::min(y0, point.y);
      y1 = std::max(y1, point.y);
    }
  }
  const auto within = [](double value, Index most) {
    return static_cast<Index>(std::clamp(value, 0.0, static_cast<double>(most)));
  };
  const auto [height, width, channels] = picture.shape();
  Coverage coverage{within(std::floor(y0 - reach), height),
                    within(std::floor(x0 - reach), width),
                    within(std::ceil(y1 + reach), height),
                    within(std::ceil(x1 + reach), width),
                    {}};
  coverage.bottom = std::max(coverage.bottom, coverage.top);
  coverage.right = std::max(coverage.right, coverage.left);
  coverage.shares.resize(static_cast<std::size_t>((coverage.bottom - coverage.top) *
                                                  (coverage.right - coverage.left)));
  return coverage;
}

/// How far a point is from the stretch from a to b.
double distance(Point p, Point a, Point b) {
  const double dx = b.x - a.x, dy = b.y - a.y, length2 = dx * dx + dy * dy;
  const double along =
      length2 > 0.0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length2, 0.0, 1.0) : 0.0;
  return std::hypot(p.x - a.x - along * dx, p.y - a.y - along * dy);
}

/// A pen of `width` drawn from a to b.
void cover_stretch(Coverage& coverage, Point a, Point b, double width) {
  const double half = std::max(0.5 * width, 0.35), reach = half + 1.0;
  const auto clamp_to = [](double v, Index low, Index high) {
    return std::clamp(
        static_cast<Index>(std::clamp(v, -1e6, 1e6)), std::min(low, high), std::max(low, high));
  };
  const Index y0 = clamp_to(std::floor(std::min(a.y, b.y) - reach), coverage.top, coverage.bottom);
  const Index y1 = clamp_to(std::ceil(std::max(a.y, b.y) + reach), coverage.top, coverage.bottom);
  const Index x0 = clamp_to(std::floor(std::min(a.x, b.x) - reach), coverage.left, coverage.right);
  const Index x1 = clamp_to(std::ceil(std::max(a.x, b.x) + reach), coverage.left, coverage.right);
  for (Index y = y0; y < y1; ++y) {
    for (Index x = x0; x < x1; ++x) {
      const Point centre{static_cast<double>(x) + 0.5, static_cast<double>(y) + 0.5};
      const double share = std::clamp(half + 0.5 - distance(centre, a, b), 0.0, 1.0);
      coverage.at(y, x) = std::max(coverage.at(y, x), static_cast<float>(share));
    }
  }
}

/// The stretches of a line of dashes as long as the gaps between them.
Strokes dashes(const std::vector<Point>& points, double length) {
  Strokes strokes;
  double walked = 0.0;
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    const Point a = points[i], b = points[i + 1];
    const double whole = std::hypot(b.x - a.x, b.y - a.y);
    for (double at = 0.0; at < whole;) {
      const double phase = std::fmod(walked + at, 2.0 * length);
      const double step = std::min(whole - at, (phase < length ? length : 2.0 * length) - phase);
      const auto place = [&](double d) {
        return Point{a.x + (b.x - a.x) * d / whole, a.y + (b.y - a.y) * d / whole};
      };
      if (phase < length) strokes.push_back({place(at), place(at + step)});
      at += std::max(step, 1e-3);
    }
    walked += whole;
  }
  return strokes;
}

Coverage of_strokes(const Strokes& strokes, double width, const Picture& picture) {
  Coverage coverage = around(strokes, 0.5 * width + 1.0, picture);
  for (const auto& stroke : strokes) {
    for (std::size_t i = 0; i + 1 < stroke.size(); ++i) {
      cover_stretch(coverage, stroke[i], stroke[i + 1], width);
    }
  }
  return coverage;
}

/// The area that a closed path encloses (even-odd): exact along x on four lines a pixel.
Coverage of_area(const std::vector<Point>& points, const Picture& picture) {
  constexpr int lines = 4;
  Coverage coverage = around({points}, 0.0, picture);
  std::vector<double> crossings;
  for (Index line = coverage.top * lines; line < coverage.bottom * lines; ++line) {
    const double y = (static_cast<double>(line) + 0.5) / lines;
    crossings.clear();
    for (std::size_t i = 0; i < points.size(); ++i) {
      const Point a = points[i], b = points[(i + 1) % points.size()];
      if ((a.y <= y) != (b.y <= y))
        crossings.push_back(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x));
    }
    std::sort(crossings.begin(), crossings.end());
    for (std::size_t i = 0; i + 1 < crossings.size(); i += 2) {
      for (Index x = coverage.left; x < coverage.right; ++x) {
        const double from = std::max(crossings[i], static_cast<double>(x));
        const double to = std::min(crossings[i + 1], static_cast<double>(x + 1));
        if (to > from) coverage.at(line / lines, x) += static_cast<float>((to - from) / lines);
      }
    }
  }
  return coverage;
}

void blend(Coverage& coverage, const Rgb& colour, double opacity, Picture& picture) {
  const float parts[3] = {255.0F * colour.red, 255.0F * colour.green, 255.0F * colour.blue};
  for (Index y = coverage.top; y < coverage.bottom; ++y) {
    for (Index x = coverage.left; x < coverage.right; ++x) {
      const float share = coverage.at(y, x) * static_cast<float>(opacity);
      if (share <= 0.0F) continue;
      for (Index c = 0; c < 3; ++c) {
        std::uint8_t& level = picture(y, x, c);
        const float old = level;
        level = static_cast<std::uint8_t>(old + share * (parts[c] - old) + 0.5F);
      }
    }
  }
}

void blend_strokes(
    const Strokes& strokes, double width, const Rgb& colour, double opacity, Picture& picture) {
  Coverage coverage = of_strokes(strokes, width, picture);
  blend(coverage, colour, opacity, picture);
}

void paint(const Path& path, Picture& picture) {
  if (path.points.empty()) return;
  if (path.fill) {
    Coverage coverage = of_area(path.points, picture);
    blend(coverage, *path.fill, path.opacity, picture);
  }
  if (!path.pen) return;
  std::vector<Point> points = path.points;
  if (path.fill) points.push_back(points.front());
  const double dash = 4.0 * path.pen->width;
  blend_strokes(path.pen->dashed ? dashes(points, dash) : Strokes{points},
                path.pen->width,
                path.pen->colour,
                path.opacity,
                picture);
}

void paint(const Disc& disc, Picture& picture) {
  const Strokes centre{{disc.centre, disc.centre}};
  if (disc.pen) {
    blend_strokes(
        centre, 2.0 * disc.radius + disc.pen->width, disc.pen->colour, disc.opacity, picture);
  }
  const double inner = disc.pen ? disc.radius - 0.5 * disc.pen->width : disc.radius;
  blend_strokes(centre, 2.0 * inner, disc.fill, disc.opacity, picture);
}

void paint(const Words& words, Picture& picture) {
  WrittenWords written = write_words(words.text, words.size);
  const double shift = words.anchor == Anchor::start    ? 0.0
                       : words.anchor == Anchor::middle ? -0.5 * written.width
                                                        : -written.width;
  for (auto& stroke : written.strokes) {
    for (Point& point : stroke) {
      const Point moved{point.x + shift, point.y};
      const Point turned = words.upwards ? Point{moved.y, -moved.x} : moved;
      point = {words.at.x + turned.x, words.at.y + turned.y};
    }
  }
  const double pen = pen_width(words.size);
  if (words.halo) blend_strokes(written.strokes, 3.5 * pen, {1.0F, 1.0F, 1.0F}, 0.8, picture);
  blend_strokes(written.strokes, pen, words.colour, 1.0, picture);
}

void paint(const Bitmap& bitmap, Picture& picture) {
  const auto [rows, columns, channels] = bitmap.pixels.shape();
  const auto [height, width, three] = picture.shape();
  const auto place = [](Index pixel, double corner, double size, Index count) {
    const double share = (static_cast<double>(pixel) + 0.5 - corner) / size;
    return share >= 0.0 && share < 1.0 ? static_cast<Index>(share * static_cast<double>(count))
                                       : Index{-1};
  };
  for (Index y = 0; y < height; ++y) {
    const Index row = place(y, bitmap.corner.y, bitmap.height, rows);
    for (Index x = 0; x < width && row >= 0; ++x) {
      const Index column = place(x, bitmap.corner.x, bitmap.width, columns);
      if (column < 0) continue;
      for (Index c = 0; c < 3; ++c) picture(y, x, c) = bitmap.pixels(row, column, c);
    }
  }
}

}  // namespace

Picture white_picture(Index height, Index width) {
  return Picture({height, width, 3}, 255);
}

void paint(const Drawing& drawing, Picture& picture) {
  for (const Element& element : drawing.elements) {
    std::visit([&](const auto& one) { paint(one, picture); }, element);
  }
}

}  // namespace kinema::report
