// Still images with marks drawn over them: spots as circles, rings as ellipses.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/options.h"

#include <string>
#include <vector>

namespace kinema::report {

enum class MarkKind { spot, ring };

/// An ellipse around (x, y), in pixels from the centre of pixel (0, 0).
struct Mark {
  MarkKind kind = MarkKind::spot;
  double x = 0.0, y = 0.0;
  double radius_x = 0.0, radius_y = 0.0;  // pixels
  std::string label;                      // beside a spot, on top of a ring
};

/// A grey image in a row of images.
struct Image {
  std::string title, caption;
  Index height = 0, width = 0;
  std::string png;  // the bytes of a PNG file
  std::vector<Mark> marks;
};

/// `values` (Y, X) in grey from `low` (black) to `high` (white).
Image grey_image(std::string title, ArrayView<const float, 2> values, double low, double high);

std::string to_html(const Image& image);
Json to_json(const Image& image);

}  // namespace kinema::report
