// The first frames' motion against their noise.
#include "kinema/codec/encode_plan.h"

#include "kinema/codec/group_planner.h"
#include "kinema/restore/noise.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace kinema::codec {
namespace {

constexpr Index frames_to_look_at = 10;

bool is_fast(const AddedVariance& motion) {
  return motion.between > seen_motion && motion.between > fast_motion * motion.within &&
         motion.between < no_growth * motion.within;
}

AddedVariance first_motion(MovieSource& movie) {
  const FrameFormat format = movie.format();
  const Index frames = std::min(frames_to_look_at, movie.frames().value_or(0));
  if (frames < 2) return {};
  const Movie first = to_movie(movie, 0, frames);
  const auto* pixels = reinterpret_cast<const std::byte*>(first.frames.data());
  restore::NoiseMeter noise(format.height, format.width);
  noise.add(PixelType::f32, pixels, frames);
  return added_by_motion(
      {{PixelType::f32, format.height, format.width}, pixels, frames, noise.model()});
}

}  // namespace

MaskPlan plan_masks(const EncodeOptions& options, MovieSource* movie) {
  MaskPlan plan;
  plan.adaptive = !options.ratio;
  plan.masks.ratio = options.ratio.value_or(*std::rbegin(adaptive_ratios));
  plan.masks.seed = options.seed;
  if (options.masks) {
    plan.masks.kind = *options.masks;
    return plan;
  }
  if (movie == nullptr) {
    throw InputError(
        "encode: masks auto looks at the first frames beforehand, and these pass only once; choose "
        "--masks staggered or balanced");
  }
  plan.motion = first_motion(*movie);
  plan.masks.kind = is_fast(*plan.motion) ? MaskKind::balanced : MaskKind::staggered;
  return plan;
}

MaskSet make_masks(const MaskPlan& plan, Index height, Index width) {
  MaskSet masks = make_masks(plan.masks, height, width);
  masks.adaptive = plan.adaptive;
  return masks;
}

std::string reason(const MaskPlan& plan) {
  if (!plan.motion) return "";
  const auto number = [](double value) { return shortest_text(std::round(value * 100.0) / 100.0); };
  return std::string(is_fast(*plan.motion) ? "fast motion" : "no fast motion") +
         ": beyond noise, by " + number(plan.motion->between) + " of it from frame to frame and " +
         number(plan.motion->within) + " within " + std::to_string(frames_to_look_at);
}

}  // namespace kinema::codec
