// Fitting Gaussians that deform, from a map and from latents that a low-rank model found.
//
// Every epoch moves the Gaussians by Adam over shuffled batches of frames, then finds the latents
// anew: each frame's evidence about them, linearised where they are, goes through the same
// state-space smoother. A tenth of the frames is held out; what the model, with latents that only
// their neighbours in time tell, says of them ends the fit and chooses the best epoch.
#pragma once

#include "kinema/base/progress.h"
#include "kinema/base/rng.h"
#include "kinema/dynamics/gaussian_model.h"
#include "kinema/dynamics/low_rank.h"

#include <vector>

namespace kinema::dynamics {

struct GaussianSettings {
  Index gaussians = 384;
  int epochs = 60;
  int patience = 8;         // epochs without a better held-out likelihood
  double stiffness = 16.0;  // nats per squared angstrom that neighbours move apart, per latent unit
  double width_floor = 0.0;  // angstrom; 0: from the map's resolution
  bool temporal = true;
  Index held_out_at = 5;  // which of every ten frames is held out, 0 to 9
};

struct GaussianFit {
  GaussianModel model;
  LatentPrior prior;
  LatentPosterior latents;
  std::vector<double> held_out;  // log-likelihood per held-out frame, epoch by epoch
  int best_epoch = 0;
};

GaussianFit fit_gaussians(FrameSpectra& frames,
                          const LowRankModel& start,
                          const GaussianSettings& settings,
                          Rng rng,
                          Progress& progress);

}  // namespace kinema::dynamics
