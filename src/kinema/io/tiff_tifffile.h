// What tifffile (Python) writes into a file's first description: the shape of the whole array and
// letters for its axes, as {"shape": [2, 3, 64, 64], "axes": "TZYX"}.
#pragma once

#include "kinema/data/movie.h"

#include <string>
#include <vector>

namespace kinema::io {

/// The axes of an array whose frames are of (height, width), y and x last; none where the
/// description is none of tifffile's or of other frames.
std::vector<Axis> tifffile_axes(const std::string& description, Index height, Index width);

/// How many frames such axes count; 0 where there are none.
Index frames_of_tifffile(const std::vector<Axis>& axes);

}  // namespace kinema::io
