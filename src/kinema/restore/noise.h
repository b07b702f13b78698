// How noisy a movie is, measured on its frames as they pass by: the variance of a recorded pixel of
// mean m is gain * m + read_variance.
#pragma once

#include "kinema/data/measurement.h"
#include "kinema/data/pixel_type.h"
#include "kinema/restore/anscombe.h"

#include <optional>
#include <vector>

namespace kinema::restore {

/// Collects (mean, variance) of small blocks and fits the line through them.
///
/// Where the specimen moves, what is left of it adds to a block's variance, never takes away: so
/// the fit gives less weight to blocks that lie above it.
class NoiseMeter {
 public:
  NoiseMeter(Index height, Index width) : height_(height), width_(width) {}

  /// Looks at up to 64 blocks of `count` frames (count, Y, X) of `type`, until it has seen enough.
  void add(PixelType type, const std::byte* frames, Index count);

  /// The fit so far; zeros before anything was seen.
  const NoiseModel& model() const { return model_; }

  /// The same line where a camera's offset may make it cross zero above no electrons: then read
  /// noise is 0, otherwise the offset is. No gain where hardly any means differ. None before
  /// anything was seen.
  std::optional<CountingNoise> counting_noise() const;

 private:
  struct Point {
    double mean, variance;
  };
  struct Sample {
    double mean;
    double white;      // what the specimen leaves of white noise, an upper bound
    double near, far;  // half the mean square change between neighbours, and over half a group
    double in_time;    // mean variance of a pixel over the group; 0 for single frames
  };
  std::vector<Point> points() const;
  void fit();

  Index height_, width_;
  std::vector<Sample> samples_;
  NoiseModel model_;
};

/// Noise of one frame as seen in a mean of `open` of its group's frames (Y, X): for measurements
/// that came without their frames. The quietest blocks tell the noise, all of them the change
/// (moving or finely textured specimens alike).
NoiseModel noise_from_mean(ArrayView<const float, 2> mean, double open);

}  // namespace kinema::restore
