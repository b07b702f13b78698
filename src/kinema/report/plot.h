// Line plots: curves over one shared x axis, drawn in the browser.
#pragma once

#include "kinema/base/options.h"

#include <string>
#include <vector>

namespace kinema::report {

/// Colours that keep their meaning through a page, in light and dark.
enum class Colour { blue, grey, orange, green, purple, red };

/// One curve; a value that is not finite is a gap.
struct Series {
  std::string name;
  std::vector<double> y;
  Colour colour = Colour::blue;
  bool dashed = false;
};

struct Plot {
  std::string title, x_label, y_label;  // labels carry the unit: "PSNR (dB)"
  std::vector<double> x;
  std::vector<Series> series;  // each as long as x
  bool log_y = false;
  bool over_frames = false;  // x counts frames: a cursor follows the players
};

/// What the browser draws, values to six significant digits. Throws std::logic_error when a curve
/// is not as long as x.
Json to_json(const Plot& plot);

}  // namespace kinema::report
