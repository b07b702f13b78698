// Counts with read noise made to noise of standard deviation one, and back.
#pragma once

#include "kinema/base/array.h"

#include <cmath>
#include <span>

namespace kinema::restore {

/// recorded = offset + gain N + read_noise normal, N Poisson: variance = gain (mean - offset) +
/// read_noise^2.
struct CountingNoise {
  double gain = 1.0, offset = 0.0, read_noise = 0.0;
  /// Whether electrons add to it at all, as far as single-precision numbers can tell.
  bool counts() const { return read_noise <= 1e4 * gain; }
  /// Of the mean of n frames.
  CountingNoise averaged(double n) const { return {gain / n, offset, read_noise / std::sqrt(n)}; }
};

/// Pixels in place, so that their noise has standard deviation one: by the transform below, or
/// divided by the read noise where there are no counts. InputError where there is no noise at all.
void stabilise(std::span<float> pixels, const CountingNoise& noise);
/// And back.
void destabilise(std::span<float> pixels, const CountingNoise& noise);

/// The generalised Anscombe transform, in place: the noise of the result has standard deviation one
/// wherever the mean is above some 2 electrons. Starck, Murtagh, Bijaoui, "Image Processing and
/// Data Analysis", Cambridge 1998.
void anscombe(std::span<float> pixels, const CountingNoise& noise);

/// Back from a denoised image, without bias: the closed form of the exact unbiased inverse.
/// Maekitalo, Foi, IEEE Trans. Image Process. 22, 91 (2013), Eq. 10.
void inverse_anscombe(std::span<float> pixels, const CountingNoise& noise);

}  // namespace kinema::restore
