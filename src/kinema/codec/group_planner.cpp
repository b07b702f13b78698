// The longest exposure that motion allows, and as many of them as it goes on to allow.
#include "kinema/codec/group_planner.h"

#include <algorithm>

namespace kinema::codec {
namespace {

/// Frames [first, first + count) of a run.
FrameRun part_of(const FrameRun& run, Index first, Index count) {
  FrameRun part = run;
  part.frames += first * run.format.bytes();
  part.count = count;
  return part;
}

bool rests(const FrameRun& run, Index first, Index count) {
  return motion_within(part_of(run, first, count)) <= most_motion;
}

}  // namespace

GroupPlan plan_group(const MaskSet& masks, const Coding& coding, const FrameRun& run) {
  if (!masks.adaptive) return {masks.ratio(), run.count};
  Index ratio = adaptive_ratios[0];
  for (const Index longer : adaptive_ratios) {
    if (longer > run.count || longer > masks.ratio() || !rests(run, 0, longer)) break;
    ratio = longer;
  }
  Index frames = std::min(ratio, run.count);
  if (masks.kind != MaskKind::staggered) return {ratio, frames};
  for (Index k = 1; k < coding.buckets && frames + ratio <= run.count; ++k, frames += ratio) {
    if (ratio > adaptive_ratios[0] && !rests(run, frames, ratio)) break;
  }
  return {ratio, frames};
}

}  // namespace kinema::codec
