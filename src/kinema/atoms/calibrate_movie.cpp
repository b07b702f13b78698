// The optics and the temperature of a movie, from a few of its frames: first with their atoms as
// they were located, heights 0, then with refined ones.
#include "kinema/atoms/movie_work.h"
#include "kinema/base/parallel.h"

#include <algorithm>
#include <cmath>

namespace kinema::atoms {
namespace {

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
  likelihood.fit(atoms);
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

}  // namespace

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
  if (settings.estimate) {
    for (FrameWork& frame : work) frame = {};
  } else {
    for (const std::size_t n : chosen) work[n] = {};  // not as they were located any more
  }
}

}  // namespace kinema::atoms
