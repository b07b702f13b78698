// The colour of noise: how strong it is at each spatial frequency, where the specimen rests.
#pragma once

#include "kinema/base/array.h"

#include <array>
#include <optional>
#include <span>

namespace kinema::restore {

/// Standard deviation of each coefficient of the cosine transform of blocks of 8 x 8 pixels, rows
/// of eight; all of white noise are its own.
struct NoiseColour {
  std::array<float, 64> deviations;
};

/// Of the noise of one pixel.
float variance_of(const NoiseColour& noise);

/// Correlation of the noise of pixels that lie 0 to 7 pixels apart, the larger of those along x and
/// along y, by the covariance of a block, B^T diag(deviations^2) B with B its cosine transform.
std::array<double, 8> correlation_of(const NoiseColour& noise);

/// Pixels from one block to another that shares little of its noise; 1 of noise that is as good as
/// white.
Index distance_apart(const NoiseColour& noise);

/// Noise of one standard deviation at every frequency.
NoiseColour white_noise();

/// As the changes from frame to frame (Y, X) show it in most places. None where frames farther
/// apart differ more than neighbours do, for then the specimen moves; of single electrons, which no
/// normal noise stands for; nor of fewer than 4 frames or than 16 blocks.
std::optional<NoiseColour> colour_of(std::span<const Array<float, 2>> frames);

}  // namespace kinema::restore
