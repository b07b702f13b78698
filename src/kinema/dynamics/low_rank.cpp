// The E step by slices of all volumes at once, the M step by the Fourier solver.
#include "kinema/dynamics/low_rank.h"

#include "kinema/base/parallel.h"
#include "kinema/dynamics/mask.h"

#include <algorithm>
#include <cmath>
#include <mutex>

namespace kinema::dynamics {
namespace {

constexpr double first_persistence = 0.98;
constexpr double mask_blur = 2.0;  // voxels
constexpr int warm_up = 6;         // iterations in which modes are credited with agreement

/// The slices (S, C) that a frame sees, before the CTF.
std::vector<Complex> slices_of(const imaging::FourierVolumes& volumes,
                               const FrameSpectra& frames,
                               Index t) {
  std::vector<Complex> slices(static_cast<std::size_t>(frames.samples() * volumes.count()));
  slice(volumes, frames.rotations[static_cast<std::size_t>(t)], frames.lattice, slices.data());
  return slices;
}

/// What every frame says of its latents.
LatentEvidence evidence_of(const imaging::FourierVolumes& volumes, const FrameSpectra& frames) {
  const Index components = volumes.count(), latents = components - 1;
  const std::vector<float> precision = frames.sample_precision();
  LatentEvidence evidence(frames.frames(), latents);
  parallel_for(frames.frames(), [&](Index t) {
    const std::vector<Complex> slices = slices_of(volumes, frames, t);
    for (Index s = 0; s < frames.samples(); ++s) {
      const Complex* f = slices.data() + s * components;
      const float ctf = frames.ctf(t, s), weight = precision[static_cast<std::size_t>(s)] * ctf;
      const Complex rest = frames.values(t, s) - ctf * f[0];
      for (Index i = 0; i < latents; ++i) {
        evidence.pull(t, i) += static_cast<double>(weight * (std::conj(f[i + 1]) * rest).real());
        for (Index j = 0; j <= i; ++j) {
          evidence.precision(t, i, j) +=
              static_cast<double>(weight * ctf * (std::conj(f[i + 1]) * f[j + 1]).real());
        }
      }
    }
    for (Index i = 0; i < latents; ++i) {
      for (Index j = 0; j < i; ++j) evidence.precision(t, j, i) = evidence.precision(t, i, j);
    }
  });
  return evidence;
}

WeightMoments moments_of(const LatentPosterior& latents) {
  const auto [frames, count] = latents.mean.shape();
  WeightMoments moments{Array<double, 2>({frames, count + 1}),
                        Array<double, 3>({frames, count + 1, count + 1})};
  for (Index t = 0; t < frames; ++t) {
    moments.mean(t, Index{0}) = 1.0;
    for (Index i = 0; i < count; ++i) moments.mean(t, i + 1) = latents.mean(t, i);
    for (Index i = 0; i <= count; ++i) {
      for (Index j = 0; j <= count; ++j) {
        moments.square(t, i, j) = moments.mean(t, i) * moments.mean(t, j);
        if (i > 0 && j > 0) moments.square(t, i, j) += latents.covariance(t, i - 1, j - 1);
      }
    }
  }
  return moments;
}

/// Squared residuals of each shell, expected over the latents' uncertainty.
std::vector<double> residuals_of(const imaging::FourierVolumes& volumes,
                                 const FrameSpectra& frames,
                                 const WeightMoments& moments) {
  const Index components = volumes.count();
  std::vector<double> sums(static_cast<std::size_t>(frames.box() / 2));
  std::mutex lock;
  parallel_for(frames.frames(), [&](Index t) {
    const std::vector<Complex> slices = slices_of(volumes, frames, t);
    std::vector<double> own(sums.size());
    for (Index s = 0; s < frames.samples(); ++s) {
      const Complex* f = slices.data() + s * components;
      const float ctf = frames.ctf(t, s);
      Complex rest = frames.values(t, s);
      double spread = 0.0;
      for (Index i = 0; i < components; ++i) {
        rest -= static_cast<float>(moments.mean(t, i)) * ctf * f[i];
        for (Index j = 0; j < components; ++j) {
          spread += (moments.square(t, i, j) - moments.mean(t, i) * moments.mean(t, j)) *
                    static_cast<double>((std::conj(f[i]) * f[j]).real());
        }
      }
      own[static_cast<std::size_t>(frames.lattice.shell[static_cast<std::size_t>(s)])] +=
          static_cast<double>(std::norm(rest)) + static_cast<double>(ctf * ctf) * spread;
    }
    const std::scoped_lock guard(lock);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += own[i];
  });
  return sums;
}

/// Shifts and scales the latents to mean 0 and variance 1 over the movie.
void standardise(LatentPosterior& latents) {
  const auto [frames, count] = latents.mean.shape();
  const auto total = static_cast<double>(frames);
  for (Index k = 0; k < count; ++k) {
    double mean = 0.0, square = 0.0;
    for (Index t = 0; t < frames; ++t) mean += latents.mean(t, k) / total;
    for (Index t = 0; t < frames; ++t) {
      square += (std::pow(latents.mean(t, k) - mean, 2) + latents.covariance(t, k, k)) / total;
    }
    const double scale = 1.0 / std::sqrt(square);
    for (Index t = 0; t < frames; ++t) {
      latents.mean(t, k) = (latents.mean(t, k) - mean) * scale;
      for (Index j = 0; j < count; ++j) {
        latents.covariance(t, k, j) *= scale;
        latents.covariance(t, j, k) *= scale;
      }
    }
  }
}

/// Latents drawn from the prior, known exactly: where EM begins.
LatentPosterior drawn(Index frames, const LatentPrior& prior, Rng& rng) {
  const auto count = static_cast<Index>(prior.persistence.size());
  LatentPosterior latents{.mean = Array<double, 2>({frames, count}),
                          .covariance = Array<double, 3>({frames, count, count})};
  for (Index k = 0; k < count; ++k) {
    const double a = prior.persistence[static_cast<std::size_t>(k)];
    double z = rng.normal();
    for (Index t = 0; t < frames; ++t) {
      latents.mean(t, k) = z;
      z = a * z + std::sqrt(1.0 - a * a) * rng.normal();
    }
  }
  standardise(latents);
  return latents;
}

/// The mean map, three times: with the noise that the last one left over, then within its mask.
void fit_mean(FrameSpectra& frames, LowRankModel& model) {
  const WeightMoments weights = equal_weights(frames.frames());
  model.mask = sphere_mask(frames.box());
  for (int pass = 0; pass < 3; ++pass) {
    SolvedVolumes solved = solve_volumes(frames, weights, {.mask = &model.mask});
    set_noise(frames, residuals_of(imaging::fourier_volumes(solved.volumes), frames, weights));
    model.half_fsc = solved.fsc[0];
    model.volumes = std::move(solved.volumes);
    if (pass == 1) model.mask = support_mask(model.volumes[0], mask_blur);
  }
}

}  // namespace

LowRankModel fit_low_rank(FrameSpectra& frames,
                          const LowRankSettings& settings,
                          Rng rng,
                          Progress& progress) {
  LowRankModel model;
  fit_mean(frames, model);
  if (settings.latents == 0) return model;
  model.prior.persistence.assign(static_cast<std::size_t>(settings.latents),
                                 settings.temporal ? first_persistence : 0.0);
  model.latents = drawn(frames.frames(), model.prior, rng);
  progress.begin("low rank", settings.iterations, "iterations");
  for (int iteration = 0; iteration < settings.iterations; ++iteration) {
    progress.check();
    const WeightMoments moments = moments_of(model.latents);
    SolvedVolumes solved = solve_volumes(
        frames, moments, {.mask = &model.mask, .least_agreement = iteration < warm_up ? 0.1 : 0.0});
    model.volumes = std::move(solved.volumes);
    const imaging::FourierVolumes fourier = imaging::fourier_volumes(model.volumes);
    set_noise(frames, residuals_of(fourier, frames, moments));
    const LatentEvidence evidence = evidence_of(fourier, frames);
    if (settings.temporal) model.prior = likeliest_prior(evidence, model.prior);
    model.latents = smooth(evidence, model.prior);
    if (iteration + 1 == settings.iterations) break;
    standardise(model.latents);
    progress.advance(1);
  }
  progress.end();
  return model;
}

Array<float, 3> volume_at(const LowRankModel& model, const double* latents) {
  Array<float, 3> volume = model.volumes[0];
  for (std::size_t k = 1; k < model.volumes.size(); ++k) {
    const auto z = static_cast<float>(latents[k - 1]);
    for (Index i = 0; i < volume.size(); ++i) volume.data()[i] += z * model.volumes[k].data()[i];
  }
  return volume;
}

}  // namespace kinema::dynamics
