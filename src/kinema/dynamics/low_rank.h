// Volumes that lie in a plane: frame t shows V_0 + sum_k z_tk V_k. EM over the latents, which the
// state-space prior joins, and the volumes (probabilistic PCA, Tipping and Bishop 1999, with
// central slices and the CTF as what frames see).
#pragma once

#include "kinema/base/progress.h"
#include "kinema/base/rng.h"
#include "kinema/dynamics/fourier_solver.h"
#include "kinema/dynamics/state_space.h"

#include <vector>

namespace kinema::dynamics {

struct LowRankSettings {
  Index latents = 2;     // 0: one volume for all frames
  bool temporal = true;  // latents move from frame to frame; otherwise each frame stands alone
  int iterations = 20;
};

struct LowRankModel {
  std::vector<Array<float, 3>> volumes;  // K + 1 of (N, N, N): V_0, V_1, ...
  Array<float, 3> mask;                  // where the molecule may be, 0 to 1
  std::vector<double> half_fsc;          // of V_0 from even and from odd frames, N/2 shells
  LatentPrior prior;
  LatentPosterior latents;
};

/// Also sets the noise of `frames` to what the model leaves over.
LowRankModel fit_low_rank(FrameSpectra& frames,
                          const LowRankSettings& settings,
                          Rng rng,
                          Progress& progress);

/// V_0 + sum_k z_k V_k
Array<float, 3> volume_at(const LowRankModel& model, const double* latents);

}  // namespace kinema::dynamics
