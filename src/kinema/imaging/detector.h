// What a camera makes of electrons: counts, or a signal that its optics spread and its electronics
// disturb.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/rng.h"
#include "kinema/data/optics.h"

#include <vector>

namespace kinema::imaging {

/// What the camera records on average of `electrons` expected in each pixel (Y, X):
/// gain * (MTF applied to them).
Array<float, 2> mean_recording(const Array<float, 2>& electrons, const Detector& detector);

/// One recorded frame (Y, X). The electrons arrive by Poisson's law. A counting camera records
/// gain * counts, the MTF being in their mean. An integrating one records
///   gain * (MTF electrons + sqrt(NPS) (arrived - electrons)) + read noise,
/// NPS the noise power of the detector, and the square of its MTF where that is not known: so its
/// noise is correlated from pixel to pixel. Every row has its own stream of `rng`.
Array<float, 2> record(const Array<float, 2>& electrons, const Detector& detector, const Rng& rng);

/// Pixels (y * width + x, rising) that a fraction of broken ones falls on.
std::vector<Index> dead_pixels(Index height, Index width, double fraction, Rng rng);

/// The MTF exp(-(f / f_N)^2 ln(1 / at_nyquist)): a Gaussian spread that leaves `at_nyquist` at the
/// Nyquist frequency.
Curve gaussian_mtf(double at_nyquist);

}  // namespace kinema::imaging
