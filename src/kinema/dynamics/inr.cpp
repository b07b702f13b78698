// Epochs, what held-out frames say of each, checkpoints, and the volumes of the best.
#include "kinema/dynamics/inr.h"

#include "kinema/base/linear.h"
#include "kinema/base/module.h"
#include "kinema/base/parallel.h"
#include "kinema/dynamics/inr_input.h"
#include "kinema/io/safetensors.h"
#include "kinema/nn/torch_info.h"

#include <algorithm>
#include <cmath>

namespace kinema::dynamics {
namespace {

/// The mean map, and what the network adds to it within its support.
class InrSeries : public VolumeSeries {
 public:
  InrSeries(std::unique_ptr<nn::InrDvae> network,
            const LowRankModel& start,
            std::vector<float> profile,
            Array<double, 2> latents,
            Length voxel)
      : network_(std::move(network)),
        map_(start.volumes[0]),
        mask_(start.mask),
        profile_(std::move(profile)),
        latents_(std::move(latents)),
        places_(half_places(map_.shape()[0])),
        voxel_(voxel) {}
  Index frames() const override { return latents_.shape()[0]; }
  Volume at(Index frame) const override {
    const auto z = latents_[frame].flat();
    const Array<float, 2> answers =
        network_->answer(std::vector<float>(z.begin(), z.end()), places_);
    Array<float, 3> density = volume_of(places_, answers, profile_);
    for (Index i = 0; i < density.size(); ++i) {
      density.data()[i] = map_.data()[i] + mask_.data()[i] * density.data()[i];
    }
    const double corner = -static_cast<double>(density.shape()[0] / 2) * voxel_.value;
    return {
        .density = std::move(density), .voxel_size = voxel_, .origin = {corner, corner, corner}};
  }

 private:
  std::unique_ptr<nn::InrDvae> network_;
  Array<float, 3> map_, mask_;
  std::vector<float> profile_;
  Array<double, 2> latents_;
  Array<float, 2> places_;
  Length voxel_;
};

nn::InrSettings settings_of(const InrOptions& options, Index latents, bool temporal, Rng& rng) {
  return {.latents = latents,
          .width = options.width,
          .depth = options.depth,
          .modes = options.modes,
          .encoder_width = options.encoder_width,
          .transition = temporal,
          .stride = options.stride,
          .sequence_length = options.sequence_length,
          .sequences = options.batch,
          .learning_rate = options.learning_rate,
          .epochs = options.epochs,
          .static_epochs = options.static_epochs,
          .kl_warm_up = options.kl_warm_up,
          .free_bits = options.free_bits,
          .weight_decay = options.weight_decay,
          .seed = rng.bits(),
          .device = options.device};
}

/// One fit: the network, where it stands, and what it was given.
class Training {
 public:
  Training(const FrameSpectra& frames,
           std::unique_ptr<nn::InrDvae> network,
           const InrOptions& options,
           std::filesystem::path checkpoint)
      : frames_(frames),
        options_(options),
        checkpoint_(std::move(checkpoint)),
        network_(std::move(network)) {
    if (!options.resume.empty()) resume();
  }

  void run(Progress& progress) {
    const auto done = [this] { return static_cast<int>(curves_.held_out.size()); };
    progress.begin("inr-dvae", options_.epochs - done(), "epochs");
    while (done() < options_.epochs && done() - best_epoch_ <= options_.patience) {
      progress.check();
      const nn::InrEpoch epoch = network_->train(done());
      curves_.misfit.push_back(kept(epoch.misfit));
      curves_.divergence.push_back(kept(epoch.divergence));
      curves_.gradient.push_back(kept(epoch.gradient));
      curves_.held_out.push_back(kept(judge()));
      if (curves_.held_out.back() >= curves_.held_out[static_cast<std::size_t>(best_epoch_)]) {
        best_epoch_ = done() - 1;
        network_->keep_best();
      }
      if (!checkpoint_.empty()) save();
      progress.advance(1);
    }
    progress.end();
    network_->use_best();
  }

  const InrCurves& curves() const { return curves_; }
  int best_epoch() const { return best_epoch_; }
  std::unique_ptr<nn::InrDvae> take_network() { return std::move(network_); }

 private:
  /// As a checkpoint keeps it.
  static double kept(double value) { return static_cast<double>(static_cast<float>(value)); }

  /// The log-likelihood per held-out frame, whose latents their neighbours tell, with the noise of
  /// each shell at its likeliest; training goes on with that noise.
  double judge() {
    Array<float, 2> mean, deviation;
    network_->latents(false, mean, deviation);
    const std::vector<double> residuals = network_->residuals(mean);
    const std::vector<std::int32_t>& shell = frames_.lattice.shell;
    const auto shells = static_cast<std::size_t>(frames_.box() / 2);
    std::vector<double> power(shells), count(shells);
    const auto held = static_cast<double>((frames_.frames() + 9 - inr_held_out_at) / 10);
    for (std::size_t s = 0; s < residuals.size(); ++s) {
      power[static_cast<std::size_t>(shell[s])] += residuals[s];
      count[static_cast<std::size_t>(shell[s])] += held;
    }
    double sum = 0.0;
    for (std::size_t i = 0; i < shells; ++i) {
      power[i] /= count[i];  // of both parts together
      sum -= count[i] / held * std::log(std::max(power[i], 1e-30));
    }
    std::vector<float> scale;
    for (const std::int32_t i : shell) {
      scale.push_back(
          static_cast<float>(1.0 / std::sqrt(std::max(power[static_cast<std::size_t>(i)], 1e-30))));
    }
    network_->set_scale(scale);
    return sum;
  }

