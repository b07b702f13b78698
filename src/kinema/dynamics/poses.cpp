// Likelihoods of all orientations as two matrix products, then forwards and backwards in time.
#include "kinema/dynamics/poses.h"

#include "kinema/base/linear.h"
#include "kinema/base/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace kinema::dynamics {
namespace {

using std::numbers::pi;

constexpr Index coarse_orientations = 4000;
constexpr double degree = pi / 180.0;
constexpr std::array<double, 6> steps_tried{2.0, 4.0, 6.0, 8.0, 12.0, 20.0};  // degrees

/// Projections of the reference: (R, S).
Array<Complex, 2> projections(const Array<float, 3>& reference,
                              const std::vector<Rotation>& grid,
                              const imaging::SliceLattice& lattice) {
  const imaging::FourierVolumes fourier = imaging::fourier_volumes({reference});
  Array<Complex, 2> out({static_cast<Index>(grid.size()), lattice.size()});
  parallel_for(static_cast<Index>(grid.size()), [&](Index r) {
    slice(fourier, grid[static_cast<std::size_t>(r)], lattice, out[r].data());
  });
  return out;
}

/// Of every frame and orientation: sum of precision ctf Re(conj(P) y), and of precision ctf^2
/// |P|^2.
struct Scores {
  Array<float, 2> cross, power;  // (T, R)
};

Scores scores_of(const FrameSpectra& frames, const Array<Complex, 2>& views) {
  const Index count = frames.frames(), samples = frames.samples(), orientations = views.shape()[0];
  const std::vector<float> precision = frames.sample_precision();
  Array<float, 2> values({count, 2 * samples}), squares({count, samples});
  for (Index t = 0; t < count; ++t) {
    for (Index s = 0; s < samples; ++s) {
      const float ctf = frames.ctf(t, s), weight = precision[static_cast<std::size_t>(s)] * ctf;
      values(t, 2 * s) = weight * frames.values(t, s).real();
      values(t, 2 * s + 1) = weight * frames.values(t, s).imag();
      squares(t, s) = weight * ctf;
    }
  }
  Array<float, 2> norms({orientations, samples});
  for (Index i = 0; i < norms.size(); ++i) norms.data()[i] = std::norm(views.data()[i]);
  const ArrayView<const float, 2> parts(reinterpret_cast<const float*>(views.data()),
                                        {orientations, 2 * samples});
  Scores scores{Array<float, 2>({count, orientations}), Array<float, 2>({count, orientations})};
  gemm(Op::none, Op::transpose, 1.0F, values.view(), parts, 0.0F, scores.cross.view());
  gemm(Op::none, Op::transpose, 1.0F, squares.view(), norms.view(), 0.0F, scores.power.view());
  return scores;
}

/// Where each orientation may go in one frame, and how likely: a diffusion of `step` rms.
struct Moves {
  std::vector<std::vector<std::pair<Index, float>>> from;
};

Moves moves_of(const std::vector<Rotation>& grid, double step) {
  // The kernel is no narrower than the grid is wide.
  const double cell = std::cbrt(8.0 * pi * pi / static_cast<double>(grid.size()));
  const double variance = (step * step + 0.25 * cell * cell) / 3.0;
  const double reach = std::max(3.2 * std::sqrt(variance), 1.2 * cell);
  const double least_trace = 1.0 + 2.0 * std::cos(std::min(reach, pi));
  Moves moves;
  moves.from.resize(grid.size());
  parallel_for(static_cast<Index>(grid.size()), [&](Index i) {
    auto& row = moves.from[static_cast<std::size_t>(i)];
    const std::array<double, 9>& a = grid[static_cast<std::size_t>(i)].rows;
    float sum = 0.0F;
    for (std::size_t j = 0; j < grid.size(); ++j) {
      double trace = 0.0;
      for (std::size_t e = 0; e < 9; ++e) trace += a[e] * grid[j].rows[e];
      if (trace < least_trace) continue;
      const double angle = std::acos(std::clamp((trace - 1.0) / 2.0, -1.0, 1.0));
      row.emplace_back(static_cast<Index>(j),
                       static_cast<float>(std::exp(-0.5 * angle * angle / variance)));
      sum += row.back().second;
    }
    for (auto& move : row) move.second /= sum;
  });
  return moves;
}

/// One step: out_i = sum over i's neighbours of weight times in. The kernel is the same both ways.
void spread(const Moves& moves, const std::vector<float>& in, std::vector<float>& out) {
  parallel_for(16, [&](Index part) {
    for (std::size_t i = static_cast<std::size_t>(part); i < in.size(); i += 16) {
      float sum = 0.0F;
      for (const auto& [j, weight] : moves.from[i]) sum += weight * in[static_cast<std::size_t>(j)];
      out[i] = sum;
    }
  });
}

/// exp(scale cross - scale^2 power / 2) of one frame over its largest; returns the log of that.
double likelihoods(const Scores& scores, Index t, double scale, std::vector<float>& out) {
  const float *cross = scores.cross[t].data(), *power = scores.power[t].data();
  double peak = -1e300;
  std::vector<double> logs(out.size());
  for (std::size_t r = 0; r < out.size(); ++r) {
    logs[r] =
        scale * static_cast<double>(cross[r]) - 0.5 * scale * scale * static_cast<double>(power[r]);
    peak = std::max(peak, logs[r]);
  }
  for (std::size_t r = 0; r < out.size(); ++r) {
    out[r] = static_cast<float>(std::exp(logs[r] - peak));
  }
  return peak;
}

double normalise(std::vector<float>& values) {
  double sum = 0.0;
  for (const float v : values) sum += static_cast<double>(v);
  for (float& v : values) v = static_cast<float>(static_cast<double>(v) / sum);
  return sum;
}

/// Probabilities of all orientations of every frame given all frames: (T, R).
struct Posterior {
  Array<float, 2> probability;
  double log_evidence = 0.0;
};

Posterior smoothed(const Scores& scores, const Moves& moves, double scale) {
  const auto [frames, orientations] = scores.cross.shape();
  const auto size = static_cast<std::size_t>(orientations);
  Posterior out{.probability = Array<float, 2>({frames, orientations})};
  std::vector<float> state(size, 1.0F / static_cast<float>(size)), next(size), own(size);
  for (Index t = 0; t < frames; ++t) {
    if (t > 0) {
      spread(moves, state, next);
      std::swap(state, next);
    }
    out.log_evidence += likelihoods(scores, t, scale, own);
    for (std::size_t r = 0; r < size; ++r) state[r] = state[r] * own[r] + 1e-30F;
    out.log_evidence += std::log(normalise(state));
    std::copy(state.begin(), state.end(), out.probability[t].data());
  }
  std::vector<float> later(size, 1.0F);
  for (Index t = frames - 2; t >= 0; --t) {
    likelihoods(scores, t + 1, scale, own);
    for (std::size_t r = 0; r < size; ++r) later[r] *= own[r];
    spread(moves, later, next);
    std::swap(later, next);
    normalise(later);
    double sum = 0.0;
    float* here = out.probability[t].data();
    for (std::size_t r = 0; r < size; ++r) {
      here[r] *= later[r];
      sum += static_cast<double>(here[r]);
    }
    for (std::size_t r = 0; r < size; ++r) {
      here[r] = static_cast<float>(static_cast<double>(here[r]) / sum);
    }
  }
  return out;
}

/// The scale that the posterior expects of the reference (the M step of EM).
double expected_scale(const Scores& scores, const Posterior& posterior) {
  double cross = 0.0, power = 0.0;
  for (Index i = 0; i < scores.cross.size(); ++i) {
    const auto p = static_cast<double>(posterior.probability.data()[i]);
    if (p < 1e-9) continue;
    cross += p * static_cast<double>(scores.cross.data()[i]);
    power += p * static_cast<double>(scores.power.data()[i]);
  }
  return std::max(cross, 1e-6 * power) / power;
}

/// Such that the reference makes up a tenth of what frames hold.
double first_scale(const FrameSpectra& frames, const Scores& scores) {
  double power = 0.0;
  for (const float p : scores.power.flat()) power += static_cast<double>(p);
  power /= static_cast<double>(scores.power.size());
  return std::sqrt(0.1 * 2.0 * static_cast<double>(frames.samples()) / power);
}

/// Noise as the likeliest orientations leave it over.
void update_noise(FrameSpectra& frames,
                  const Array<Complex, 2>& views,
                  const Posterior& posterior,
                  double scale) {
  std::vector<double> sums(static_cast<std::size_t>(frames.box() / 2));
  for (Index t = 0; t < frames.frames(); ++t) {
    const auto row = posterior.probability[t].flat();
    const Index best = std::max_element(row.begin(), row.end()) - row.begin();
    for (Index s = 0; s < frames.samples(); ++s) {
      const Complex rest =
          frames.values(t, s) - static_cast<float>(scale) * frames.ctf(t, s) * views(best, s);
      sums[static_cast<std::size_t>(frames.lattice.shell[static_cast<std::size_t>(s)])] +=
          static_cast<double>(std::norm(rest));
    }
  }
  set_noise(frames, sums);
}

/// Rotation vector that turns `a` into `b`.
Vec3 turn_between(const Rotation& a, const Rotation& b) {
  const Rotation d = b * a.inverse();
  const double angle = angle_between(a, b);
  const double sine = std::sin(angle);
  const double factor = sine > 1e-9 ? 0.5 * angle / sine : 0.5;
  return {factor * (d.at(2, 1) - d.at(1, 2)),
          factor * (d.at(0, 2) - d.at(2, 0)),
          factor * (d.at(1, 0) - d.at(0, 1))};
}

/// The mean over orientations within 40 degrees of the peak, and the rms angle of all to it.
void summarise(const Posterior& posterior, const std::vector<Rotation>& grid, FoundPoses& out) {
  for (Index t = 0; t < posterior.probability.shape()[0]; ++t) {
    const auto row = posterior.probability[t].flat();
    const Rotation& peak =
        grid[static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin())];
    Vec3 mean{};
    double weight = 0.0;
    for (std::size_t r = 0; r < grid.size(); ++r) {
      if (row[r] < 1e-6F || angle_between(peak, grid[r]) > 40.0 * degree) continue;
      const Vec3 turn = turn_between(peak, grid[r]);
      for (std::size_t axis = 0; axis < 3; ++axis) {
        mean[axis] += static_cast<double>(row[r]) * turn[axis];
      }
      weight += static_cast<double>(row[r]);
    }
    for (double& m : mean) m /= weight;
    out.rotations.push_back(rotation_about(mean) * peak);
    double square = 0.0;
    for (std::size_t r = 0; r < grid.size(); ++r) {
      if (row[r] < 1e-6F) continue;
      square +=
          static_cast<double>(row[r]) * std::pow(angle_between(out.rotations.back(), grid[r]), 2);
    }
    out.spread.push_back(std::sqrt(square));
  }
}

