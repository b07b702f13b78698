// How located atoms are connected: bonds, rings, vacancies and edges, from x and y alone.
#pragma once

#include "kinema/atoms/spline_map.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace kinema::atoms {

inline constexpr double bond_length = 1.42;  // angstrom, of graphene

/// Beyond this projected distance, in angstrom, two atoms are not bonded.
inline constexpr double longest_bond = 1.9;

/// A closed ring of atoms with nothing inside.
struct Ring {
  std::vector<int> atoms;  // in order around it
  Vec2 centre{};           // angstrom
};

/// A hole in the sheet where atoms are missing.
struct Vacancy {
  std::vector<int> atoms;  // around it, in order
  Vec2 centre{};           // angstrom
  int missing = 0;         // atoms, by the hole's area
};

/// Where in the sheet an atom is.
enum class Place : std::uint8_t { inside, edge, cut };  // cut: bonds may lead out of the view

struct Topology {
  std::vector<std::vector<int>> neighbours;  // of each atom: at most three, nearest first
  std::vector<Ring> rings;                   // of 3 to 8 atoms
  std::vector<Vacancy> vacancies;
  std::vector<Place> places;

  Index count_rings(std::size_t atoms) const;
};

/// What bounds the atoms.
struct Bounds {
  Vec2 period{};  // angstrom; 0: does not wrap
  /// How far inside the view a place is, angstrom; empty: the view cuts nothing.
  std::function<double(const Vec2&)> depth;
};

/// The shift a - b, the nearest where `period` wraps.
Vec2 nearest_shift(const Vec2& a, const Vec2& b, const Vec2& period);

/// Bonds are taken shortest first, three to an atom at most; rings are the faces of that graph.
Topology connect(const std::vector<Vec2>& positions, const Bounds& bounds = {});

}  // namespace kinema::atoms
