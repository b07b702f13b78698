// Where a molecule may be, from its blurred mean map.
#pragma once

#include "kinema/base/array.h"

namespace kinema::dynamics {

/// A volume (N, N, N) blurred by a Gaussian of `width` voxels rms.
Array<float, 3> blurred(const Array<float, 3>& volume, double width);

/// 1 where the blurred map is well above nothing, 0 where it is not, smooth between, and within a
/// soft sphere of 0.95 of the box.
Array<float, 3> support_mask(const Array<float, 3>& map, double blur);

/// A soft sphere alone.
Array<float, 3> sphere_mask(Index box);

}  // namespace kinema::dynamics
