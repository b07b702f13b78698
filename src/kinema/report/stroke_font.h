// Letters as strokes of a pen, for words in pictures: no font has to be at hand.
#pragma once

#include "kinema/report/drawing.h"

#include <string_view>
#include <vector>

namespace kinema::report {

/// Words as lines, and how wide they are. `y` of the base line is 0.
struct WrittenWords {
  std::vector<std::vector<Point>> strokes;
  double width = 0.0;
};

/// `text` (UTF-8) at `size` pixels an em; letters that are not known become a box.
WrittenWords write_words(std::string_view text, double size);

/// Width of the pen that suits a size.
double pen_width(double size);

}  // namespace kinema::report
