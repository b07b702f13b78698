// Rigid drift: found by phase correlation, and taken out.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/progress.h"

#include <vector>

namespace kinema::restore {

/// Displacement of the specimen in pixels: down and to the right.
struct Shift {
  double y = 0.0, x = 0.0;
  friend bool operator==(const Shift&, const Shift&) = default;
};

struct DriftOptions {
  double cutoff = 0.25;  // spatial frequencies above this, in cycles a pixel, are left out
  int most = 0;          // largest step from frame to frame in pixels; 0: a quarter of the frame
};

/// How far `moved` lies from `reference` (Y, X): the peak of the phase correlation, of frames
/// without their mean and with soft edges, to a fraction of a pixel by a parabola through the peak.
/// Kuglin, Hines, Proc. IEEE Conf. Cybernetics 163 (1975).
Shift phase_shift(ArrayView<const float, 2> reference,
                  ArrayView<const float, 2> moved,
                  const DriftOptions& options);

/// The specimen's place in every frame (T, Y, X) relative to the first: each frame against the mean
/// of those before it, put where they belong.
std::vector<Shift> estimate_drift(ArrayView<const float, 3> frames,
                                  const DriftOptions& options,
                                  Progress& progress);

/// The frame with the specimen moved by `shift` (Catmull-Rom interpolation; beyond the edges the
/// edge is repeated).
Array<float, 2> moved_by(ArrayView<const float, 2> frame, const Shift& shift);

}  // namespace kinema::restore
