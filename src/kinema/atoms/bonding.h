// What is known of carbon before the frame is seen: a soft valence force field after Keating
// (Physical Review 145, 637, 1966) in the coordinates of the unstrained sheet, and how rare atoms
// with fewer than three neighbours are.
#pragma once

#include "kinema/atoms/lattice.h"
#include "kinema/atoms/topology.h"

#include <vector>

namespace kinema::atoms {

/// Force and curvature on one site, in nats per angstrom and per square angstrom.
struct Pull {
  Vec2 force{};
  double xx = 0.0, xy = 0.0, yy = 0.0;

  void add(double misfit, const Vec2& gradient);  // of a term -misfit^2 / 2
};

/// Springs in the coordinates in which the sheet's mean lattice is ideal graphene.
class Bonding {
 public:
  explicit Bonding(const LatticeFit& lattice);

  /// Misfits in standard deviations: of a bond, and of two bonds of one atom from 120 degrees.
  double stretch(const Vec2& bond) const;
  double bend(const Vec2& bond, const Vec2& other) const;

  /// Adds to `pull` what a bond from the site, and two bonds with the site in the middle or at the
  /// end of the first, do to it.
  void pull_stretch(Pull& pull, const Vec2& bond) const;
  void pull_bend_middle(Pull& pull, const Vec2& bond, const Vec2& other) const;
  void pull_bend_end(Pull& pull, const Vec2& bond, const Vec2& other) const;

  /// Nats that an atom with so many bonds is rarer than one with three.
  static double rarity(std::size_t bonds);

 private:
  Vec2 ideal(const Vec2& shift) const;
  Vec2 back(const Vec2& gradient) const;  // gradient by the shift from one by ideal(shift)

  Vec2 row_x_{}, row_y_{};  // ideal = (row_x . shift, row_y . shift)
};

}  // namespace kinema::atoms
