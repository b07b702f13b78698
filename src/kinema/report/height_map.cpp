#include "kinema/report/height_map.h"

#include "kinema/report/legend.h"
#include "kinema/report/ticks.h"

#include <algorithm>

namespace kinema::report {
namespace {

constexpr double words = 14.0, left = 70.0, top = 34.0, below = 56.0, beside = 112.0;
constexpr double room = 1.5;  // angstrom around the atoms

struct Extent {
  double x0 = 1e300, x1 = -1e300, y0 = 1e300, y1 = -1e300;
};

Extent extent_of(const AtomicModel& atoms) {
  Extent extent;
  for (const Vec3& at : atoms.positions) {
    extent.x0 = std::min(extent.x0, at[0] - room);
    extent.x1 = std::max(extent.x1, at[0] + room);
    extent.y0 = std::min(extent.y0, at[1] - room);
    extent.y1 = std::max(extent.y1, at[1] + room);
  }
  return extent;
}

void add_ruler(Drawing& drawing, const Extent& extent, double scale, double high, double wide) {
  const Pen pen{ink, 1.2};
  const Ticks across = ticks_between(extent.x0, extent.x1, static_cast<int>(wide / 80.0));
  for (std::size_t i = 0; i < across.values.size(); ++i) {
    const double x = left + (across.values[i] - extent.x0) * scale;
    drawing.line({x, top + high}, {x, top + high + 5.0}, pen);
    drawing.add(Words{.at = {x, top + high + 20.0},
                      .text = across.labels[i],
                      .size = words,
                      .anchor = Anchor::middle,
                      .colour = ink});
  }
  const Ticks down = ticks_between(extent.y0, extent.y1, static_cast<int>(high / 80.0));
  for (std::size_t i = 0; i < down.values.size(); ++i) {
    const double y = top + (down.values[i] - extent.y0) * scale;
    drawing.line({left - 5.0, y}, {left, y}, pen);
    drawing.add(Words{.at = {left - 9.0, y + 5.0},
                      .text = down.labels[i],
                      .size = words,
                      .anchor = Anchor::end,
                      .colour = ink});
  }
  drawing.box({left, top}, wide, high, pen, std::nullopt);
  drawing.add(Words{.at = {left + 0.5 * wide, top + high + 42.0},
                    .text = "x (Å)",
                    .size = words,
                    .anchor = Anchor::middle,
                    .colour = ink});
  drawing.add(Words{.at = {20.0, top + 0.5 * high},
                    .text = "y (Å)",
                    .size = words,
                    .anchor = Anchor::middle,
                    .colour = ink,
                    .upwards = true});
}

}  // namespace

Drawing height_map(const AtomicModel& atoms,
                   const std::vector<double>& values,
                   const ColourScale& scale,
                   const std::string& title,
                   double width) {
  if (atoms.positions.empty()) throw InputError("there are no atoms to show");
  const Extent extent = extent_of(atoms);
  const double wide = width - left - beside;
  const double pixels = wide / (extent.x1 - extent.x0);
  const double high = pixels * (extent.y1 - extent.y0);
  Drawing drawing{width, top + high + below, {}};
  const auto place = [&](const Vec3& at) {
    return Point{left + (at[0] - extent.x0) * pixels, top + (at[1] - extent.y0) * pixels};
  };
  for (const auto& [i, j] : near_pairs(atoms)) {
    drawing.line(place(atoms.positions[i]),
                 place(atoms.positions[j]),
                 {Rgb{0.62F, 0.63F, 0.66F}, std::max(0.5, 0.16 * pixels)});
  }
  for (std::size_t i = 0; i < atoms.positions.size(); ++i) {
    drawing.add(Disc{.centre = place(atoms.positions[i]),
                     .radius = std::max(1.2, 0.45 * pixels),
                     .fill = scale.colour(values[i])});
  }
  add_ruler(drawing, extent, pixels, high, wide);
  drawing.add(Words{.at = {left, top - 12.0}, .text = title, .size = words + 1.0, .colour = ink});
  add_colour_bar(drawing, scale, {left + wide + 16.0, top}, 14.0, high, words - 1.0);
  return drawing;
}

}  // namespace kinema::report
