#include "kinema/report/plot_drawing.h"

#include "kinema/report/legend.h"
#include "kinema/report/ticks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace kinema::report {
namespace {

constexpr double words = 14.0;  // size of the words
constexpr Rgb grid{0.90F, 0.90F, 0.91F};

Rgb rgb_of(Colour colour) {
  static constexpr std::uint32_t steps[] = {
      0x2d6cc0, 0x7d8590, 0xd9731a, 0x2a8a4a, 0x8250c4, 0xc93a3a};
  const std::uint32_t word = steps[static_cast<int>(colour)];
  const auto part = [word](int shift) { return static_cast<float>(word >> shift & 255U) / 255.0F; };
  return {part(16), part(8), part(0)};
}

struct Range {
  double low = 1e300, high = -1e300;
  void include(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  void widen(double share) {
    if (!(high >= low)) *this = {0.0, 1.0};
    const double by = high > low ? share * (high - low) : 0.5 * std::max(std::abs(low), 1e-12);
    low -= by;
    high += by;
  }
};

/// Where numbers lie in the drawing.
struct Axes {
  Range x, y;
  double left = 0.0, right = 0.0, top = 0.0, bottom = 0.0;  // of the frame
  bool log_y = false;

  double at_x(double value) const {
    return left + (value - x.low) / (x.high - x.low) * (right - left);
  }
  double at_y(double value) const {
    const double v = log_y ? std::log10(value) : value;
    return bottom - (v - y.low) / (y.high - y.low) * (bottom - top);
  }
};

bool shown(const Plot& plot, double y) {
  return std::isfinite(y) && (!plot.log_y || y > 0.0);
}

/// Half the distance between neighbours: bars touch.
double half_step(const Plot& plot) {
  return plot.x.size() > 1 ? 0.5 * (plot.x[1] - plot.x[0]) : 0.5;
}

Axes axes_of(const Plot& plot) {
  Axes axes;
  axes.log_y = plot.log_y;
  if (plot.field) {
    axes.x = {plot.field->x[0], plot.field->x[1]};
    axes.y = {plot.field->y[0], plot.field->y[1]};
    return axes;
  }
  bool bars = false, points = false;
  for (const double x : plot.x) axes.x.include(x);
  for (const Series& series : plot.series) {
    if (series.y.size() != plot.x.size()) {
      throw std::logic_error("plot '" + plot.title + "': curve '" + series.name +
                             "' is not as long as x");
    }
    bars = bars || series.style == Style::bars;
    points = points || series.style == Style::points;
    for (std::size_t i = 0; i < series.y.size(); ++i) {
      const double error = series.error.empty() ? 0.0 : series.error[i];
      for (const double y : {series.y[i] - error, series.y[i] + error}) {
        if (shown(plot, y)) axes.y.include(plot.log_y ? std::log10(y) : y);
      }
    }
  }
  if (bars && !plot.log_y) axes.y.include(0.0);
  const bool from_zero = axes.y.low == 0.0 && bars;
  axes.x.widen(bars     ? half_step(plot) / std::max(axes.x.high - axes.x.low, 1e-300)
               : points ? 0.04
                        : 0.0);
  axes.y.widen(0.06);
  if (from_zero) axes.y.low = 0.0;
  return axes;
}

/// Makes a unit as long in y as in x, by widening the shorter range.
void equalise(Axes& axes) {
  const double across = (axes.x.high - axes.x.low) / (axes.right - axes.left);
  const double up = (axes.y.high - axes.y.low) / (axes.bottom - axes.top);
  Range& range = across > up ? axes.y : axes.x;
  const double unit = std::max(across, up);
  const double middle = 0.5 * (range.low + range.high);
  const double half = 0.5 * unit * (across > up ? axes.bottom - axes.top : axes.right - axes.left);
  range = {middle - half, middle + half};
}

void add_axes(Drawing& drawing, const Plot& plot, const Axes& axes) {
  const Pen fine{grid, 1.0}, line{ink, 1.2};
  const Ticks across =
      ticks_between(axes.x.low, axes.x.high, static_cast<int>((axes.right - axes.left) / 80.0));
  Ticks up = ticks_between(axes.y.low, axes.y.high, 5);
  if (plot.log_y) {
    up = {};
    for (double power = std::ceil(axes.y.low); power <= axes.y.high; ++power) {
      up.values.push_back(std::pow(10.0, power));
      up.labels.push_back(fmt::format("{:g}", up.values.back()));
    }
  }
  for (std::size_t i = 0; i < across.values.size(); ++i) {
    const double x = axes.at_x(across.values[i]);
    if (!plot.field) drawing.line({x, axes.top}, {x, axes.bottom}, fine);
    drawing.line({x, axes.bottom}, {x, axes.bottom + 5.0}, line);
    drawing.add(Words{.at = {x, axes.bottom + 20.0},
                      .text = across.labels[i],
                      .size = words,
                      .anchor = Anchor::middle,
                      .colour = ink});
  }
  for (std::size_t i = 0; i < up.values.size(); ++i) {
    const double y = axes.at_y(up.values[i]);
    if (!plot.field) drawing.line({axes.left, y}, {axes.right, y}, fine);
    drawing.line({axes.left - 5.0, y}, {axes.left, y}, line);
    drawing.add(Words{.at = {axes.left - 9.0, y + 5.0},
                      .text = up.labels[i],
                      .size = words,
                      .anchor = Anchor::end,
                      .colour = ink});
  }
  drawing.add(Words{.at = {0.5 * (axes.left + axes.right), axes.bottom + 42.0},
                    .text = plot.x_label,
                    .size = words,
                    .anchor = Anchor::middle,
                    .colour = ink});
  drawing.add(Words{.at = {20.0, 0.5 * (axes.top + axes.bottom)},
                    .text = plot.y_label,
                    .size = words,
                    .anchor = Anchor::middle,
                    .colour = ink,
                    .upwards = true});
  drawing.add(Words{
      .at = {axes.left, axes.top - 12.0}, .text = plot.title, .size = words + 1.0, .colour = ink});
}

/// The runs of indices whose values can be shown.
std::vector<std::pair<std::size_t, std::size_t>> runs_of(const Plot& plot, const Series& series) {
  std::vector<std::pair<std::size_t, std::size_t>> runs;
  for (std::size_t i = 0; i < series.y.size(); ++i) {
    const double error = series.error.empty() ? 0.0 : series.error[i];
    if (!shown(plot, series.y[i]) || !shown(plot, series.y[i] - error)) continue;
    if (runs.empty() || runs.back().second != i) runs.emplace_back(i, i);
    runs.back().second = i + 1;
  }
  return runs;
}

void add_line(Drawing& drawing, const Plot& plot, const Series& series, const Axes& axes) {
  const Rgb colour = rgb_of(series.colour);
  for (const auto& [first, last] : runs_of(plot, series)) {
    std::vector<Point> curve, band;
    for (std::size_t i = first; i < last; ++i) {
      const double x = axes.at_x(plot.x[i]), error = series.error.empty() ? 0.0 : series.error[i];
      curve.push_back({x, axes.at_y(series.y[i])});
      band.push_back({x, axes.at_y(series.y[i] - error)});
    }
    if (!series.error.empty()) {
      for (std::size_t i = last; i-- > first;) {
        band.push_back({axes.at_x(plot.x[i]), axes.at_y(series.y[i] + series.error[i])});
      }
      drawing.add(Path{band, std::nullopt, colour, 0.22});
    }
    if (curve.size() == 1) curve.push_back(curve.front());
    drawing.add(Path{curve, Pen{colour, 1.8, series.dashed}, std::nullopt});
  }
}

void add_bars(Drawing& drawing, const Plot& plot, const Series& series, const Axes& axes) {
  const double half = half_step(plot), base = axes.at_y(plot.log_y ? std::pow(10.0, axes.y.low)
                                                                   : std::max(0.0, axes.y.low));
  for (std::size_t i = 0; i < series.y.size(); ++i) {
    if (!shown(plot, series.y[i]) || series.y[i] == 0.0) continue;
    const double left = axes.at_x(plot.x[i] - half), top = axes.at_y(series.y[i]);
    drawing.box({left, top},
                axes.at_x(plot.x[i] + half) - left,
                base - top,
                Pen{{1.0F, 1.0F, 1.0F}, 0.5},
                rgb_of(series.colour));
  }
}

ColourScale scale_of_values(const Plot& plot, const std::vector<double>& values) {
  Range range;
  for (const double value : values) range.include(value);
  if (!(range.high > range.low)) range.widen(0.05);
  return {ColourMap::viridis, range.low, range.high, plot.value_label};
}

void add_points(Drawing& drawing, const Plot& plot, const Series& series, const Axes& axes) {
  const std::size_t count = series.y.size();
  const double radius = count > 2000 ? 1.3 : count > 400 ? 2.0 : 3.0;
  const ColourScale scale = scale_of_values(plot, series.value);
  for (std::size_t i = 0; i < count; ++i) {
    if (!shown(plot, series.y[i])) continue;
    drawing.add(
        Disc{.centre = {axes.at_x(plot.x[i]), axes.at_y(series.y[i])},
             .radius = radius,
             .fill = series.value.empty() ? rgb_of(series.colour) : scale.colour(series.value[i]),
             .opacity = count > 400 && series.value.empty() ? 0.5 : 1.0});
  }
}

/// Blue over white to red, for values about a middle.
Rgb diverging_colour(double share) {
  const Rgb blue = rgb_of_hex("2166ac"), white = rgb_of_hex("f7f7f7"), red = rgb_of_hex("b2182b");
  const auto s = static_cast<float>(std::clamp(share, 0.0, 1.0));
  return s < 0.5F ? mixed(blue, white, 2.0F * s) : mixed(white, red, 2.0F * s - 1.0F);
}

void add_field(Drawing& drawing, const Field& field, const Axes& axes) {
  const auto [rows, columns] = field.values.shape();
  Bitmap bitmap{{axes.left, axes.top},
                axes.right - axes.left,
                axes.bottom - axes.top,
                Array<std::uint8_t, 3>({rows, columns, 3})};
  for (Index y = 0; y < rows; ++y) {
    for (Index x = 0; x < columns; ++x) {
      const double value = field.values(rows - 1 - y, x);  // row 0 is the lowest
      const double share = (value - field.low) / (field.high - field.low);
      const Rgb colour = std::isnan(share) ? Rgb{1.0F, 1.0F, 1.0F}
                         : field.diverging ? diverging_colour(share)
                                           : colour_at(ColourMap::viridis, share);
      const float parts[3] = {colour.red, colour.green, colour.blue};
      for (Index c = 0; c < 3; ++c) {
        bitmap.pixels(y, x, c) = static_cast<std::uint8_t>(std::lround(255.0F * parts[c]));
      }
    }
  }
  drawing.add(std::move(bitmap));
}

/// Names of the series at the upper right, where there are several.
void add_names(Drawing& drawing, const Plot& plot, const Axes& axes) {
  if (plot.series.size() < 2) return;
  double y = axes.top + 18.0;
  for (const Series& series : plot.series) {
    const Pen pen{rgb_of(series.colour), series.style == Style::line ? 2.2 : 6.0, series.dashed};
    drawing.line({axes.right - 34.0, y - 5.0}, {axes.right - 10.0, y - 5.0}, pen);
    drawing.add(Words{.at = {axes.right - 42.0, y},
                      .text = series.name,
                      .size = words - 1.0,
                      .anchor = Anchor::end,
                      .colour = ink,
                      .halo = true});
    y += 18.0;
  }
}

/// The values that colour the plot's points, or none.
const Series* coloured_series(const Plot& plot) {
  for (const Series& series : plot.series) {
    if (!series.value.empty()) return &series;
  }
  return nullptr;
}

}  // namespace

Drawing drawing_of(const Plot& plot, double width, double height) {
  const Series* coloured = coloured_series(plot);
  const bool bar = coloured != nullptr || (plot.field && !plot.field->diverging);
  Axes axes = axes_of(plot);
  axes.left = 76.0;
  axes.right = width - (bar ? 110.0 : 18.0);
  axes.top = 34.0;
  axes.bottom = height - 54.0;
  if (plot.equal_units) equalise(axes);
  Drawing drawing{width, height, {}};
  add_axes(drawing, plot, axes);
  if (plot.field) add_field(drawing, *plot.field, axes);
  for (const Series& series : plot.series) {
    if (series.style == Style::bars) add_bars(drawing, plot, series, axes);
    if (series.style == Style::line) add_line(drawing, plot, series, axes);
    if (series.style == Style::points) add_points(drawing, plot, series, axes);
  }
  drawing.box({axes.left, axes.top},
              axes.right - axes.left,
              axes.bottom - axes.top,
              Pen{ink, 1.2},
              std::nullopt);
  add_names(drawing, plot, axes);
  if (bar) {
    const ColourScale scale =
        coloured != nullptr
            ? scale_of_values(plot, coloured->value)
            : ColourScale{ColourMap::viridis, plot.field->low, plot.field->high, plot.value_label};
    add_colour_bar(
        drawing, scale, {axes.right + 16.0, axes.top}, 14.0, axes.bottom - axes.top, words - 1.0);
  }
  return drawing;
}

}  // namespace kinema::report
