// Orientations by search: every frame against a reference seen from everywhere, joined in time by a
// hidden Markov model of a molecule that turns by diffusion.
#pragma once

#include "kinema/base/options.h"
#include "kinema/base/progress.h"
#include "kinema/dynamics/spectra.h"

#include <optional>
#include <vector>

namespace kinema::dynamics {

struct PoseOptions {
  Index orientations = 18000;
  std::optional<double> step = {};
  int rounds = 3;

  static void fields(auto& self, auto&& visit) {
    visit("orientations", self.orientations, "that are tried, spread evenly");
    visit("step", self.step, "rms turn from frame to frame in degrees; auto finds the likeliest");
    visit("rounds", self.rounds, "in which the reference's scale and the noise are found");
  }
};

struct FoundPoses {
  std::vector<Rotation> rotations;  // T, lab_from_body: the posterior's mean about its peak
  std::vector<double> spread;       // T, radian: rms angle of the posterior to that
  double step = 0.0;                // degrees, rms
  double scale = 1.0;               // of the reference in the movie's units
};

/// Shifts of `frames` must be known. Sets their noise to what the reference leaves over. Throws
/// InputError where the reference is of another size or the options are out of range.
FoundPoses find_poses(FrameSpectra& frames,
                      const Array<float, 3>& reference,
                      const PoseOptions& options,
                      Progress& progress);

/// `count` rotations spread evenly over all (super-Fibonacci spirals: Alexa, CVPR 2022).
std::vector<Rotation> spread_rotations(Index count);

}  // namespace kinema::dynamics