void require_sensible(const FrameSpectra& frames,
                      const Array<float, 3>& reference,
                      const PoseOptions& options) {
  if (reference.shape()[0] != frames.box()) {
    throw InputError("dynamics poses: the reference has " + std::to_string(reference.shape()[0]) +
                     " voxels along an edge and the frames " + std::to_string(frames.box()) +
                     " pixels; scale it to them");
  }
  if (options.orientations < 100 || options.orientations > 200000 || options.rounds < 1) {
    throw InputError("dynamics poses: --orientations must be 100 to 200000, --rounds 1 or more");
  }
}

/// The likeliest of the steps tried, degrees.
double likeliest_step(const Scores& scores, const std::vector<Rotation>& grid, double scale) {
  double best = steps_tried[0], most = -1e300;
  for (const double step : steps_tried) {
    const double evidence = smoothed(scores, moves_of(grid, step * degree), scale).log_evidence;
    if (evidence > most) {
      most = evidence;
      best = step;
    }
  }
  return best;
}

}  // namespace

std::vector<Rotation> spread_rotations(Index count) {
  constexpr double psi = 1.533751168755204288118041413;
  std::vector<Rotation> out;
  for (Index i = 0; i < count; ++i) {
    const double s = static_cast<double>(i) + 0.5, share = s / static_cast<double>(count);
    const double r = std::sqrt(share), rest = std::sqrt(1.0 - share);
    const double alpha = 2.0 * pi * s / std::numbers::sqrt2, beta = 2.0 * pi * s / psi;
    // Quaternion (x, y, z, w) = (r sin, r cos, R sin, R cos).
    const double x = r * std::sin(alpha), y = r * std::cos(alpha), z = rest * std::sin(beta),
                 w = rest * std::cos(beta);
    const double sine = std::sqrt(x * x + y * y + z * z);
    const double angle = 2.0 * std::atan2(sine, w) / std::max(sine, 1e-12);
    out.push_back(rotation_about({x * angle, y * angle, z * angle}));
  }
  return out;
}

