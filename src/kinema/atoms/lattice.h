// The honeycomb of a sheet as a whole: its reciprocal vectors from the 2.13 A ring of the spectrum,
// the sign of its contrast, and where its hexagons lie from place to place.
#pragma once

#include "kinema/atoms/evidence.h"
#include "kinema/atoms/topology.h"

#include <array>
#include <vector>

namespace kinema::atoms {

/// The mean lattice of a sheet as it is seen: stretched, tilted, turned.
struct LatticeFit {
  std::array<Vec2, 2> reciprocal{};  // g1, g2 in 1/angstrom, 60 degrees apart
  std::array<Vec2, 2> vectors{};     // a1, a2 in angstrom, g_i . a_j = delta_ij
  double bond = 0.0;                 // angstrom, geometric mean over directions
  double angle = 0.0;                // of g1 against x, radian, in [0, pi/3)
  double anisotropy = 0.0;           // longest over shortest bond of the mean lattice, - 1
  double contrast = 0.0;             // power of the spots over that of their surroundings
  bool inverted = false;             // atoms show the contrast opposite to what the optics say

  /// Length of a bond along (dx, dy), in angstrom.
  double bond_along(double dx, double dy) const;

  /// From the centre of a hexagon to its corners, in order around it.
  std::array<Vec2, 6> corners() const;
};

/// A place where the honeycomb is seen: the centre of a hexagon, and how clearly.
struct Patch {
  Vec2 hollow{};
  double clarity = 0.0;
};

/// A sheet's lattice and its patches, clearest first.
struct LatticeSearch {
  LatticeFit lattice;
  std::vector<Patch> patches;
};

/// Throws InputError where the frame shows no honeycomb.
LatticeSearch find_lattice(const Frame& frame, const Evidence& evidence);

}  // namespace kinema::atoms
