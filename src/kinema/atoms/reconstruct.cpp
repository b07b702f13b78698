#include "kinema/atoms/reconstruct.h"

#include "kinema/atoms/evidence.h"
#include "kinema/atoms/movie_work.h"
#include "kinema/atoms/smooth_time.h"
#include "kinema/base/linear.h"
#include "kinema/base/parallel.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>

namespace kinema::atoms {
namespace {

constexpr Index joint_from = 5;  // frames
constexpr int joint_sweeps = 2;
constexpr double poor_fit = 1.1;         // chi squared a pixel
constexpr double residual_radius = 1.0;  // angstrom

/// One BLAS thread to each of ours, for as long as this lives.
struct SerialBlas {
  SerialBlas() { set_blas_threads(1); }
  ~SerialBlas() { set_blas_threads(threads()); }
};

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Calls body(i) for each frame; an InputError becomes the frame's failure.
void each_frame(std::vector<FrameSummary>& frames,
                Progress& progress,
                std::string_view stage,
                const std::function<void(std::size_t)>& body) {
  progress.begin(stage, static_cast<Index>(frames.size()), "frames");
  parallel_for(static_cast<Index>(frames.size()), [&](Index n) {
    progress.check();
    FrameSummary& summary = frames[static_cast<std::size_t>(n)];
    const auto begin = std::chrono::steady_clock::now();
    try {
      if (summary.failure.empty()) body(static_cast<std::size_t>(n));
    } catch (const InputError& error) {
      summary.failure = error.what();
    }
    summary.seconds += seconds_since(begin);
    progress.advance(1);
  });
  progress.end();
}

/// Mean of (counts - expected)^2 / expected around each atom.
std::vector<double> residuals(const Shared& shared,
                              Index frame,
                              const std::vector<Vec3>& positions) {
  const Array<float, 2> recorded = shared.movie.frame(frame);
  FrameLikelihood likelihood(shared.model, shared.field, recorded.view(), shared.movie.recording);
  likelihood.fit(positions);
  const Array<float, 2> expected = likelihood.expected();
  const auto [height, width] = expected.shape();
  const double dx = shared.movie.pixel.x.value, dy = shared.movie.pixel.y.value;
  std::vector<double> values;
  for (const Vec3& p : positions) {
    const auto reach_x = static_cast<Index>(residual_radius / dx),
               reach_y = static_cast<Index>(residual_radius / dy);
    const auto middle_x = static_cast<Index>(std::lround(p[0] / dx)),
               middle_y = static_cast<Index>(std::lround(p[1] / dy));
    double sum = 0.0, count = 0.0;
    for (Index y = std::max<Index>(0, middle_y - reach_y);
         y <= std::min(height - 1, middle_y + reach_y);
         ++y) {
      for (Index x = std::max<Index>(0, middle_x - reach_x);
           x <= std::min(width - 1, middle_x + reach_x);
           ++x) {
        const double mean = expected(y, x) + shared.movie.recording.read_variance;
        const double off = likelihood.counts()(y, x) - expected(y, x);
        sum += off * off / mean;
        count += 1.0;
      }
    }
    values.push_back(count > 0.0 ? sum / count : 0.0);
  }
  return values;
}

void summarise(const Refined& refined, FrameSummary& summary) {
  summary.atoms = static_cast<Index>(refined.positions.size());
  summary.chi_squared = refined.chi_squared;
  summary.mean_counts = refined.mean_counts;
  summary.strength = refined.strength;
  summary.bond_mean = refined.bond_mean;
  summary.bond_spread = refined.bond_spread;
  summary.converged = refined.converged;
}

io::AtomFrame to_frame(const Shared& shared, Index frame, const FrameWork& work) {
  io::AtomFrame out;
  out.number = frame;
  if (shared.movie.frame_time.value > 0.0) {
    out.time = Time{static_cast<double>(frame) * shared.movie.frame_time.value};
  }
  out.atoms.positions = work.positions;
  out.atoms.atomic_numbers.assign(work.positions.size(), 6);
  if (shared.movie.recording.periodic) {
    constexpr double depth = 20.0;  // angstrom, of a cell that does not repeat along z
    out.atoms.cell =
        Cell{{{{shared.period[0], 0.0, 0.0}, {0.0, shared.period[1], 0.0}, {0.0, 0.0, depth}}},
             {true, true, false},
             {0.0, 0.0, -0.5 * depth}};
  }
  out.sigmas = work.refined.sigmas;
  out.values["sign_probability"] = work.refined.sign_probability;
  out.values["residual"] = residuals(shared, frame, work.positions);
  return out;
}

/// The atoms of frame t as the tracked movie has them.
FrameWork work_of(const Shared& shared,
                  const Trajectory& trajectory,
                  Index t,
                  std::vector<Index>& atoms) {
  FrameWork work;
  std::vector<Vec2> flat;
  for (Index i = 0; i < trajectory.atoms(); ++i) {
    if (trajectory.present(t, i) == 0) continue;
    atoms.push_back(i);
    work.positions.push_back({trajectory.positions(t, i, 0),
                              trajectory.positions(t, i, 1),
                              trajectory.positions(t, i, 2)});
    flat.push_back({trajectory.positions(t, i, 0), trajectory.positions(t, i, 1)});
  }
  const Frame view{ArrayView<const float, 2>(nullptr, {shared.movie.height, shared.movie.width}),
                   shared.movie.pixel,
                   {},
                   0.0,
                   shared.movie.recording.periodic};
  Bounds bounds;
  bounds.period = shared.period;
  if (!shared.movie.recording.periodic)
    bounds.depth = [view](const Vec2& p) { return view.depth(p[0], p[1]); };
  work.topology = connect(flat, bounds);
  return work;
}

double rms_height_error(const Array<double, 3>& sigmas, const Trajectory& trajectory) {
  double sum = 0.0, count = 0.0;
  for (Index t = 0; t < trajectory.frames(); ++t) {
    for (Index i = 0; i < trajectory.atoms(); ++i) {
      if (trajectory.present(t, i) == 0) continue;
      sum += sigmas(t, i, 2) * sigmas(t, i, 2);
      count += 1.0;
    }
  }
  return count > 0.0 ? std::sqrt(sum / count) : 0.0;
}

/// All frames together: one after the other, each with what its neighbours in time expect.
void refine_jointly(const Shared& shared,
                    Reconstruction& result,
                    Progress& progress,
                    const Rng& rng) {
  Trajectory& trajectory = result.tracked.trajectory;
  result.height_step = height_step(trajectory);
  if (result.height_step == 0.0) {
    result.notes.emplace_back("too few frames to refine them jointly: each was taken alone");
    return;
  }
  result.joint = true;
  const Array<double, 3> alone = trajectory.sigmas;
  smooth_heights(trajectory, result.height_step);
  RefineOptions options = shared.refine;
  options.frames_alike =
      std::min(static_cast<double>(trajectory.frames()),
               1.0 / variance_ratio(rms_height_error(alone, trajectory), result.height_step));
  progress.begin("refine jointly", joint_sweeps * trajectory.frames(), "frames");
  for (int sweep = 0; sweep < joint_sweeps; ++sweep) {
    options.errors = sweep + 1 == joint_sweeps;
    for (Index colour = 0; colour < 3; ++colour) {  // frames three apart do not see each other
      parallel_for((trajectory.frames() - colour + 2) / 3, [&](Index k) {
        progress.check();
        const Index t = 3 * k + colour;
        std::vector<Index> atoms;
        FrameWork work = work_of(shared, trajectory, t, atoms);
        const Expectation expected = expectation(trajectory, t, atoms, result.height_step);
        refine_frame(shared,
                     trajectory.frame_numbers[static_cast<std::size_t>(t)],
                     options,
                     expected,
                     true,
                     work,
                     rng);
        for (std::size_t n = 0; n < atoms.size(); ++n) {
          std::copy_n(work.positions[n].data(), 3, &trajectory.positions(t, atoms[n], 0));
          if (options.errors) trajectory.sigmas(t, atoms[n], 2) = work.refined.sigmas[n][2];
          if (options.errors)
            trajectory.values.at("sign_probability")(t, atoms[n]) =
                work.refined.sign_probability[n];
        }
        for (FrameSummary& summary : result.frames) {
          if (summary.frame == trajectory.frame_numbers[static_cast<std::size_t>(t)])
            summarise(work.refined, summary);
        }
        progress.advance(1);
      });
    }
  }
  progress.end();
}

/// How high the sheet is in each frame, and how surely.
void summarise_heights(Reconstruction& result) {
  const Trajectory& trajectory = result.tracked.trajectory;
  for (Index t = 0; t < trajectory.frames(); ++t) {
    double count = 0.0, mean = 0.0, square = 0.0, sigma = 0.0;
    for (Index i = 0; i < trajectory.atoms(); ++i) {
      if (trajectory.present(t, i) == 0) continue;
      const double z = trajectory.positions(t, i, 2), s = trajectory.sigmas(t, i, 2);
      count += 1.0, mean += z, square += z * z, sigma += s * s;
    }
    for (FrameSummary& summary : result.frames) {
      if (summary.frame != trajectory.frame_numbers[static_cast<std::size_t>(t)] || count == 0.0)
        continue;
      summary.atoms = static_cast<Index>(count);
      summary.z_rms = std::sqrt(std::max(0.0, square / count - mean * mean / (count * count)));
      summary.z_sigma = std::sqrt(sigma / count);
    }
  }
}

}  // namespace

Reconstruction reconstruct(const MovieOfAtoms& movie,
                           const OpticsSettings& settings,
                           const ReconstructOptions& options,
                           Progress& progress,
                           const Rng& rng) {
  const SerialBlas serial;
  Reconstruction result;
  result.optics = settings.optics();
  Shared shared{movie,
                padded_field(movie.height, movie.width, movie.pixel, movie.recording.periodic),
                {},
                nullptr,
                {}};
  if (movie.recording.periodic) {
    shared.period = {static_cast<double>(movie.width) * movie.pixel.x.value,
                     static_cast<double>(movie.height) * movie.pixel.y.value};
  }
  shared.model = std::make_shared<imaging::FresnelModel>(shared.field.field, result.optics);
  shared.refine.stiffness.bend_temperature = options.bend_temperature;
  if (options.temperature) shared.refine.stiffness.temperature = *options.temperature;

  std::vector<FrameWork> work(movie.frames.size());
  for (const Index frame : movie.frames) result.frames.emplace_back().frame = frame;
  each_frame(result.frames, progress, "locate", [&](std::size_t n) {
    locate_frame(shared, result.optics, movie.frames[n], work[n]);
  });
  const bool any = std::any_of(result.frames.begin(),
                               result.frames.end(),
                               [](const FrameSummary& frame) { return frame.failure.empty(); });
  if (!any)
    throw InputError("no frame shows a sheet; frame " + std::to_string(movie.frames.front()) +
                     ": " + result.frames.front().failure);

  calibrate_movie(shared, settings, options, work, result, progress, rng);
  each_frame(result.frames, progress, "refine", [&](std::size_t n) {
    if (settings.estimate) locate_frame(shared, result.optics, movie.frames[n], work[n]);
    for (Vec3& p : work[n].positions) p[2] = 0.0;
    refine_frame(shared, movie.frames[n], shared.refine, {}, false, work[n], rng);
    summarise(work[n].refined, result.frames[n]);
    result.frames[n].mirror_probability = work[n].refined.mirror_probability;
  });

  std::vector<io::AtomFrame> frames;
  for (std::size_t n = 0; n < work.size(); ++n) {
    if (result.frames[n].failure.empty())
      frames.push_back(to_frame(shared, movie.frames[n], work[n]));
  }
  TrackOptions tracking;
  tracking.persistence = std::min<Index>(tracking.persistence,
                                         std::max<Index>(1, static_cast<Index>(frames.size()) / 2));
  result.tracked = track(frames, tracking);
  const bool joint =
      options.joint == Joint::yes ||
      (options.joint == Joint::automatic && static_cast<Index>(frames.size()) >= joint_from);
  if (joint) refine_jointly(shared, result, progress, rng);

  summarise_heights(result);
  return result;
}

Array<float, 2> simulated_frame(const MovieOfAtoms& movie,
                                Index frame,
                                const Optics& optics,
                                const std::vector<Vec3>& positions) {
  const PaddedField field =
      padded_field(movie.height, movie.width, movie.pixel, movie.recording.periodic);
  const Array<float, 2> recorded = movie.frame(frame);
  FrameLikelihood likelihood(std::make_shared<imaging::FresnelModel>(field.field, optics),
                             field,
                             recorded.view(),
                             movie.recording);
  likelihood.fit(positions);
  return likelihood.expected();
}

}  // namespace kinema::atoms
