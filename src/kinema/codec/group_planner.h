// Where groups end: after so many frames, or, with adaptive masks, before the scene has moved by
// more than these can carry.
#pragma once

#include "kinema/codec/encode.h"
#include "kinema/codec/motion.h"

namespace kinema::codec {

/// Frames per snapshot that adaptive masks choose among; a block of the last is read at a time.
inline constexpr Index adaptive_ratios[] = {4, 8, 16, 32};

/// Motion (codec/motion.h) within the frames of a snapshot, up to which they are taken together.
inline constexpr double most_motion = 1.0;

/// The next group: its masks and its frames.
struct GroupPlan {
  Index ratio = 0, frames = 0;
};

/// Of the frames that `run` begins with; never beyond them.
GroupPlan plan_group(const MaskSet& masks, const Coding& coding, const FrameRun& run);

}  // namespace kinema::codec
