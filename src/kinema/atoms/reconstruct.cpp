#include "kinema/atoms/reconstruct.h"

#include "kinema/atoms/evidence.h"
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

/// Everything that the frames of one movie share.
struct Shared {
  const MovieOfAtoms& movie;
  PaddedField field;
  Vec2 period{};
  std::shared_ptr<const imaging::FresnelModel> model;
  RefineOptions refine;
};

/// One BLAS thread to each of ours, for as long as this lives.
struct SerialBlas {
  SerialBlas() { set_blas_threads(1); }
  ~SerialBlas() { set_blas_threads(threads()); }
};

struct FrameWork {
  std::vector<Vec3> positions;
  Topology topology;
  Refined refined;
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

void locate_frame(const Shared& shared, const Optics& optics, Index frame, FrameWork& work) {
  Array<float, 2> counts = shared.movie.frame(frame);
  const auto per_electron = static_cast<float>(1.0 / shared.movie.recording.units_per_electron);
  for (float& value : counts.flat()) value *= per_electron;
  LocateOptions options;
  options.periodic = shared.movie.recording.periodic;
  Located located = locate(counts.view(), shared.movie.pixel, optics, shared.movie.dose, options);
  work.topology = std::move(located.topology);
  work.positions.clear();
  for (const Vec2& p : located.positions) work.positions.push_back({p[0], p[1], 0.0});
}

void refine_frame(const Shared& shared,
                  Index frame,
                  const RefineOptions& options,
                  const Expectation& expectation,
                  bool warm,
                  FrameWork& work,
                  const Rng& rng) {
  const Array<float, 2> recorded = shared.movie.frame(frame);
  FrameLikelihood likelihood(shared.model, shared.field, recorded.view(), shared.movie.recording);
  likelihood.fit_strength = warm;
  work.refined = refine(likelihood,
                        work.topology,
                        work.positions,
                        shared.period,
                        expectation,
                        warm,
                        options,
                        rng.stream(static_cast<std::uint64_t>(frame)));
  work.positions = work.refined.positions;
}

void set_optics(Shared& shared, const Optics& optics) {
  auto model = std::make_shared<imaging::FresnelModel>(*shared.model);
  model->set_optics(optics);
  shared.model = std::move(model);
}

/// Places spread evenly over those frames that have atoms.
std::vector<std::size_t> choose_frames(const std::vector<FrameSummary>& frames, Index count) {
  std::vector<std::size_t> good, chosen;
  for (std::size_t n = 0; n < frames.size(); ++n) {
    if (frames[n].failure.empty()) good.push_back(n);
  }
  const auto wanted =
      std::min<std::size_t>(good.size(), static_cast<std::size_t>(std::max<Index>(1, count)));
  for (std::size_t k = 0; k < wanted; ++k)
    chosen.push_back(good[(2 * k + 1) * good.size() / (2 * wanted)]);
  return chosen;
}

/// A first idea of the optics, from where the atoms of flat frames lie.
void calibrate_flat(Shared& shared,
                    const OpticsSettings& settings,
                    const std::vector<CalibrationFrame>& frames,
                    Reconstruction& result,
                    Progress& progress) {
  constexpr int most_rounds = 8;
  constexpr double settled_likelihood = 2.0;  // nats
  const OpticsVector expected = to_vector(settings.optics()), sigmas = settings.sigmas();
  double before = 0.0;
  for (int round = 0; round < most_rounds; ++round) {
    progress.check();
    const Calibration calibration =
        calibrate(frames, shared.field, shared.movie.recording, result.optics, expected, sigmas);
    if (round > 0 && before - calibration.likelihood < settled_likelihood) break;
    before = calibration.likelihood;
    result.optics = calibration.optics;
  }
  set_optics(shared, result.optics);
}

/// Atoms that were found with wrong optics tell better ones, with which they are found better.
void calibrate_and_locate(Shared& shared,
                          const OpticsSettings& settings,
                          const std::vector<std::size_t>& chosen,
                          const std::vector<Array<float, 2>>& recorded,
                          std::vector<FrameWork>& work,
                          Reconstruction& result,
                          Progress& progress) {
  for (int turn = 0; turn < 2; ++turn) {
    std::vector<CalibrationFrame> frames;
    for (std::size_t k = 0; k < chosen.size(); ++k) {
      frames.push_back({recorded[k].view(), &work[chosen[k]].positions});
    }
    calibrate_flat(shared, settings, frames, result, progress);
    for (const std::size_t n : chosen) {
      locate_frame(shared, result.optics, result.frames[n].frame, work[n]);
    }
  }
}

/// One step of the optics from refined frames. Atoms above their mean height see C10 - z: what of
/// the mean is not 0 belongs to the defocus.
void calibrate_refined(Shared& shared,
                       const OpticsSettings& settings,
                       const std::vector<std::size_t>& chosen,
                       const std::vector<Array<float, 2>>& recorded,
                       const std::vector<FrameWork>& work,
                       Reconstruction& result) {
  std::vector<CalibrationFrame> frames;
  Optics optics = result.optics;
  for (std::size_t k = 0; k < chosen.size(); ++k) {
    const FrameWork& frame = work[chosen[k]];
    frames.push_back({recorded[k].view(), &frame.positions});
    optics.defocus.value += frame.refined.height / static_cast<double>(chosen.size());
  }
  const Calibration calibration = calibrate(frames,
                                            shared.field,
                                            shared.movie.recording,
                                            optics,
                                            to_vector(settings.optics()),
                                            settings.sigmas());
  result.optics = calibration.optics;
  result.optics_sigmas = calibration.sigmas;
  set_optics(shared, result.optics);
}

/// The share of a frame's structure beyond its noise that its atoms do not explain.
struct Unexplained {
  double share, sigma;
};

Unexplained unexplained(const Shared& shared,
                        ArrayView<const float, 2> recorded,
                        const std::vector<Vec3>& atoms) {
  FrameLikelihood likelihood(shared.model, shared.field, recorded, shared.movie.recording);
  likelihood.value({}, {});
  const double structure = std::max(1e-3, likelihood.chi_squared() - 1.0);
  std::vector<double> coordinates;
  for (const Vec3& p : atoms) coordinates.insert(coordinates.end(), p.begin(), p.end());
  likelihood.fit_strength = true;
  likelihood.value(coordinates, {});
  return {(likelihood.chi_squared() - 1.0) / structure,
          std::sqrt(2.0 / static_cast<double>(likelihood.pixels())) / structure};
}

/// Spherical aberration turns the phase by radians for every micrometre, so that told wrong it
/// leads nowhere: where the atoms explain too little, others within what is known are tried on one
/// frame.
void search_spherical_aberration(Shared& shared,
                                 const OpticsSettings& settings,
                                 const std::vector<std::size_t>& chosen,
                                 const std::vector<Array<float, 2>>& recorded,
                                 std::vector<FrameWork>& work,
                                 Reconstruction& result,
                                 Progress& progress) {
  constexpr double small_share = 0.02;  // that flat atoms with the right optics leave unexplained
  const double sigma = settings.cs_sigma.value, told = settings.cs.value;
  const std::vector<std::size_t> first{chosen.front()};
  const auto left = [&] {
    return unexplained(shared, recorded.front().view(), work[chosen.front()].positions);
  };
  const Unexplained begin = left();
  const double enough = small_share + 2.5 * begin.sigma;
  double least = begin.share;
  Optics best = result.optics;
  for (const double part : {-0.5, 0.5, -1.0, 1.0, -1.5, 1.5, -2.0, 2.0}) {
    if (least < enough || sigma == 0.0) break;
    result.optics = settings.optics();
    result.optics.cs.value = told + part * sigma;
    set_optics(shared, result.optics);
    try {
      locate_frame(shared, result.optics, result.frames[first.front()].frame, work[first.front()]);
      calibrate_and_locate(shared, settings, first, recorded, work, result, progress);
    } catch (const InputError&) {
      continue;  // these optics show no sheet
    }
    const double here = left().share;
    if (here < least) {
      least = here;
      best = result.optics;
    }
  }
  if (begin.share < enough) return;
  result.optics = best;
  set_optics(shared, best);
  calibrate_and_locate(shared, settings, chosen, recorded, work, result, progress);
}

/// Optics and temperature from a few frames, refined in turn with them.
void calibrate_movie(Shared& shared,
                     const OpticsSettings& settings,
                     const ReconstructOptions& options,
                     std::vector<FrameWork>& work,
                     Reconstruction& result,
                     Progress& progress,
                     const Rng& rng) {
  const std::vector<std::size_t> chosen = choose_frames(result.frames, options.calibration_frames);
  std::vector<Array<float, 2>> recorded;
  for (const std::size_t n : chosen) recorded.push_back(shared.movie.frame(result.frames[n].frame));
  const Index rounds = settings.estimate ? std::max<Index>(1, options.calibration_rounds) : 1;
  const auto count = static_cast<Index>(chosen.size());
  progress.begin("calibrate", rounds * count, "frames");
  if (settings.estimate) {
    calibrate_and_locate(shared, settings, chosen, recorded, work, result, progress);
    search_spherical_aberration(shared, settings, chosen, recorded, work, result, progress);
  }
  std::vector<double> temperatures(chosen.size());
  for (Index round = 0; round < rounds; ++round) {
    const bool last = round + 1 == rounds;
    RefineOptions refine = shared.refine;
    refine.errors = false;
    if (!last || options.temperature) refine.temperature_rounds = 0;
    parallel_for(count, [&](Index k) {
      progress.check();
      const std::size_t n = chosen[static_cast<std::size_t>(k)];
      refine_frame(shared, result.frames[n].frame, refine, {}, round > 0, work[n], rng);
      temperatures[static_cast<std::size_t>(k)] = work[n].refined.stiffness.temperature;
      progress.advance(1);
    });
    if (!last) calibrate_refined(shared, settings, chosen, recorded, work, result);
  }
  progress.end();
  const auto median = temperatures.begin() + count / 2;
  std::nth_element(temperatures.begin(), median, temperatures.end());
  result.temperature = options.temperature.value_or(*median);
  shared.refine.stiffness.temperature = result.temperature;
  shared.refine.temperature_rounds = 0;
}

/// Mean of (counts - expected)^2 / expected around each atom.
std::vector<double> residuals(const Shared& shared,
                              Index frame,
                              const std::vector<Vec3>& positions) {
  const Array<float, 2> recorded = shared.movie.frame(frame);
  FrameLikelihood likelihood(shared.model, shared.field, recorded.view(), shared.movie.recording);
  std::vector<double> coordinates;
  for (const Vec3& p : positions) coordinates.insert(coordinates.end(), p.begin(), p.end());
  likelihood.fit_strength = true;
  likelihood.value(coordinates, {});
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
  std::vector<double> coordinates;
  for (const Vec3& p : positions) coordinates.insert(coordinates.end(), p.begin(), p.end());
  likelihood.fit_strength = true;
  likelihood.value(coordinates, {});
  return likelihood.expected();
}

}  // namespace kinema::atoms
