// Frames one after another: what each step of a restoration takes from the step before it.
#pragma once

#include "kinema/base/array.h"

#include <optional>

namespace kinema::restore {

class FrameStream {
 public:
  virtual ~FrameStream() = default;
  /// The next frame (Y, X); none after the last.
  virtual std::optional<Array<float, 2>> next() = 0;
};

}  // namespace kinema::restore
