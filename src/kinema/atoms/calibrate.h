// The optics of a movie from its frames: what the microscope was told is seldom what it did.
#pragma once

#include "kinema/atoms/likelihood.h"
#include "kinema/atoms/optics_settings.h"
#include "kinema/atoms/refine.h"

#include <span>
#include <vector>

namespace kinema::atoms {

/// A frame whose atoms are known well enough to tell optics from them.
struct CalibrationFrame {
  ArrayView<const float, 2> frame;     // (Y, X) as recorded
  const std::vector<Vec3>* positions;  // angstrom
};

struct Calibration {
  Optics optics;
  OpticsVector sigmas{};    // standard errors at the given atoms; 0: held
  double likelihood = 0.0;  // minus log, of all frames
};

/// One Gauss-Newton step from `optics`, of all frames together, with what was known before
/// (`expected`, `sigmas`; 0 holds a value). Derivatives of images by finite differences.
Calibration calibrate(std::span<const CalibrationFrame> frames,
                      const PaddedField& field,
                      const Recording& recording,
                      const Optics& optics,
                      const OpticsVector& expected,
                      const OpticsVector& sigmas);

}  // namespace kinema::atoms
