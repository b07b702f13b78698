// How a group of frames is decoded: in which unit, with which weights, and how closely it follows
// the measurement.
#pragma once

#include "kinema/codec/decode.h"

#include <vector>

namespace kinema::codec {

/// A group is decoded in units of its own grey levels, (value - level) / range, so that neither an
/// offset nor the unit of the pixels changes what comes out.
struct GreyLevels {
  double level = 0.0;  // taken for 0: the median
  double range = 1.0;  // taken for 1: from the darkest to the brightest pixels, but one in 1000
};

/// Levels of the mean Y / sum C over the pixels that are open at all.
GreyLevels grey_levels(std::vector<float> values);

/// Weights in units of the range; the noise in recorded units.
struct Weights {
  double space = 0.0, time = 0.0;
  bool noise_aware = false;
  double noise = 0.0;
};

/// Chooses what `options` leave open, from the noise of the movie and of the group's steps or,
/// where it is not known, of the group's mean (Y, X) through masks of this kind.
Weights choose_weights(const DecodeOptions& options,
                       const std::optional<NoiseModel>& noise,
                       const Group& group,
                       MaskKind masks,
                       ArrayView<const float, 2> mean,
                       const GreyLevels& levels);

}  // namespace kinema::codec
