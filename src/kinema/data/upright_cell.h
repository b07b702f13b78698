// A box turned so that its first edge lies along x and its second in the plane of x and y: the only
// way in which LAMMPS, and files made for it, take a box.
#pragma once

#include "kinema/data/atomic_model.h"

namespace kinema {

/// The edges are (lx, 0, 0), (xy, ly, 0), (xz, yz, lz), in angstrom; lx, ly, lz > 0.
struct UprightCell {
  double lx = 0.0, ly = 0.0, lz = 0.0, xy = 0.0, xz = 0.0, yz = 0.0;
  Vec3 low{};                      // the corner where the edges begin, in the turned frame
  std::array<Vec3, 3> rotation{};  // rows: position_in_box = rotation * position

  bool is_tilted() const { return xy != 0.0 || xz != 0.0 || yz != 0.0; }
};

/// The same box upright. Throws InputError where the edges span no volume, are not finite, or are
/// left-handed.
UprightCell upright(const Cell& cell);

/// `position` in the turned frame, and back.
Vec3 to_upright(const UprightCell& cell, const Vec3& position);
Vec3 from_upright(const UprightCell& cell, const Vec3& position_in_box);

/// A vector of the turned frame in fractions of the three edges.
Vec3 fraction_of(const UprightCell& cell, const Vec3& vector_in_box);

/// `vector_in_box` without whole edges, of which `count` says how many.
Vec3 without_edges(const UprightCell& cell, Vec3 vector_in_box, const Vec3& count);

/// A box without periods around the atoms, `margin` angstrom wider on every side.
Cell box_around(const AtomicModel& model, double margin);

}  // namespace kinema
