// Volumes through time in 3D, packed into the page for web/volume.js: the first series moves, the
// others stand beside it.
#pragma once

#include "kinema/base/progress.h"
#include "kinema/data/volume.h"
#include "kinema/report/page.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kinema::report {

/// Volumes of one size; asked for in ascending order, and again where they must be made smaller.
struct VolumesShown {
  std::string name = {};
  Index count = 0;  // one for every frame shown, or 1: the same for all of them
  std::function<Volume(Index)> volume = {};
};

struct VolumesView {
  std::vector<Index> frames = {};  // numbers of the movie's frames, rising
  Index total_frames = 0;
  std::optional<Time> frame_time = {};
  std::vector<VolumesShown> series = {};
  double level = 0.0;         // of the surface at first
  Index budget = 12'000'000;  // bytes of the page
};

/// Adds the view, and says above it what was left out: volumes are held in 16-bit steps; where that
/// exceeds the budget in 8-bit ones, then averaged over 2 x 2 x 2 voxels, and so on.
void add_volumes(Page& page, const VolumesView& view, Progress& progress);

/// The mean of bin x bin x bin voxels; voxels that fill no bin are left out.
Volume binned(const Volume& volume, Index bin);

}  // namespace kinema::report
