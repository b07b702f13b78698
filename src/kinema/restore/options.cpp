// What options mean together, and which make no sense.
#include "kinema/restore/options.h"

#include <string>

namespace kinema::restore {

Index restored_frames(Index frames, const RestoreOptions& options) {
  if (options.average < 0) throw InputError("restore: --average is 1 or more, or 0 for all frames");
  if (!(options.strength > 0.0)) throw InputError("restore: --strength is more than 0");
  if (!(options.defect_threshold > 0.0)) {
    throw InputError("restore: --defect-threshold is more than 0");
  }
  if (!(options.drift_cutoff > 0.0 && options.drift_cutoff <= 0.5)) {
    throw InputError("restore: --drift-cutoff is more than 0 and at most 0.5 cycles a pixel");
  }
  neighbours_of(options);
  const Index count = averages_of(frames, frames_averaged(frames, options), options.window);
  if (count == 0) {
    throw InputError("restore: an average of " + std::to_string(options.average) +
                     " frames cannot be made of " + std::to_string(frames) + "; lower --average");
  }
  return count;
}

Index frames_averaged(Index frames, const RestoreOptions& options) {
  return options.average == 0 ? frames : options.average;
}

int neighbours_of(const RestoreOptions& options) {
  const bool overlap = options.window == Window::sliding && options.average != 1;
  if (overlap && options.neighbours.value_or(0) > 0) {
    throw InputError(
        "restore: sliding averages share their noise, which neighbours would keep; choose --window "
        "block, or --neighbours 0");
  }
  return options.neighbours.value_or(overlap ? 0 : 2);
}

}  // namespace kinema::restore
