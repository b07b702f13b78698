// From particles to a volume for every frame, by any of the models.
#pragma once

#include "kinema/base/options.h"
#include "kinema/base/progress.h"
#include "kinema/base/rng.h"
#include "kinema/data/particles.h"
#include "kinema/data/volume.h"
#include "kinema/dynamics/inr.h"
#include "kinema/dynamics/state_space.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace kinema::dynamics {

enum class Model : std::uint8_t { gaussians, inr_dvae, low_rank, homogeneous };
inline constexpr EnumName<Model> model_names[] = {{Model::gaussians, "gaussians"},
                                                  {Model::inr_dvae, "inr-dvae"},
                                                  {Model::low_rank, "low-rank"},
                                                  {Model::homogeneous, "homogeneous"}};
constexpr std::span<const EnumName<Model>> enum_names(Model) {
  return model_names;
}

/// How latents of neighbouring frames are joined.
enum class Prior : std::uint8_t { kalman, gated, independent };
inline constexpr EnumName<Prior> prior_names[] = {
    {Prior::kalman, "kalman"}, {Prior::gated, "gated"}, {Prior::independent, "independent"}};
constexpr std::span<const EnumName<Prior>> enum_names(Prior) {
  return prior_names;
}

struct ReconstructOptions {
  Model model = Model::gaussians;
  std::optional<Prior> prior = {};
  Index latents = 2;
  int iterations = 20;
  Index gaussians = 384, ensemble = 4;
  int epochs = 60, patience = 8;
  double stiffness = 16.0;
  std::optional<Length> width_floor = {};
  bool half_sets = false;
  InrOptions inr = {};
  std::filesystem::path checkpoint = {};  // which inr-dvae writes; empty: none

  static void fields(auto& self, auto&& visit) {
    visit("model",
          self.model,
          "what moves: Gaussians, a network, a low-rank sum of volumes, or nothing");
    visit("prior",
          self.prior,
          "of the latents: from frame to frame (gated: by inr-dvae's network, kalman: all others), "
          "or each frame by itself");
    visit("latents", self.latents, "numbers that tell a frame's state, 1 to 8");
    visit("iterations", self.iterations, "of the low-rank model");
    visit("gaussians", self.gaussians, "how many");
    visit(
        "ensemble", self.ensemble, "fits of Gaussians, each from other places, that are averaged");
    visit("epochs", self.epochs, "at most, of the Gaussians");
    visit("patience", self.patience, "epochs to wait for a better likelihood of held-out frames");
    visit("stiffness",
          self.stiffness,
          "nats for neighbouring Gaussians that move apart by an angstrom");
    visit("width_floor", self.width_floor, "least rms width of a Gaussian; auto: by the map");
    visit("half_sets",
          self.half_sets,
          "also reconstruct even and odd frames apart, which doubles the time, and compare");
    InrOptions::fields(self.inr, visit);
  }
};

/// Fourier shell correlation (N/2 shells) of volumes from even frames with those from odd ones, and
/// of their differences from the mean volume; means over the movie.
struct HalfSetAgreement {
  std::vector<double> volumes, differences;
};

struct Reconstruction {
  std::unique_ptr<VolumeSeries> volumes;
  Volume mean_map;               // the homogeneous map
  std::vector<double> half_fsc;  // of mean maps from even and odd frames, N/2 shells
  LatentPosterior latents;       // no columns for the homogeneous model
  LatentPrior prior;
  std::vector<double> held_out;  // log-likelihood per held-out frame, epoch by epoch
  int best_epoch = 0;
  InrCurves curves;  // of inr-dvae's training
  std::optional<HalfSetAgreement> half_sets;
};

/// Throws InputError for options out of range.
Reconstruction reconstruct(const Particles& particles,
                           const ReconstructOptions& options,
                           const Rng& rng,
                           Progress& progress);

}  // namespace kinema::dynamics
