// A frame moved by a fraction of a pixel, with its noise left as white as it was.
#pragma once

#include "kinema/base/array.h"

namespace kinema::restore {

/// Displacement in pixels: down and to the right.
struct Shift {
  double y = 0.0, x = 0.0;
  friend bool operator==(const Shift&, const Shift&) = default;
};

/// The frame (Y, X) with what it shows moved by `shift`: interpolation by a sinc of 16 pixels under
/// a Kaiser window, which keeps frequencies of up to 0.4 cycles a pixel to one part in a hundred.
/// Beyond the edges the frame is mirrored. Whole pixels are moved exactly.
Array<float, 2> moved_by(ArrayView<const float, 2> frame, const Shift& shift);

}  // namespace kinema::restore
