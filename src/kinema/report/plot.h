// Plots: curves with bands of error, points, bars and images over axes with units, drawn in the
// browser.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/options.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kinema::report {

/// Colours that keep their meaning through a page, in light and dark.
enum class Colour { blue, grey, orange, green, purple, red };

/// How values are drawn: joined by lines, as points, or as bars that touch.
enum class Style : std::uint8_t { line, points, bars };
inline constexpr EnumName<Style> style_names[] = {
    {Style::line, "line"}, {Style::points, "points"}, {Style::bars, "bars"}};
constexpr std::span<const EnumName<Style>> enum_names(Style) {
  return style_names;
}

/// One curve; a value that is not finite is a gap.
struct Series {
  std::string name = {};
  std::vector<double> y = {};
  Colour colour = Colour::blue;
  bool dashed = false;
  Style style = Style::line;
  std::vector<double> error = {};  // half the height of a band about y; empty: none
  std::vector<double> value = {};  // colours points by the map viridis; empty: the series' colour
};

/// An image over the axes: values (Y, X), row 0 at the lower end of y.
struct Field {
  std::array<double, 2> x{}, y{};  // from edge to edge
  Array<float, 2> values;          // not finite: nothing there
  double low = 0.0, high = 1.0;    // what the ends of the colour map stand for
  bool diverging = false;          // a map with a middle, else viridis
};

struct Plot {
  std::string title = {}, x_label = {}, y_label = {};  // labels carry the unit: "PSNR (dB)"
  std::vector<double> x = {};
  std::vector<Series> series = {};  // each as long as x
  bool log_y = false;
  bool over_frames = false;        // x (of an image, y) counts frames: a cursor follows the players
  std::vector<Index> frames = {};  // which frame each x belongs to, where x does not count them
  bool equal_units = false;        // a unit is as long in x as in y
  std::optional<Field> field = {};  // in the place of series
  std::string value_label = {};     // of points' colours and of the image
};

/// Counts of `values` as bars, in `bins` bins between their 0.2 and 99.8 percentiles; values that
/// are not finite do not count.
Plot histogram(const std::string& title,
               const std::string& x_label,
               const std::string& y_label,
               std::vector<double> values,
               int bins = 60);

/// What the browser draws, values to six significant digits. Throws std::logic_error when a curve
/// is not as long as x.
Json to_json(const Plot& plot);

}  // namespace kinema::report
