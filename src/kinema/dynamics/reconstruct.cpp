// The road: spectra, mean map, low rank, Gaussians; each model is where the next begins.
#include "kinema/dynamics/reconstruct.h"

#include "kinema/dynamics/gaussians.h"
#include "kinema/dynamics/half_sets.h"
#include "kinema/dynamics/low_rank.h"
#include "kinema/metrics/fsc.h"

namespace kinema::dynamics {
namespace {

/// Streams of random numbers, one for each use.
enum Use : std::uint64_t { first_latents, first_gaussians, network, halves };

Volume volume_of(Array<float, 3> density, Length voxel) {
  const double corner = -static_cast<double>(density.shape()[0] / 2) * voxel.value;
  return {.density = std::move(density), .voxel_size = voxel, .origin = {corner, corner, corner}};
}

class LowRankSeries : public VolumeSeries {
 public:
  LowRankSeries(LowRankModel model, Index frames, Length voxel)
      : model_(std::move(model)), frames_(frames), voxel_(voxel) {}
  Index frames() const override { return frames_; }
  Volume at(Index frame) const override {
    const double* z = model_.volumes.size() > 1 ? model_.latents.mean[frame].data() : nullptr;
    return volume_of(volume_at(model_, z), voxel_);
  }

 private:
  LowRankModel model_;
  Index frames_;
  Length voxel_;
};

/// The mean of several fits.
class GaussianSeries : public VolumeSeries {
 public:
  GaussianSeries(std::vector<GaussianFit> fits, Length voxel)
      : fits_(std::move(fits)), voxel_(voxel) {}
  Index frames() const override { return fits_[0].latents.mean.shape()[0]; }
  Volume at(Index frame) const override {
    Array<float, 3> sum;
    for (const GaussianFit& fit : fits_) {
      Array<float, 3> one = fit.model.volume(fit.latents.mean[frame].data());
      if (sum.empty()) sum = Array<float, 3>(one.shape());
      for (Index i = 0; i < sum.size(); ++i) {
        sum.data()[i] += one.data()[i] / static_cast<float>(fits_.size());
      }
    }
    return volume_of(std::move(sum), voxel_);
  }

 private:
  std::vector<GaussianFit> fits_;
  Length voxel_;
};

void require_sensible(const ReconstructOptions& options) {
  const auto require = [](bool good, const std::string& what) {
    if (!good) throw InputError("dynamics reconstruct: " + what);
  };
  require(options.latents >= 1 && options.latents <= 8, "--latents must be 1 to 8");
  require(options.iterations >= 1, "--iterations must be 1 or more");
  require(options.gaussians >= 8 && options.gaussians <= 20000, "--gaussians must be 8 to 20000");
  require(options.ensemble >= 1 && options.ensemble <= 10, "--ensemble must be 1 to 10");
  require(options.epochs >= 1 && options.patience >= 1,
          "--epochs and --patience must be 1 or more");
  require(options.stiffness >= 0.0, "--stiffness must be 0 or more");
  const Prior foreign = options.model == Model::inr_dvae ? Prior::kalman : Prior::gated;
  require(options.prior != foreign,
          "--prior " + to_text(foreign) + " is not for --model " + to_text(options.model));
  require(options.model == Model::inr_dvae || options.inr.resume.empty(),
          "--resume goes on with --model inr-dvae alone");
  require_sensible(options.inr);
}

/// A quarter of the resolution to which halves of the mean map agree.
double floor_of(const LowRankModel& start, const FrameSpectra& frames) {
  const metrics::FscCurve curve{
      .values = start.half_fsc, .box = frames.box(), .voxel_size = frames.pixel_size};
  return 0.25 * metrics::resolution(curve, 0.143);
}

Reconstruction whole_movie(const Particles& particles,
                           const ReconstructOptions& options,
                           const Rng& rng,
                           Progress& progress) {
  FrameSpectra frames = spectra_of(particles);
  const bool temporal = options.prior != Prior::independent;
  const bool linear = options.model == Model::low_rank || options.model == Model::gaussians;
  LowRankModel start = fit_low_rank(frames,
                                    {.latents = linear ? options.latents : 0,
                                     .temporal = temporal,
                                     .iterations = options.iterations},
                                    rng.stream(Use::first_latents),
                                    progress);
  Reconstruction out;
  out.mean_map = volume_of(start.volumes[0], particles.pixel_size);
  out.half_fsc = start.half_fsc;
  out.latents = start.latents;
  out.prior = start.prior;
  if (options.model == Model::inr_dvae) {
    InrFit fit = fit_inr(frames,
                         start,
                         options.latents,
                         temporal,
                         options.inr,
                         options.checkpoint,
                         rng.stream(Use::network),
                         progress);
    out.latents = std::move(fit.latents);
    out.held_out = fit.curves.held_out;
    out.best_epoch = fit.best_epoch;
    out.curves = std::move(fit.curves);
    out.volumes = std::move(fit.volumes);
    return out;
  }
  if (options.model != Model::gaussians) {
    out.volumes =
        std::make_unique<LowRankSeries>(std::move(start), particles.frames(), particles.pixel_size);
    return out;
  }
  const double floor = options.width_floor ? options.width_floor->value : floor_of(start, frames);
  std::vector<GaussianFit> fits;
  for (Index member = 0; member < options.ensemble; ++member) {
    fits.push_back(
        fit_gaussians(frames,
                      start,
                      {.gaussians = options.gaussians,
                       .epochs = options.epochs,
                       .patience = options.patience,
                       .stiffness = options.stiffness,
                       .width_floor = floor,
                       .temporal = temporal,
                       .held_out_at = (5 + member) % 10},
                      rng.stream(Use::first_gaussians).stream(static_cast<std::uint64_t>(member)),
                      progress));
  }
  out.latents = fits[0].latents;
  out.prior = fits[0].prior;
  out.held_out = fits[0].held_out;
  out.best_epoch = fits[0].best_epoch;
  out.volumes = std::make_unique<GaussianSeries>(std::move(fits), particles.pixel_size);
  return out;
}

}  // namespace

Reconstruction reconstruct(const Particles& particles,
                           const ReconstructOptions& options,
                           const Rng& rng,
                           Progress& progress) {
  require_sensible(options);
  Reconstruction out = whole_movie(particles, options, rng, progress);
  if (options.half_sets) {
    out.half_sets = half_set_agreement(particles, options, rng.stream(Use::halves), progress);
  }
  return out;
}

}  // namespace kinema::dynamics
