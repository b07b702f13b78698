// Drawings as SVG.
#include "kinema/report/drawing.h"
#include "kinema/report/pack.h"
#include "kinema/report/png.h"
#include "kinema/report/text.h"

#include <fmt/format.h>

namespace kinema::report {
namespace {

std::string pen_text(const std::optional<Pen>& pen) {
  if (!pen) return "";
  return fmt::format(
      R"( stroke="{}" stroke-width="{:g}"{})",
      to_hex(pen->colour),
      pen->width,
      pen->dashed ? fmt::format(R"( stroke-dasharray="{0:g} {0:g}")", 4 * pen->width) : "");
}

std::string opacity_text(double opacity) {
  return opacity < 1.0 ? fmt::format(R"( opacity="{:g}")", opacity) : "";
}

std::string to_text(const Path& path) {
  std::string data;
  for (const Point& point : path.points) {
    data += fmt::format("{}{:.2f} {:.2f}", data.empty() ? "M" : "L", point.x, point.y);
  }
  return fmt::format(R"(<path d="{}{}" fill="{}"{}{}/>)",
                     data,
                     path.fill ? "Z" : "",
                     path.fill ? to_hex(*path.fill) : "none",
                     pen_text(path.pen),
                     opacity_text(path.opacity));
}

std::string to_text(const Disc& disc) {
  return fmt::format(R"(<circle cx="{:.2f}" cy="{:.2f}" r="{:.2f}" fill="{}"{}{}/>)",
                     disc.centre.x,
                     disc.centre.y,
                     disc.radius,
                     to_hex(disc.fill),
                     pen_text(disc.pen),
                     opacity_text(disc.opacity));
}

std::string to_text(const Words& words) {
  static constexpr const char* anchors[] = {"start", "middle", "end"};
  const auto [x, y] = words.at;
  return fmt::format(
      R"(<text x="{0:.2f}" y="{1:.2f}" font-size="{2:g}" text-anchor="{3}" fill="{4}"{5}{6}>{7}</text>)",
      x,
      y,
      words.size,
      anchors[static_cast<int>(words.anchor)],
      to_hex(words.colour),
      words.upwards ? fmt::format(R"_( transform="rotate(-90 {:.2f} {:.2f})")_", x, y) : "",
      words.halo ? R"( stroke="#ffffff" stroke-width="3" paint-order="stroke")" : "",
      escape_html(words.text));
}

std::string to_text(const Bitmap& bitmap) {
  return fmt::format(
      R"(<image x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" preserveAspectRatio="none" )"
      R"(style="image-rendering: pixelated" href="{}"/>)",
      bitmap.corner.x,
      bitmap.corner.y,
      bitmap.width,
      bitmap.height,
      data_uri("image/png", encode_png(bitmap.pixels.view())));
}

}  // namespace

void Drawing::box(
    Point corner, double wide, double high, std::optional<Pen> pen, std::optional<Rgb> fill) {
  const auto [x, y] = corner;
  std::vector<Point> points = {{x, y}, {x + wide, y}, {x + wide, y + high}, {x, y + high}};
  if (!fill) points.push_back({x, y});
  add(Path{std::move(points), pen, fill});
}

std::string to_svg(const Drawing& drawing) {
  std::string svg = fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0:g}" height="{1:g}" viewBox="0 0 {0:g} {1:g}" )"
      R"(font-family="Helvetica, Arial, sans-serif" stroke-linejoin="round" stroke-linecap="round">)"
      "\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
      drawing.width,
      drawing.height);
  for (const Element& element : drawing.elements) {
    svg += std::visit([](const auto& one) { return to_text(one); }, element) + "\n";
  }
  return svg + "</svg>\n";
}

}  // namespace kinema::report
