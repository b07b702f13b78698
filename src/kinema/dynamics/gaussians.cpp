// The fit: batches, Adam, the elastic prior, latents, and when to stop.
#include "kinema/dynamics/gaussians.h"

#include "kinema/base/parallel.h"
#include "kinema/dynamics/gaussian_start.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace kinema::dynamics {
namespace {

constexpr Index batch_frames = 40;
constexpr Index held_out_every = 10;
constexpr double first_step = 0.08, last_step = 0.002;         // angstrom per batch
constexpr double amplitude_spread = 0.3, width_spread = 0.15;  // of the logs, a priori
constexpr double rigidity = 1e-3;  // nats per squared angstrom that a Gaussian moves at all

/// Adam (Kingma and Ba 2015) with a step size for each kind of parameter.
class Adam {
 public:
  explicit Adam(std::size_t size) : mean_(size), square_(size) {}

  void step(std::vector<float>& parameters,
            const std::vector<float>& gradient,
            const std::vector<float>& sizes,
            double factor) {
    ++steps_;
    const double correct_mean = 1.0 - std::pow(0.9, steps_),
                 correct_square = 1.0 - std::pow(0.999, steps_);
    const auto scale = static_cast<float>(factor * std::sqrt(correct_square) / correct_mean);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      mean_[i] += 0.1F * (gradient[i] - mean_[i]);
      square_[i] += 0.001F * (gradient[i] * gradient[i] - square_[i]);
      parameters[i] -= scale * sizes[i] * mean_[i] / (std::sqrt(square_[i]) + 1e-8F);
    }
  }

 private:
  std::vector<float> mean_, square_;
  int steps_ = 0;
};

/// One fit: what it knows of the frames, and where it stands.
class Fit {
 public:
  Fit(FrameSpectra& frames, const LowRankModel& start, const GaussianSettings& settings, Rng& rng)
      : frames_(frames), settings_(settings), precision_(frames.sample_precision()) {
    const double width = first_width(start, rng);
    model_ = gaussians_from_map(start.volumes[0],
                                frames.pixel_size,
                                settings.gaussians,
                                static_cast<Index>(start.prior.persistence.size()),
                                width,
                                rng);
    prior_ = start.prior;
    latents_ = start.latents;
    pairs_ = neighbours(model_);
    scale_amplitudes();
    amplitude_centre_ = model_.parameters()[model_.amplitudes_at()];
    width_centre_ = static_cast<float>(std::log(width));
  }

  GaussianFit run(Rng& rng, Progress& progress) {
    GaussianFit best;
    Adam adam(model_.parameters().size());
    const std::vector<float> sizes = step_sizes();
    progress.begin("gaussians", settings_.epochs, "epochs");
    std::vector<double> held_out;
    for (int epoch = 0; epoch < settings_.epochs; ++epoch) {
      progress.check();
      const double done = static_cast<double>(epoch) / std::max(1, settings_.epochs - 1);
      const double factor = first_step * std::pow(last_step / first_step, done);
      const std::vector<float> last = run_epoch(adam, factor, sizes, rng);
      held_out.push_back(update_latents());
      if (epoch == 0 || held_out.back() > held_out[static_cast<std::size_t>(best.best_epoch)]) {
        best.model = model_;
        best.latents = latents_;
        best.prior = prior_;
        best.best_epoch = epoch;
      }
      model_.parameters() = last;
      progress.advance(1);
      if (epoch - best.best_epoch >= settings_.patience) break;
    }
    progress.end();
    model_ = best.model;
    latents_ = best.latents;
    prior_ = best.prior;
    for (int pass = 0; pass < 2; ++pass) latents_ = smooth(evidence(), prior_);
    best.latents = latents_;
    best.held_out = std::move(held_out);
    return best;
  }

 private:
  /// Moves the parameters through all batches and leaves their mean over the epoch, which is less
  /// noisy than any of them (Polyak and Juditsky 1992); returns the last, from which to go on.
  std::vector<float> run_epoch(Adam& adam,
                               double factor,
                               const std::vector<float>& sizes,
                               Rng& rng) {
    const std::vector<std::vector<Index>> batches = shuffled_batches(rng);
    std::vector<double> mean(model_.parameters().size());
    for (const std::vector<Index>& batch : batches) {
      adam.step(model_.parameters(), gradient_of(batch), sizes, factor);
      keep_widths();
      for (std::size_t i = 0; i < mean.size(); ++i) {
        mean[i] +=
            static_cast<double>(model_.parameters()[i]) / static_cast<double>(batches.size());
      }
    }
    std::vector<float> last = model_.parameters();
    model_.parameters().assign(mean.begin(), mean.end());
    return last;
  }

