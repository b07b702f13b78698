// The model inr-dvae: what a coordinate network adds to the mean map, by a latent that a recurrent
// encoder finds (nn/inr_dvae.h). Here: what the network is given, when training ends, checkpoints.
#pragma once

#include "kinema/base/options.h"
#include "kinema/base/progress.h"
#include "kinema/base/rng.h"
#include "kinema/data/volume.h"
#include "kinema/dynamics/low_rank.h"
#include "kinema/nn/inr_dvae.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace kinema::dynamics {

struct InrOptions {
  Index width = 64, depth = 2, features = 576, modes = 8, encoder_width = 64;
  Index sequence_length = 64, stride = 1, batch = 3;
  int epochs = 10, patience = 8, static_epochs = 0, kl_warm_up = 3;
  double learning_rate = 1.5e-3, weight_decay = 0.2, free_bits = 0.0;
  std::string device = "cpu", resume;

  static void fields(auto& self, auto&& visit) {
    visit("inr_width", self.width, "units of a layer of the coordinate network");
    visit("inr_depth", self.depth, "residual layers of the coordinate network");
    visit("inr_features", self.features, "Fourier features, each a place in the molecule");
    visit("inr_modes",
          self.modes,
          "maps that the network gives and the latent mixes; 0: the latent joins the features");
    visit("inr_encoder_width", self.encoder_width, "units of the recurrent encoder");
    visit("inr_sequence_length", self.sequence_length, "frames of a training sequence");
    visit("inr_stride", self.stride, "frames from one of a sequence to the next");
    visit("inr_batch", self.batch, "sequences of a batch");
    visit("inr_epochs", self.epochs, "passes over the movie, at most");
    visit("inr_patience", self.patience, "epochs to wait for better held-out frames");
    visit("inr_static_epochs", self.static_epochs, "epochs without motion at the beginning");
    visit("inr_kl_warm_up", self.kl_warm_up, "epochs in which the prior comes into force");
    visit("inr_learning_rate", self.learning_rate, "of Adam, at the beginning");
    visit("inr_weight_decay",
          self.weight_decay,
          "strength of a Gaussian prior on the coordinate network's weights");
    visit("inr_free_bits", self.free_bits, "nats of a frame's divergence from the prior for free");
    visit("device", self.device, "where inr-dvae is trained: cpu, cuda, cuda:1, ...");
    visit("resume", self.resume, "checkpoint.safetensors of inr-dvae from which to go on");
  }
};

/// Throws InputError for options out of range.
void require_sensible(const InrOptions& options);

/// Epoch by epoch: nats per frame of the misfit and of the divergence from the prior, the
/// gradient's norm, and the log-likelihood per held-out frame.
struct InrCurves {
  std::vector<double> misfit, divergence, gradient, held_out;
};

struct InrFit {
  std::unique_ptr<VolumeSeries> volumes;
  LatentPosterior latents;
  InrCurves curves;
  int best_epoch = 0;
};

/// `start` holds the mean map; frames carry the noise that it left. With a `checkpoint` every epoch
/// ends by writing one there. Throws InputError where LibTorch is missing, where a checkpoint is of
/// another network or movie, and where training leaves the finite numbers.
InrFit fit_inr(const FrameSpectra& frames,
               const LowRankModel& start,
               Index latents,
               bool temporal,
               const InrOptions& options,
               const std::filesystem::path& checkpoint,
               Rng rng,
               Progress& progress);

}  // namespace kinema::dynamics
