// Rigid drift of the specimen: how far each frame lies from the first.
#pragma once

#include "kinema/base/array.h"
#include "kinema/restore/move.h"

#include <optional>

namespace kinema::restore {

struct DriftOptions {
  double cutoff = 0.25;  // spatial frequencies above this, in cycles a pixel, are left out
  int most = 0;          // largest step from frame to frame in pixels; 0: a quarter of the frame
};

/// How far `moved` lies from `reference` (Y, X): the peak of the half-whitened correlation of
/// frames without their mean and with soft edges (Kuglin, Hines, Proc. IEEE Conf. Cybernetics 163
/// (1975) whiten wholly), to a fraction of a pixel by an upsampled Fourier transform around it:
/// Guizar-Sicairos, Thurman, Fienup, Optics Letters 33, 156 (2008). The rest is found on the frame
/// moved back. None where the peak is no higher than noise alone makes one: under 6 times the
/// correlation's root mean square (of up to a million pixels of noise the highest is 5).
std::optional<Shift> phase_shift(ArrayView<const float, 2> reference,
                                 ArrayView<const float, 2> moved,
                                 const DriftOptions& options);

/// Follows the specimen frame by frame: each against the mean of those before it, put where they
/// belong. The mean forgets within some 20 frames, for a specimen changes. Frames of more than 1024
/// pixels a side are binned first.
class DriftTracker {
 public:
  explicit DriftTracker(const DriftOptions& options) : options_(options) {}

  /// The specimen's place in the next frame (Y, X), relative to the first; that of the frame before
  /// where it cannot be told.
  Shift add(ArrayView<const float, 2> frame);
  /// How many frames that were.
  Index untold() const { return untold_; }

 private:
  DriftOptions options_;
  Index seen_ = 0, bin_ = 1, untold_ = 0;
  Shift place_, anchor_;  // of the last frame; where the mean lies (whole pixels), both binned
  Array<float, 2> mean_;
};

}  // namespace kinema::restore
