// A sheet of carbon as a net: atoms in a plane, and which are bonded. Defects are made by changing
// the net, and springs bring a changed net into shape.
#pragma once

#include "kinema/data/atomic_model.h"
#include "kinema/simulate/stage.h"

#include <optional>
#include <utility>
#include <vector>

namespace kinema::simulate {

inline constexpr double bond_length = 1.42;  // of graphene, angstrom

/// A field that repeats in x and y, angstrom.
struct Period {
  double x = 0.0, y = 0.0;
};

/// Atoms keep their numbers for good; those that left have no bonds and `present` false. `Vec2` is
/// in angstrom here.
struct CarbonNet {
  std::vector<Vec2> at;
  std::vector<bool> present;
  std::vector<std::vector<int>> bonded;  // neighbours of each atom
  std::optional<Period> period;

  int size() const { return static_cast<int>(at.size()); }
  int count() const;  // of those present
  int coordination(int atom) const { return static_cast<int>(bonded[atom].size()); }
  /// From atom a to atom b, the shortest way in a periodic net.
  Vec2 way(int a, int b) const;
  /// Sum of the bonds over two.
  int bonds() const;
};

/// Honeycomb atoms within the rectangle `low` to `high`, turned by `angle` (0: zigzag rows along
/// x), all bonded to their neighbours.
CarbonNet honeycomb(Vec2 low, Vec2 high, double angle);

/// `columns` x `rows` cells of four atoms, bonded across the borders; its bonds differ from 1.42 A
/// as far as `period` asks.
CarbonNet periodic_honeycomb(int columns, int rows, Period period);

/// Takes an atom away, and its bonds.
void remove_atom(CarbonNet& net, int atom);

/// Takes away, again and again, atoms with fewer than two bonds.
void trim(CarbonNet& net);

/// Drops the atoms that left and numbers the others anew.
CarbonNet compact(const CarbonNet& net);

/// Stone and Wales: turns the bond of a and b, each with three bonds, by 90 degrees in the plane;
/// four hexagons become two pentagons and two heptagons.
void rotate_bond(CarbonNet& net, int a, int b);

/// Takes two bonded atoms away and closes both sides: rings of five, eight and five.
void remove_pair(CarbonNet& net, int a, int b);

/// Numbers of rings by size, up to 12: faces of a net that is drawn in the plane. Index n counts
/// rings of n atoms.
std::vector<int> ring_sizes(const CarbonNet& net);

/// Brings bonds to 1.42 A and angles to 120 degrees within the plane, atoms at heights `z` (one for
/// each atom, or none for a flat net): harmonic springs, steepest descent with inertia (Bitzek et
/// al., Phys. Rev. Lett. 97, 170201, 2006).
void relax_in_plane(CarbonNet& net, const std::vector<double>& z = {}, int most_steps = 400);

}  // namespace kinema::simulate
