// Peak signal-to-noise ratio, frame by frame, and the rule for its peak.
#pragma once

#include "kinema/base/array.h"
#include "kinema/data/pixel_type.h"

#include <string>

namespace kinema::metrics {

using Frame = ArrayView<const float, 2>;  // (Y, X)

/// Throws InputError "`who`: ..." that names both sizes unless the frames agree.
void require_same_size(const std::string& who, Frame a, Frame b);

/// Mean of (a - b)^2, in double; the same for any number of threads.
double mean_squared_error(Frame a, Frame b);

/// 10 log10(peak^2 / mean squared error), dB; infinite where nothing differs.
double psnr_from(double mean_squared_error, double peak);
double psnr(Frame image, Frame reference, double peak);

/// The peak that figures are stated against.
struct Peak {
  double value = 0.0;
  std::string rule;  // how it was chosen
};

/// 255 where the movie was recorded with 8 bits, else the largest value of the reference.
Peak peak_of(PixelType recorded, double reference_maximum);

}  // namespace kinema::metrics