  /// Of the spacing that so many Gaussians will have, not below the floor.
  double first_width(const LowRankModel& start, Rng& rng) const {
    Rng trial = rng;
    const double spacing = mean_spacing(gaussians_from_map(
        start.volumes[0], frames_.pixel_size, settings_.gaussians, 1, 1.0, trial));
    return std::max(0.6 * spacing, settings_.width_floor);
  }

  /// One amplitude for all, the least squares' one over some frames.
  void scale_amplitudes() {
    double cross = 0.0, power = 0.0;
    GaussianImage image(model_, frames_.lattice);
    std::vector<Complex> f(precision_.size());
    const Index stride = std::max<Index>(1, frames_.frames() / 100);
    for (Index t = 0; t < frames_.frames(); t += stride) {
      image.project(latents_.mean[t].data(), rotation(t), f.data());
      for (std::size_t s = 0; s < f.size(); ++s) {
        const float ctf = frames_.ctf(t, static_cast<Index>(s));
        const float weight = precision_[s] * ctf;
        cross += static_cast<double>(
            weight * (std::conj(f[s]) * frames_.values(t, static_cast<Index>(s))).real());
        power += static_cast<double>(weight * ctf * std::norm(f[s]));
      }
    }
    const double amplitude = std::max(cross, 1e-6 * power) / power;
    std::fill_n(model_.parameters().begin() + static_cast<std::ptrdiff_t>(model_.amplitudes_at()),
                model_.count(),
                static_cast<float>(std::log(amplitude)));
  }

  const Rotation& rotation(Index t) const { return frames_.rotations[static_cast<std::size_t>(t)]; }

  /// Steps relative to an angstrom of a centre.
  std::vector<float> step_sizes() const {
    std::vector<float> sizes(model_.parameters().size(), 1.0F);
    const auto begin = sizes.begin();
    std::fill(begin + static_cast<std::ptrdiff_t>(model_.amplitudes_at()),
              begin + static_cast<std::ptrdiff_t>(model_.modes_at()),
              0.15F);
    return sizes;
  }

