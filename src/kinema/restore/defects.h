// Dead, hot and noisy pixels: found by how they behave over time, and filled from their neighbours.
#pragma once

#include "kinema/base/array.h"

#include <cstdint>

namespace kinema::restore {

/// Mean and standard deviation of every pixel over the frames given so far (Welford's recurrence).
class PixelStatistics {
 public:
  PixelStatistics(Index height, Index width) : mean_({height, width}), squares_({height, width}) {}
  void add(ArrayView<const float, 2> frame);
  Index frames() const { return frames_; }
  const Array<double, 2>& mean() const { return mean_; }
  Array<double, 2> deviation() const;

 private:
  Array<double, 2> mean_, squares_;  // squares: sum of squared differences from the mean
  Index frames_ = 0;
};

struct Defects {
  Array<std::uint8_t, 2> bad;  // 1 where a pixel is not to be believed
  Index dead = 0;              // darker than all around, or without any noise
  Index hot = 0;               // brighter than all around
  Index noisy = 0;             // noisier than all around
  Index count() const { return dead + hot + noisy; }
};

/// A pixel is bad when its mean lies beyond those of its 8 neighbours (but one), or its deviation
/// above theirs, by more than `threshold` times what neighbours differ by over the frame. Needs at
/// least 2 frames.
Defects find_defects(const PixelStatistics& statistics, double threshold = 12.0);

/// Every bad pixel becomes the mean of its nearest good ones, weighted by inverse square distance.
void inpaint(ArrayView<float, 2> frame, const Defects& defects);

}  // namespace kinema::restore
