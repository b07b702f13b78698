// What the steps of a movie's reconstruction share: the model of its optics, and the atoms of one
// frame while they are worked on.
#pragma once

#include "kinema/atoms/reconstruct.h"

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

/// The atoms of one frame, as far as they are known.
struct FrameWork {
  std::vector<Vec3> positions;
  Topology topology;
  Refined refined;
};

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
/// them in `shared` and `result`.
void calibrate_movie(Shared& shared,
                     const OpticsSettings& settings,
                     const ReconstructOptions& options,
                     std::vector<FrameWork>& work,
                     Reconstruction& result,
                     Progress& progress,
                     const Rng& rng);

}  // namespace kinema::atoms
