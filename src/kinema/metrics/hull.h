// Geometry of atoms in projection: the convex hull, depths within it, and close pairs.
#pragma once

#include "kinema/data/atomic_model.h"

#include <array>
#include <span>
#include <vector>

namespace kinema::metrics {

/// Corners of the convex hull of all x, y, counter-clockwise (Andrew 1979).
std::vector<std::array<double, 2>> convex_hull(std::span<const Vec3> positions);

/// Whether each atom is more than `margin` angstrom inside the convex hull of all.
std::vector<char> inside_hull(std::span<const Vec3> positions, double margin);

/// Pairs (i < j) of atoms less than `distance` angstrom apart in 3D; x and y wrap by `period`.
std::vector<std::array<Index, 2>> close_pairs(std::span<const Vec3> positions,
                                              double distance,
                                              const std::array<double, 2>& period = {});

}  // namespace kinema::metrics
