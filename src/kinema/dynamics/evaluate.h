// A reconstructed series against the truth.
#pragma once

#include "kinema/base/options.h"
#include "kinema/data/volume.h"
#include "kinema/metrics/fsc.h"

#include <functional>
#include <optional>
#include <vector>

namespace kinema::dynamics {

/// Volumes of the same frames, and the latents with the true coordinate of every frame.
struct EvaluateInput {
  std::vector<Index> frames;                        // those of which both volumes are known, rising
  std::function<Volume(std::size_t)> found, truth;  // of frames[i]
  Array<double, 2> latents;                         // (T, K); K may be 0
  std::vector<double> coordinate;                   // T, or empty
};

struct Evaluation {
  Index frames = 0;                     // scored
  metrics::FscCurve curve, difference;  // means over the scored frames
  double resolution_half = 0.0;         // angstrom, mean over frames of where FSC falls to 0.5
  double resolution_seventh = 0.0;      // to 0.143
  double area = 0.0;                    // mean of shells 1 .. N/2-1
  double dynamic_area = 0.0;  // the same of difference maps: volume minus the mean of those scored
  std::optional<double> latent_correlation;  // multiple R of the coordinate by a linear read-out
};

/// Throws InputError for fewer than two frames in common.
Evaluation evaluate(const EvaluateInput& input);

Json to_json(const Evaluation& evaluation);
std::string to_text(const Evaluation& evaluation);

/// The multiple correlation of y with the columns of x (T, K) and a constant.
double multiple_correlation(const Array<double, 2>& x, const std::vector<double>& y);

}  // namespace kinema::dynamics
