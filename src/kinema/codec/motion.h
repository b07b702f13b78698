// How much a view moves within some frames, held against its noise.
#pragma once

#include "kinema/data/measurement.h"
#include "kinema/data/movie_source.h"

namespace kinema::codec {

/// Frames (count, Y, X) of pixels of `format`, at least two, and what is known of their noise.
struct FrameRun {
  FrameFormat format;
  const std::byte* frames = nullptr;
  Index count = 0;
  NoiseModel noise;  // zeros: not known
};

/// With m1 and m2 the means of a pixel over the first and the last n / 2 of n frames, the mean over
/// pixels of
///
///   n (m1 - m2)^2 / (4 sigma^2) - 1
///
/// in that of 4 x 4 parts of the view where it is largest; 0 where nothing moves. At 1 the mean of
/// the n frames errs by motion about as much as by noise. sigma^2 is half the mean square change
/// from frame to frame, or the noise where that is less.
double motion_within(const FrameRun& run);

/// What motion adds to the noise that is known, in units of its variance and as a mean over the
/// view; 0 where nothing moves.
struct AddedVariance {
  double between = 0.0;  // to half the mean square change of a pixel from frame to frame
  double within = 0.0;   // to the variance of a pixel over all frames
};
AddedVariance added_by_motion(const FrameRun& run);

}  // namespace kinema::codec
