// What a detector adds to every pixel, and what it multiplies it by: dark and flat field.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/progress.h"
#include "kinema/data/movie_source.h"

#include <cstdint>

namespace kinema::restore {

/// restored = (recorded - dark) * factor, pixel by pixel.
struct Calibration {
  Array<float, 2> dark;    // (Y, X); empty: nothing is taken away
  Array<float, 2> factor;  // (Y, X), the flat's median over the flat; empty: one everywhere
  Index unlit = 0;         // pixels of the flat below a tenth of its median: their factor is 0
};

/// Mean over all frames of a movie, as dark and flat fields are made from movies of them; `name`
/// says in progress and errors which movie it is.
Array<float, 2> mean_frame(MovieSource& movie, const char* name, Progress& progress);

/// One over a gain reference, which cameras give to multiply by; 0 where it is not positive.
void invert_gain(ArrayView<float, 2> reference);

/// A calibration from a dark and a flat field, the dark taken away from it already; either may be
/// empty. InputError unless both fit frames of height x width pixels and the flat is lit.
Calibration make_calibration(Array<float, 2> dark, Array<float, 2> flat, Index height, Index width);

/// The frame (Y, X) calibrated in place.
void calibrate(ArrayView<float, 2> frame, const Calibration& calibration);

}  // namespace kinema::restore
