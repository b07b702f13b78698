// How sharply an image tells where atoms are: the Fisher information of all coordinates, from the
// response of the image to one atom.
#pragma once

#include "kinema/base/array.h"
#include "kinema/data/atomic_model.h"
#include "kinema/imaging/fresnel.h"

#include <array>
#include <span>
#include <vector>

namespace kinema::atoms {

/// Information between two atoms at distance d of a flat sheet: F_ab(d) = W sum over points of
/// dI_i/da dI_j/db, tabled over d on a grid and interpolated. W is the information of a point, the
/// mean counts a point for Poisson counts of intensity near 1.
class FisherTable {
 public:
  /// For atoms near height `z`; `reach` angstrom is how far apart atoms are taken to interact.
  FisherTable(const imaging::FresnelModel& model, double information, double z, double reach);

  double reach() const { return reach_; }
  /// The 3 x 3 block of atom i against atom j, d = r_j - r_i, |d| < reach.
  using Block = std::array<std::array<double, 3>, 3>;
  Block block(double dx, double dy) const;

 private:
  double reach_, step_x_ = 0.0, step_y_ = 0.0;  // angstrom
  Index half_x_ = 0, half_y_ = 0;               // of the table, to each side
  Array<float, 3> table_;                       // (9, 2 half_y + 1, 2 half_x + 1)
};

}  // namespace kinema::atoms
