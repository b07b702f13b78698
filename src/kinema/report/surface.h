// The surface of one level of a density, as triangles with smooth normals.
#pragma once

#include "kinema/data/volume.h"
#include "kinema/report/colour.h"

#include <array>
#include <cstdint>
#include <vector>

namespace kinema::report {

/// Points in angstrom; a normal for each, of length 1, from dense to thin.
struct Surface {
  std::vector<Vec3> points, normals;
  std::vector<std::array<std::uint32_t, 3>> triangles;
  Rgb colour{0.36F, 0.55F, 0.78F};
};

/// Where the density is `level`: surface nets (Gibson, 1998), each point brought onto the level of
/// the trilinear density, the normals its gradient. A surface that meets the box's border is open.
Surface isosurface(const Volume& volume, double level);

/// The same density on a grid `factor` times as fine, by cubic interpolation (Catmull and Rom).
Volume refined(const Volume& volume, Index factor);

/// A level between nothing and the density's bright part: 0.4 of the value that one voxel in 200
/// exceeds.
double contour_level(const Volume& volume);

}  // namespace kinema::report