  void save() const {
    io::TensorFile file{.tensors = network_->state(), .metadata = {{"format", "kinema inr-dvae"}}};
    const auto add = [&](const std::string& name, const std::vector<double>& values) {
      file.tensors.push_back({.name = name,
                              .shape = {static_cast<std::int64_t>(values.size())},
                              .values = std::vector<float>(values.begin(), values.end())});
    };
    add("misfit", curves_.misfit);
    add("divergence", curves_.divergence);
    add("gradient", curves_.gradient);
    add("held_out", curves_.held_out);
    add("best_epoch", {static_cast<double>(best_epoch_)});
    std::filesystem::create_directories(checkpoint_.parent_path());
    io::write_safetensors(checkpoint_, file);
  }

  void resume() {
    const io::TensorFile file = io::read_safetensors(options_.resume);
    const auto find = [&](const std::string& name) {
      for (const NamedTensor& tensor : file.tensors) {
        if (tensor.name == name) {
          return std::vector<double>(tensor.values.begin(), tensor.values.end());
        }
      }
      throw InputError(options_.resume + ": has no tensor '" + name +
                       "'; is it a checkpoint of inr-dvae?");
    };
    curves_ = {find("misfit"), find("divergence"), find("gradient"), find("held_out")};
    best_epoch_ = static_cast<int>(find("best_epoch").at(0));
    try {
      network_->set_state(file.tensors);
    } catch (const InputError& error) {
      throw InputError(options_.resume + ": " + error.what());
    }
  }

  const FrameSpectra& frames_;
  const InrOptions& options_;
  std::filesystem::path checkpoint_;
  std::unique_ptr<nn::InrDvae> network_;
  InrCurves curves_;
  int best_epoch_ = 0;
};

std::unique_ptr<nn::InrDvae> make_network(const nn::InrMovie& movie,
                                          const nn::InrSettings& settings) {
  set_blas_threads(threads());
  module_function<decltype(kinema_torch_set_threads)>(
      "torch", torch_set_threads_symbol, torch_mend)(threads());
  auto* make = module_function<nn::InrDvae*(const nn::InrMovie&, const nn::InrSettings&)>(
      "torch", nn::inr_dvae_symbol, torch_mend);
  return std::unique_ptr<nn::InrDvae>(make(movie, settings));
}

}  // namespace

void require_sensible(const InrOptions& options) {
  const auto require = [](bool good, const std::string& what) {
    if (!good) throw InputError("dynamics reconstruct: " + what);
  };
  require(options.width >= 1 && options.width <= 8192, "--inr-width must be 1 to 8192");
  require(options.depth >= 0 && options.depth <= 64, "--inr-depth must be 0 to 64");
  require(options.features >= 8 && options.features <= 8192, "--inr-features must be 8 to 8192");
  require(options.modes >= 0 && options.modes <= 256, "--inr-modes must be 0 to 256");
  require(options.encoder_width >= 1 && options.encoder_width <= 8192,
          "--inr-encoder-width must be 1 to 8192");
  require(options.sequence_length >= 2, "--inr-sequence-length must be 2 or more");
  require(options.stride >= 1, "--inr-stride must be 1 or more");
  require(options.batch >= 1 && options.batch <= 4096, "--inr-batch must be 1 to 4096");
  require(options.epochs >= 1 && options.patience >= 1,
          "--inr-epochs and --inr-patience must be 1 or more");
  require(options.static_epochs >= 0 && options.kl_warm_up >= 0 && options.free_bits >= 0.0,
          "--inr-static-epochs, --inr-kl-warm-up and --inr-free-bits must be 0 or more");
  require(options.weight_decay >= 0.0, "--inr-weight-decay must be 0 or more");
  require(options.learning_rate > 0.0 && options.learning_rate <= 1.0,
          "--inr-learning-rate must be above 0 and at most 1");
}

InrFit fit_inr(const FrameSpectra& frames,
               const LowRankModel& start,
               Index latents,
               bool temporal,
               const InrOptions& options,
               const std::filesystem::path& checkpoint,
               Rng rng,
               Progress& progress) {
  if (options.stride * 2 > frames.frames()) {
    throw InputError("dynamics reconstruct: --inr-stride " + std::to_string(options.stride) +
                     " leaves no two frames of " + std::to_string(frames.frames()) +
                     " in a sequence");
  }
  std::vector<float> profile = profile_of(start);
  const nn::InrMovie movie = inr_movie(frames, start, profile, options.features, rng.stream(1));
  Training training(frames,
                    make_network(movie, settings_of(options, latents, temporal, rng)),
                    options,
                    checkpoint);
  training.run(progress);
  InrFit fit{.volumes = nullptr,
             .latents = {},
             .curves = training.curves(),
             .best_epoch = training.best_epoch()};
  std::unique_ptr<nn::InrDvae> network = training.take_network();
  Array<float, 2> mean, deviation;
  network->latents(true, mean, deviation);
  fit.latents.mean = Array<double, 2>(mean.shape());
  fit.latents.covariance = Array<double, 3>({mean.shape()[0], latents, latents});
  for (Index t = 0; t < mean.shape()[0]; ++t) {
    for (Index k = 0; k < latents; ++k) {
      fit.latents.mean(t, k) = static_cast<double>(mean(t, k));
      fit.latents.covariance(t, k, k) = std::pow(static_cast<double>(deviation(t, k)), 2);
    }
  }
  fit.volumes = std::make_unique<InrSeries>(
      std::move(network), start, std::move(profile), fit.latents.mean, frames.pixel_size);
  return fit;
}

}  // namespace kinema::dynamics
