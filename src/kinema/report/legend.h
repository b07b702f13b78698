// What stands beside a scene: the bar of its colours, a scale bar, words.
#pragma once

#include "kinema/report/atom_scene.h"
#include "kinema/report/camera.h"
#include "kinema/report/drawing.h"

namespace kinema::report {

inline constexpr Rgb ink{0.13F, 0.13F, 0.15F};

/// A bar from high (top) to low in a box, ticks and numbers on its right, the title along it.
void add_colour_bar(Drawing& drawing,
                    const ColourScale& scale,
                    Point corner,
                    double width,
                    double height,
                    double size);

/// A bar of a round length of at most `widest` pixels, its length under it; `left` is where it
/// begins, on its upper edge. In perspective it holds at the target.
void add_scale_bar(
    Drawing& drawing, double pixels_per_angstrom, Point left, double widest, double size);

}  // namespace kinema::report
