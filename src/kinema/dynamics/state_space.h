// What is known of the latents of all frames together: each frame's own evidence, joined by a prior
// on how latents move from frame to frame.
#pragma once

#include "kinema/base/array.h"

#include <vector>

namespace kinema::dynamics {

/// What each frame says by itself: log p(frame | z) = pull . z - z . precision z / 2 + constant.
struct LatentEvidence {
  Array<double, 3> precision;  // (T, K, K)
  Array<double, 2> pull;       // (T, K)

  LatentEvidence() = default;
  LatentEvidence(Index frames, Index latents)
      : precision({frames, latents, latents}), pull({frames, latents}) {}
  Index frames() const { return pull.shape()[0]; }
  Index latents() const { return pull.shape()[1]; }
};

/// z_t = a z_(t-1) + sqrt(1 - a^2) noise, each latent by itself with variance 1; persistence a = 0
/// makes frames independent.
struct LatentPrior {
  std::vector<double> persistence;  // K
};

struct LatentPosterior {
  Array<double, 2> mean;        // (T, K)
  Array<double, 3> covariance;  // (T, K, K)
  double log_evidence = 0.0;    // of all frames under the prior, up to the frames' constants
};

/// The exact posterior, by a Kalman filter forwards and Rauch-Tung-Striebel smoothing backwards
/// (Rauch, Tung and Striebel, AIAA J. 3, 1965).
LatentPosterior smooth(const LatentEvidence& evidence, const LatentPrior& prior);

/// The persistences under which the evidence is likeliest, found by steps of each from `start`. (EM
/// for them creeps where the latents move slowly.)
LatentPrior likeliest_prior(const LatentEvidence& evidence, LatentPrior start);

}  // namespace kinema::dynamics
