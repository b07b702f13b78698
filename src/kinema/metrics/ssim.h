// Structural similarity (Wang, Bovik, Sheikh and Simoncelli, IEEE TIP 13, 600 (2004)).
#pragma once

#include "kinema/metrics/psnr.h"

namespace kinema::metrics {

/// Mean SSIM with an 11 x 11 Gaussian window of sigma 1.5, K1 = 0.01, K2 = 0.03, over the pixels
/// whose window lies within the frame (a border of 5 pixels is left out). Throws InputError for
/// frames smaller than 11 x 11 or of different sizes.
double ssim(Frame image, Frame reference, double peak);

}  // namespace kinema::metrics
