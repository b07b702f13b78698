// The image that a lens with partial coherence makes of a wave, in pixels that collect what falls
// on them: the mean of |psi|^2 over the foci of an imperfectly monochromatic beam and over the
// directions of an imperfectly parallel one, blurred.
#pragma once

#include "kinema/data/optics.h"
#include "kinema/imaging/multislice.h"

namespace kinema::imaging {

/// Expected intensity (Y, X), 1 where there is no specimen, of `height` x `width` pixels over the
/// whole field of the wave. `optics.voltage` is not looked at: the wave has its own.
///
/// Foci are normal with the focal spread's rms, and directions with convergence / sqrt(2) along x
/// and y; both are averaged over intensities, by Gauss-Hermite nodes. Each pixel is the mean over
/// its area, so a Gaussian blur of 0.15 A in 0.2 A pixels acts like one of 0.161 A.
Array<float, 2> image_of(const Wave& wave, const Optics& optics, Index height, Index width);

}  // namespace kinema::imaging
