#include "kinema/atoms/reconstruct.h"

#include "kinema/atoms/analyse.h"
#include "kinema/atoms/journal.h"
#include "kinema/atoms/movie_work.h"
#include "kinema/atoms/records.h"
#include "kinema/base/linear.h"
#include "kinema/base/parallel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kinema::atoms {
namespace {

constexpr Index joint_from = 5;   // frames
constexpr double poor_fit = 1.1;  // chi squared a pixel

/// One BLAS thread to each of ours, for as long as this lives.
struct SerialBlas {
  SerialBlas() { set_blas_threads(1); }
  ~SerialBlas() { set_blas_threads(threads()); }
};

/// Calls body(n) for each frame that has not failed.
void each_frame(std::vector<FrameSummary>& frames,
                Progress& progress,
                std::string_view stage,
                const std::function<void(std::size_t)>& body) {
  progress.begin(stage, static_cast<Index>(frames.size()), "frames");
  parallel_for(static_cast<Index>(frames.size()), [&](Index n) {
    progress.check();
    if (frames[static_cast<std::size_t>(n)].failure.empty()) body(static_cast<std::size_t>(n));
    progress.advance(1);
  });
  progress.end();
}

/// A frame of the movie, without its atoms.
io::AtomFrame empty_frame(const Shared& shared, Index frame) {
  io::AtomFrame out;
  out.number = frame;
  if (shared.movie.frame_time.value > 0.0) {
    out.time = Time{static_cast<double>(frame) * shared.movie.frame_time.value};
  }
  if (shared.movie.recording.periodic) {
    constexpr double depth = 20.0;  // angstrom, of a cell that does not repeat along z
    out.atoms.cell =
        Cell{{{{shared.period[0], 0.0, 0.0}, {0.0, shared.period[1], 0.0}, {0.0, 0.0, depth}}},
             {true, true, false},
             {0.0, 0.0, -0.5 * depth}};
  }
  return out;
}

/// Optics and temperature, from the journal or from the frames. Returns the frames' atoms as far as
/// they are located.
std::vector<FrameWork> find_optics(Shared& shared,
                                   const OpticsSettings& settings,
                                   const ReconstructOptions& options,
                                   Reconstruction& result,
                                   Progress& progress,
                                   const Rng& rng,
                                   Journal& journal) {
  std::vector<FrameWork> work(shared.movie.frames.size());
  if (const Json* kept = journal.find("calibration")) {
    recall_calibration(*kept, result);
    return work;
  }
  each_frame(result.frames, progress, "locate", [&](std::size_t n) {
    attempt(result.frames[n],
            [&] { locate_frame(shared, result.optics, shared.movie.frames[n], work[n]); });
  });
  const bool any = std::any_of(result.frames.begin(),
                               result.frames.end(),
                               [](const FrameSummary& frame) { return frame.failure.empty(); });
  if (!any)
    throw InputError("no frame shows a sheet; frame " +
                     std::to_string(shared.movie.frames.front()) + ": " +
                     result.frames.front().failure);
  calibrate_movie(shared, settings, options, work, result, progress, rng);
  journal.keep("calibration", calibration_record(result));
  return work;
}

/// Each frame alone, from the journal or from its counts; those that fail are left away.
std::vector<io::AtomFrame> refine_each(const Shared& shared,
                                       std::vector<FrameWork> work,
                                       Reconstruction& result,
                                       Progress& progress,
                                       const Rng& rng,
                                       Journal& journal) {
  std::vector<io::AtomFrame> frames(work.size());
  each_frame(result.frames, progress, "refine", [&](std::size_t n) {
    FrameSummary& summary = result.frames[n];
    const Index number = shared.movie.frames[n];
    frames[n] = empty_frame(shared, number);
    const std::string step = fmt::format("refine {}", number);
    if (const Json* kept = journal.find(step)) {
      recall_frame(*kept, summary, frames[n]);
    } else {
      attempt(summary, [&] {
        if (work[n].positions.empty()) locate_frame(shared, result.optics, number, work[n]);
        refine_frame(shared, number, shared.refine, {}, false, work[n], rng);
        summarise(work[n].refined, summary);
        summary.mirror_probability = work[n].refined.mirror_probability;
        frames[n].sigmas = std::move(work[n].refined.sigmas);
        frames[n].values["sign_probability"] = std::move(work[n].refined.sign_probability);
        frames[n].values["residual"] = residuals(shared, number, work[n].positions);
        frames[n].atoms.positions = std::move(work[n].positions);
      });
      work[n] = {};
      journal.keep(step, frame_record(summary, frames[n]));
    }
    frames[n].atoms.atomic_numbers.assign(frames[n].atoms.positions.size(), 6);
  });
  std::vector<io::AtomFrame> found;
  for (std::size_t n = 0; n < frames.size(); ++n) {
    if (result.frames[n].failure.empty()) found.push_back(std::move(frames[n]));
  }
  return found;
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

/// Says so where the atoms explain the frames badly.
void note_poor_fit(Reconstruction& result) {
  double sum = 0.0, count = 0.0;
  for (const FrameSummary& summary : result.frames) {
    if (!summary.failure.empty()) continue;
    sum += summary.chi_squared;
    count += 1.0;
  }
  if (sum < poor_fit * count) return;
  result.notes.push_back(
      fmt::format("the atoms explain the frames badly (chi squared {:.2f} a pixel): the optics or "
                  "the camera's gain are wrong, or there is more than one sheet; the standard "
                  "errors hold for neither",
                  sum / count));
}

}  // namespace

Reconstruction reconstruct(const MovieOfAtoms& movie,
                           const OpticsSettings& settings,
                           const ReconstructOptions& options,
                           Progress& progress,
                           const Rng& rng,
                           Journal& journal) {
  const SerialBlas serial;
  Reconstruction result;
  result.optics = settings.optics();
  for (const Index frame : movie.frames) result.frames.emplace_back().frame = frame;
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

  std::vector<FrameWork> work =
      find_optics(shared, settings, options, result, progress, rng, journal);
  set_optics(shared, result.optics);
  shared.refine.stiffness.temperature = result.temperature;
  shared.refine.temperature_rounds = 0;
  const std::vector<io::AtomFrame> frames =
      refine_each(shared, std::move(work), result, progress, rng, journal);
  if (frames.empty())
    throw InputError("no frame could be refined; frame " + std::to_string(movie.frames.front()) +
                     ": " + result.frames.front().failure);

  TrackOptions tracking;
  tracking.persistence = std::min<Index>(tracking.persistence,
                                         std::max<Index>(1, static_cast<Index>(frames.size()) / 2));
  result.tracked = track(frames, tracking);
  const bool joint =
      options.joint == Joint::yes ||
      (options.joint == Joint::automatic && static_cast<Index>(frames.size()) >= joint_from);
  if (joint) refine_jointly(shared, result, progress, rng, journal);
  result.tracked.trajectory.values["strain"] = bond_strains(result.tracked.trajectory);
  summarise_heights(result);
  note_poor_fit(result);
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
