#include "kinema/report/image.h"

#include "kinema/report/pack.h"
#include "kinema/report/png.h"
#include "kinema/report/text.h"

#include <fmt/format.h>

namespace kinema::report {

namespace {

/// SVG of one mark; `unit` is a line's width in image pixels.
std::string mark_svg(const Mark& mark, double unit) {
  const bool spot = mark.kind == MarkKind::spot;
  std::string svg =
      fmt::format(R"(<ellipse class="{}" cx="{:.2f}" cy="{:.2f}" rx="{:.2f}" ry="{:.2f}" )"
                  R"(stroke-width="{:.2f}"/>)",
                  spot ? "mark-spot" : "mark-ring",
                  mark.x + 0.5,
                  mark.y + 0.5,
                  mark.radius_x,
                  mark.radius_y,
                  unit);
  if (mark.label.empty()) return svg;
  const double x = spot ? mark.x + mark.radius_x + 2.0 * unit : mark.x;
  const double y = spot ? mark.y + 4.0 * unit : mark.y - mark.radius_y - 3.0 * unit;
  svg += fmt::format(R"(<text class="mark-text" x="{:.2f}" y="{:.2f}" font-size="{:.2f}" )"
                     R"(stroke-width="{:.2f}" text-anchor="{}">{}</text>)",
                     x,
                     y,
                     9.0 * unit,
                     2.0 * unit,
                     spot ? "start" : "middle",
                     escape_html(mark.label));
  return svg;
}

}  // namespace

Image grey_image(std::string title, ArrayView<const float, 2> values, double low, double high) {
  const auto [height, width] = values.shape();
  const Array<std::uint8_t, 2> levels = grey_levels(values, low, high);
  return {std::move(title), "", height, width, encode_png(levels.view()), {}};
}

std::string to_html(const Image& image) {
  const double unit = static_cast<double>(image.width) / 340.0;
  std::string html = fmt::format(
      R"(<figure><figcaption><b>{0}</b> {1}</figcaption><svg viewBox="0 0 {2} {3}" role="img" )"
      R"(aria-label="{0}"><image width="{2}" height="{3}" href="{4}"/>)",
      escape_html(image.title),
      escape_html(image.caption),
      image.width,
      image.height,
      data_uri("image/png", image.png));
  for (const Mark& mark : image.marks) html += mark_svg(mark, unit);
  return html + "</svg></figure>";
}

Json to_json(const Image& image) {
  Json marks = Json::array();
  for (const Mark& mark : image.marks) {
    marks.push_back({{"kind", mark.kind == MarkKind::spot ? "spot" : "ring"},
                     {"x", rounded(mark.x)},
                     {"y", rounded(mark.y)},
                     {"radius_x", rounded(mark.radius_x)},
                     {"radius_y", rounded(mark.radius_y)},
                     {"label", mark.label}});
  }
  return {{"kind", "image"},
          {"title", image.title},
          {"caption", image.caption},
          {"height", image.height},
          {"width", image.width},
          {"marks", std::move(marks)}};
}

}  // namespace kinema::report
