// What the steps of a movie's reconstruction share: the model of its optics, and the atoms of one
// frame while they are worked on.
#pragma once

#include "kinema/atoms/reconstruct.h"

#include <functional>
#include <memory>
#include <vector>

namespace kinema::atoms {

/// Everything that the frames of one movie share.
struct Shared {
  const MovieOfAtoms& movie;
  PaddedField field;
  Vec2 period{};
  std::shared_ptr<const imaging::FresnelModel> model;
  RefineOptions refine;
};

/// The atoms of one frame, as far as they are known: none where they are still to be located.
struct FrameWork {
  std::vector<Vec3> positions;
  Topology topology;
  Refined refined;
};

/// What one frame has after a sweep over all frames; errors and residuals after the last sweep
/// only.
struct JointFrame {
  std::vector<Vec3> positions;
  std::vector<double> z_sigmas, sign_probability, residual;
};

/// Calls body(), which works on the frame of `summary`: its time is added, an InputError becomes
/// the frame's failure.
void attempt(FrameSummary& summary, const std::function<void()>& body);

/// What the fit of a frame says goes into its summary.
void summarise(const Refined& refined, FrameSummary& summary);

/// Mean of (counts - expected)^2 / expected around each atom, out to 1 angstrom.
std::vector<double> residuals(const Shared& shared,
                              Index frame,
                              const std::vector<Vec3>& positions);

/// Finds the atoms of a frame, heights 0. Throws InputError where it shows no sheet.
void locate_frame(const Shared& shared, const Optics& optics, Index frame, FrameWork& work);

/// Refines the atoms of a frame from where they are; see refine().
void refine_frame(const Shared& shared,
                  Index frame,
                  const RefineOptions& options,
                  const Expectation& expectation,
                  bool warm,
                  FrameWork& work,
                  const Rng& rng);

/// Gives all frames other optics.
void set_optics(Shared& shared, const Optics& optics);

/// Estimates optics and temperature from a few of the frames (`work` is one for each), and leaves
/// them in `result`. Frames that should be located anew are left without atoms.
void calibrate_movie(Shared& shared,
                     const OpticsSettings& settings,
                     const ReconstructOptions& options,
                     std::vector<FrameWork>& work,
                     Reconstruction& result,
                     Progress& progress,
                     const Rng& rng);

/// All frames of `result.tracked` together: one after the other, each with what its neighbours in
/// time expect. Says in `result` whether there were enough of them.
void refine_jointly(const Shared& shared,
                    Reconstruction& result,
                    Progress& progress,
                    const Rng& rng,
                    Journal& journal);

}  // namespace kinema::atoms
