// Which atoms are bonded, by distance alone: enough for first-row atoms, whose bonds are 1.2 to 1.6
// angstrom long and whose second neighbours begin at 2.3.
#pragma once

#include "kinema/data/atomic_model.h"

#include <span>
#include <vector>

namespace kinema::md {

inline constexpr double bond_reach = 1.85;   // angstrom: two atoms nearer than this are bonded
inline constexpr double broken_reach = 2.0;  // a bond that is now longer than this is broken

/// Atoms a and b, and the way from a to b, maybe across the cell's border.
struct Bond {
  Index a = 0, b = 0;
  Vec3 vector{};  // angstrom

  double length() const;
  /// Its length after its ends were displaced.
  double length_after(std::span<const Vec3> displacements) const;
};

/// Every bond once; in a small periodic cell two atoms, or one and its own image, may share
/// several.
std::vector<Bond> bonds_of(const AtomicModel& model, double reach = bond_reach);

/// Bonds that end at each atom.
std::vector<int> coordination(Index atoms, std::span<const Bond> bonds);

/// Those of `bonds` that the displacements break.
std::vector<Bond> broken_bonds(std::span<const Bond> bonds, std::span<const Vec3> displacements);

}  // namespace kinema::md
