// Which groups of frames are better kept as they are: those of counting detectors with hardly an
// electron, and those in which the scene changes at once, so that no mean of frames makes sense.
#pragma once

#include "kinema/codec/encode.h"
#include "kinema/data/movie_source.h"

#include <deque>
#include <vector>

namespace kinema::codec {

/// Looks at groups in order.
class GroupKeeper {
 public:
  /// `type` is that of the pixels given to `keeps`. Throws InputError where lossless groups are
  /// asked for of pixels that cannot be kept so (float64).
  GroupKeeper(const Coding& coding, const FrameFormat& recorded, PixelType type);

  /// Whether frames (count, Y, X) are to be kept lossless.
  bool keeps(const std::byte* frames, Index count, const NoiseModel& noise);

 private:
  /// Means of blocks of 16 x 16 pixels, of every fourth row.
  struct Blocks {
    std::vector<double> means;
    double mean = 0.0, variance = 0.0;  // over the blocks
  };
  Blocks blocks_of(const std::byte* frame) const;
  bool breaks(const std::vector<Blocks>& frames, const NoiseModel& noise);

  Coding coding_;
  FrameFormat recorded_;
  PixelType type_;
  std::deque<double> changes_;  // of the last frames: mean squared change of blocks
};

}  // namespace kinema::codec