  std::vector<std::vector<Index>> shuffled_batches(Rng& rng) const {
    std::vector<Index> order;
    for (Index t = 0; t < frames_.frames(); ++t) {
      if (t % held_out_every != settings_.held_out_at) order.push_back(t);
    }
    for (std::size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1],
                order[static_cast<std::size_t>(rng.uniform() * static_cast<double>(i))]);
    }
    std::vector<std::vector<Index>> batches;
    for (std::size_t i = 0; i < order.size(); i += batch_frames) {
      const std::size_t end = std::min(order.size(), i + batch_frames);
      batches.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(i),
                           order.begin() + static_cast<std::ptrdiff_t>(end));
    }
    return batches;
  }

  /// Of minus the log of likelihood and prior, for a batch's share of both, per frame.
  std::vector<float> gradient_of(const std::vector<Index>& batch) const {
    const auto parts = static_cast<Index>(std::min<std::size_t>(batch.size(), 2));
    std::vector<std::vector<float>> sums(static_cast<std::size_t>(parts),
                                         std::vector<float>(model_.parameters().size()));
    parallel_for(parts, [&](Index part) {
      GaussianImage image(model_, frames_.lattice);
      std::vector<Complex> f(precision_.size());
      for (std::size_t i = static_cast<std::size_t>(part); i < batch.size();
           i += static_cast<std::size_t>(parts)) {
        const Index t = batch[i];
        image.project(latents_.mean[t].data(), rotation(t), f.data());
        for (std::size_t s = 0; s < f.size(); ++s) {
          const float ctf = frames_.ctf(t, static_cast<Index>(s));
          f[s] = precision_[s] * ctf * (ctf * f[s] - frames_.values(t, static_cast<Index>(s)));
        }
        image.add_gradient(f.data(), sums[static_cast<std::size_t>(part)]);
      }
    });
    for (std::size_t part = 1; part < sums.size(); ++part) {
      for (std::size_t i = 0; i < sums[0].size(); ++i) sums[0][i] += sums[part][i];
    }
    add_prior(sums[0], static_cast<float>(batch.size()) / static_cast<float>(frames_.frames()));
    return std::move(sums[0]);
  }

  void add_prior(std::vector<float>& gradient, float share) const {
    const std::vector<float>& p = model_.parameters();
    const auto count = static_cast<std::size_t>(model_.count());
    const auto by_amplitude = static_cast<float>(std::pow(amplitude_spread, -2)) * share;
    const auto by_width = static_cast<float>(std::pow(width_spread, -2)) * share;
    for (std::size_t m = 0; m < count; ++m) {
      const std::size_t a = model_.amplitudes_at() + m, w = model_.widths_at() + m;
      gradient[a] += by_amplitude * (p[a] - amplitude_centre_);
      gradient[w] += by_width * (p[w] - width_centre_);
    }
    const auto stiff = static_cast<float>(settings_.stiffness) * share;
    const auto rigid = static_cast<float>(rigidity) * share;
    for (std::size_t b = 0; b < static_cast<std::size_t>(model_.latents()); ++b) {
      const std::size_t first = model_.modes_at() + 3 * count * b;
      for (std::size_t i = first; i < first + 3 * count; ++i) gradient[i] += rigid * p[i];
      for (const auto& [m, n] : pairs_) {
        for (std::size_t axis = 0; axis < 3; ++axis) {
          const std::size_t i = first + 3 * static_cast<std::size_t>(m) + axis,
                            j = first + 3 * static_cast<std::size_t>(n) + axis;
          const float pull = stiff * (p[i] - p[j]);
          gradient[i] += pull;
          gradient[j] -= pull;
        }
      }
    }
  }

  void keep_widths() {
    if (settings_.width_floor <= 0.0) return;
    const auto least = static_cast<float>(std::log(settings_.width_floor));
    for (Index m = 0; m < model_.count(); ++m) {
      float& width = model_.parameters()[model_.widths_at() + static_cast<std::size_t>(m)];
      width = std::max(width, least);
    }
  }

  /// What frames say of their latents, linearised about where these are.
  LatentEvidence evidence() const {
    const Index latents = model_.latents();
    LatentEvidence out(frames_.frames(), latents);
    const Index parts = 16;
    parallel_for(parts, [&](Index part) {
      GaussianImage image(model_, frames_.lattice);
      const std::size_t samples = precision_.size();
      std::vector<Complex> f(samples), slopes(samples * static_cast<std::size_t>(latents));
      for (Index t = part; t < frames_.frames(); t += parts) {
        const double* z = latents_.mean[t].data();
        image.project(z, rotation(t), f.data());
        for (Index k = 0; k < latents; ++k) {
          image.latent_derivative(k, slopes.data() + static_cast<std::size_t>(k) * samples);
        }
        for (std::size_t s = 0; s < samples; ++s) {
          const float ctf = frames_.ctf(t, static_cast<Index>(s)), weight = precision_[s] * ctf;
          const Complex rest = frames_.values(t, static_cast<Index>(s)) - ctf * f[s];
          for (Index i = 0; i < latents; ++i) {
            const Complex slope = std::conj(slopes[static_cast<std::size_t>(i) * samples + s]);
            out.pull(t, i) += static_cast<double>(weight * (slope * rest).real());
            for (Index j = 0; j < latents; ++j) {
              out.precision(t, i, j) += static_cast<double>(
                  weight * ctf *
                  (slope * slopes[static_cast<std::size_t>(j) * samples + s]).real());
            }
          }
        }
        for (Index i = 0; i < latents; ++i) {
          for (Index j = 0; j < latents; ++j) out.pull(t, i) += out.precision(t, i, j) * z[j];
        }
      }
    });
    return out;
  }

  /// New latents for all frames, of which held-out ones hear from their neighbours alone; returns
  /// the mean log-likelihood of those.
  double update_latents() {
    LatentEvidence all = evidence();
    if (settings_.temporal) {
      for (Index t = settings_.held_out_at; t < frames_.frames(); t += held_out_every) {
        std::fill_n(all.pull[t].data(), all.latents(), 0.0);
        std::fill_n(all.precision[t].data(), all.latents() * all.latents(), 0.0);
      }
    }
    if (settings_.temporal) prior_ = likeliest_prior(all, prior_);
    latents_ = smooth(all, prior_);
    double sum = 0.0, count = 0.0;
    GaussianImage image(model_, frames_.lattice);
    std::vector<Complex> f(precision_.size());
    for (Index t = settings_.held_out_at; t < frames_.frames(); t += held_out_every) {
      image.project(latents_.mean[t].data(), rotation(t), f.data());
      for (std::size_t s = 0; s < f.size(); ++s) {
        const Complex rest =
            frames_.values(t, static_cast<Index>(s)) - frames_.ctf(t, static_cast<Index>(s)) * f[s];
        sum -= 0.5 * static_cast<double>(precision_[s] * std::norm(rest));
      }
      count += 1.0;
    }
    return sum / count;
  }

  FrameSpectra& frames_;
  const GaussianSettings& settings_;
  std::vector<float> precision_;
  GaussianModel model_;
  LatentPrior prior_;
  LatentPosterior latents_;
  std::vector<std::pair<Index, Index>> pairs_;
  float amplitude_centre_ = 0.0F, width_centre_ = 0.0F;
};

}  // namespace

GaussianFit fit_gaussians(FrameSpectra& frames,
                          const LowRankModel& start,
                          const GaussianSettings& settings,
                          Rng rng,
                          Progress& progress) {
  Fit fit(frames, start, settings, rng);
  return fit.run(rng, progress);
}

}  // namespace kinema::dynamics
