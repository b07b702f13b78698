// How true the change from frame to frame is: PSNR of the frame differences.
#pragma once

#include "kinema/metrics/psnr.h"

#include <optional>
#include <vector>

namespace kinema::metrics {

/// Fed with frames in order; holds the error of one frame.
class TemporalError {
 public:
  /// Mean of ((x_t - x_(t-1)) - (r_t - r_(t-1)))^2; none for the first frame.
  std::optional<double> add(Frame image, Frame reference);

 private:
  Array<float, 2> error_;  // x_(t-1) - r_(t-1)
};

}  // namespace kinema::metrics
