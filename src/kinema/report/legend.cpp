#include "kinema/report/legend.h"

#include "kinema/report/ticks.h"

#include <fmt/format.h>

namespace kinema::report {

void add_colour_bar(Drawing& drawing,
                    const ColourScale& scale,
                    Point corner,
                    double width,
                    double height,
                    double size) {
  constexpr int steps = 128;
  for (int i = 0; i < steps; ++i) {  // each reaches down to the end: no seams between them
    const double top = corner.y + height * i / steps;
    drawing.box({corner.x, top},
                width,
                corner.y + height - top,
                std::nullopt,
                colour_at(scale.map, 1.0 - (i + 0.5) / steps));
  }
  drawing.box(corner, width, height, Pen{ink, 0.06 * size}, std::nullopt);
  const Ticks ticks = ticks_between(scale.low, scale.high, 5);
  for (std::size_t i = 0; i < ticks.values.size(); ++i) {
    const double y = corner.y + height * (scale.high - ticks.values[i]) / (scale.high - scale.low);
    drawing.line({corner.x + width, y}, {corner.x + width + 0.35 * size, y}, {ink, 0.08 * size});
    drawing.add(Words{.at = {corner.x + width + 0.6 * size, y + 0.35 * size},
                      .text = ticks.labels[i],
                      .size = size,
                      .colour = ink});
  }
  drawing.add(Words{.at = {corner.x + width + 3.6 * size, corner.y + 0.5 * height},
                    .text = scale.title,
                    .size = size,
                    .anchor = Anchor::middle,
                    .colour = ink,
                    .upwards = true});
}

void add_scale_bar(
    Drawing& drawing, double pixels_per_angstrom, Point left, double widest, double size) {
  const double angstrom = round_length(widest / pixels_per_angstrom);
  const double pixels = angstrom * pixels_per_angstrom;
  drawing.box(left, pixels, 0.28 * size, std::nullopt, ink);
  drawing.add(Words{.at = {left.x + 0.5 * pixels, left.y + 1.35 * size},
                    .text = angstrom < 10.0 ? fmt::format("{:g} Å", angstrom)
                                            : fmt::format("{:g} nm", 0.1 * angstrom),
                    .size = size,
                    .anchor = Anchor::middle,
                    .colour = ink});
}

}  // namespace kinema::report
