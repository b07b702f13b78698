// A density in space, and one for every frame of a movie.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/units.h"
#include "kinema/data/atomic_model.h"

namespace kinema {

/// Density on cubic voxels. The centre of the molecule is voxel (Z/2, Y/2, X/2), whole-number
/// division; `origin` is where the centre of voxel (0, 0, 0) lies, in angstrom.
struct Volume {
  Array<float, 3> density;  // (Z, Y, X)
  Length voxel_size;        // of an edge
  Vec3 origin{};
};

/// A volume per time point, made or read when asked for.
class VolumeSeries {
 public:
  virtual ~VolumeSeries() = default;
  virtual Index frames() const = 0;
  virtual Volume at(Index frame) const = 0;
};

}  // namespace kinema
