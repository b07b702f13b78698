// The plots of a page as drawings for papers: no browser is needed.
#pragma once

#include "kinema/report/drawing.h"
#include "kinema/report/plot.h"

namespace kinema::report {

/// A plot on `width` x `height` pixels: axes with ticks, bands of error under curves, names of the
/// series where there are several, a colour bar where points or an image are coloured.
Drawing drawing_of(const Plot& plot, double width = 520.0, double height = 380.0);

}  // namespace kinema::report
