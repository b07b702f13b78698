// What the options of an encoding leave open, settled by the first frames of the movie.
#pragma once

#include "kinema/codec/encode.h"
#include "kinema/codec/motion.h"

#include <string>

namespace kinema::codec {

/// Masks are staggered unless the scene moves fast and is seen to: between frames by more than the
/// variance of the noise, and by that share of what it moves within a snapshot. Then exposures
/// without a gap blur what the gaps of balanced masks keep.
inline constexpr double seen_motion = 1.0, fast_motion = 0.65;

/// What hardly grows with time is no motion but jumps, or noise that is not white; there staggered
/// masks are as good.
inline constexpr double no_growth = 0.85;

/// Masks as they are to be drawn.
struct MaskPlan {
  MaskOptions masks;
  bool adaptive = false;                     // of fewer frames where motion asks for it
  std::optional<AddedVariance> motion = {};  // of the first frames, where that chose the kind
};

/// `movie` is where first frames may be looked at; null, where they pass only once: then masks that
/// are left open are an InputError.
MaskPlan plan_masks(const EncodeOptions& options, MovieSource* movie);

/// Draws them.
MaskSet make_masks(const MaskPlan& plan, Index height, Index width);

/// Why the masks are of their kind, in a few words; empty where the options say it.
std::string reason(const MaskPlan& plan);

}  // namespace kinema::codec
