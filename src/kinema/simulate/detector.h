// From expected electrons to recorded pixels: Poisson counts, gain, read noise, rounding.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/rng.h"
#include "kinema/data/movie_source.h"

#include <cstddef>
#include <span>

namespace kinema::simulate {

/// recorded = round(offset + gain N + read_noise normal), N ~ Poisson(expected electrons), kept
/// within the range of the pixel type; floats are not rounded.
struct Detector {
  double gain = 1.0;        // recorded units for one electron
  double offset = 0.0;      // recorded units
  double read_noise = 0.0;  // standard deviation, recorded units
};

/// Draws one frame. `expected` (Y, X) is in recorded units: offset + gain * electrons. Every row
/// has its own stream of `rng`, so the bytes do not depend on the number of threads.
void record(std::span<const float> expected,
            const Detector& detector,
            const FrameFormat& format,
            const Rng& rng,
            std::span<std::byte> out);

/// Values in recorded units as pixels: rounded and kept within the type's range, unless it is
/// float.
void round_to_pixels(std::span<const float> values, PixelType type, std::span<std::byte> out);

/// The largest gain of two digits, at most 4, for which a pixel of `brightest` expected electrons
/// stays 6 standard deviations below the top of the type's range; 1 for floats.
double fitting_gain(PixelType type, double offset, double read_noise, double brightest);

}  // namespace kinema::simulate