FoundPoses find_poses(FrameSpectra& frames,
                      const Array<float, 3>& reference,
                      const PoseOptions& options,
                      Progress& progress) {
  require_sensible(frames, reference, options);
  FoundPoses out;
  progress.begin("poses", options.rounds + 2, "rounds");
  const std::vector<Rotation> coarse =
      spread_rotations(std::min(coarse_orientations, options.orientations));
  const Array<Complex, 2> coarse_views = projections(reference, coarse, frames.lattice);
  out.step = options.step.value_or(8.0);
  for (int round = 0; round < options.rounds; ++round) {
    progress.check();
    const Scores scores = scores_of(frames, coarse_views);
    if (round == 0) out.scale = first_scale(frames, scores);
    const Posterior posterior = smoothed(scores, moves_of(coarse, out.step * degree), out.scale);
    out.scale = expected_scale(scores, posterior);
    update_noise(frames, coarse_views, posterior, out.scale);
    progress.advance(1);
  }
  if (!options.step) out.step = likeliest_step(scores_of(frames, coarse_views), coarse, out.scale);
  progress.advance(1);
  progress.check();
  const std::vector<Rotation> grid = spread_rotations(options.orientations);
  const Scores scores = scores_of(frames, projections(reference, grid, frames.lattice));
  summarise(smoothed(scores, moves_of(grid, out.step * degree), out.scale), grid, out);
  progress.end();
  return out;
}

}  // namespace kinema::dynamics
