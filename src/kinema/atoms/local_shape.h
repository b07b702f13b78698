// The shape of the sheet at each atom from its neighbours: bonds, strain, pyramidalisation, mean
// curvature.
#pragma once

#include "kinema/atoms/topology.h"
#include "kinema/data/atomic_model.h"

#include <limits>
#include <vector>

namespace kinema::atoms {

/// What one atom's surroundings are like; NaN where it has fewer than three neighbours.
struct LocalShape {
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  double bond = unknown;                            // mean length in 3D, angstrom
  double xx = unknown, yy = unknown, xy = unknown;  // Green strain in the tangent plane, along the
                                                    // projections of x and y
  double pyramid = unknown;    // Haddon's pyramidalisation angle, radian; > 0: the atom is high
  double curvature = unknown;  // mean curvature, 1/angstrom; > 0: a valley
};

/// Shapes of all atoms. Strain is against ideal graphene of bonds `reference` (angstrom), turned as
/// the atom's own bonds are. Pyramidalisation by the pi-orbital axis vector (Haddon 1988);
/// curvature by a quadratic surface through the atom and its first and second neighbours.
std::vector<LocalShape> local_shapes(const std::vector<Vec3>& positions,
                                     const Topology& topology,
                                     const Vec2& period,
                                     double reference);

/// Lengths of all bonds, and the angles between bonds of one atom, in 3D (angstrom, radian).
struct BondsAndAngles {
  std::vector<double> lengths, angles;
};
BondsAndAngles bonds_and_angles(const std::vector<Vec3>& positions,
                                const Topology& topology,
                                const Vec2& period);

}  // namespace kinema::atoms
