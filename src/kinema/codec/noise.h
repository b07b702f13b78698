// How noisy a movie is, measured on its frames while they are encoded: the variance of a recorded
// pixel of mean m is gain * m + read_variance.
#pragma once

#include "kinema/data/measurement.h"
#include "kinema/data/pixel_type.h"

#include <vector>

namespace kinema::codec {

/// Collects (mean, variance) of small blocks and fits the line through them.
///
/// A block's variance is the least of those of three differences that cancel the specimen in
/// different ways: between frames, between neighbouring pixels, and both. What is left of the
/// specimen only ever adds, so the fit gives less weight to blocks that lie above it.
class NoiseMeter {
 public:
  NoiseMeter(Index height, Index width) : height_(height), width_(width) {}

  /// Looks at up to some hundred blocks of `count` frames (count, Y, X) of `type`.
  void add(PixelType type, const std::byte* frames, Index count);

  /// The fit so far; zeros before anything was seen.
  NoiseModel model() const;

 private:
  struct Sample {
    double mean, variance;  // of the noise
    double in_time;         // mean variance of a pixel over the group; 0 for single frames
  };
  void keep(std::vector<Sample>&& samples);

  Index height_, width_;
  std::vector<Sample> samples_;
};

/// Noise of one frame as seen in a mean of `open` of its group's frames (Y, X): for measurements
/// that came without their frames. The quietest blocks tell the noise, all of them the change
/// (moving or finely textured specimens alike).
NoiseModel noise_from_mean(ArrayView<const float, 2> mean, double open);

}  // namespace kinema::codec
