// What is known of a sheet of carbon before its image is looked at: like bonds are alike in length,
// like angles in size, the atoms of a layer relax in the plane, and a sheet is smooth.
//
//   E(x, y, z) = k_b/2 sum (|r_ij| - b_c)^2 + k_a/2 sum (theta_ijk - a_c)^2
//   U = [E(x, y, z) - min over x, y of E(x, y, z)] / k T  +  s/2 sum h_i^2  +  c/2 sum (h_i -
//   h_j)^2
//
// The difference makes x and y follow z without pulling at z: a sheet that is held rippled relaxes
// in its plane as far as it can, and the strain that is left (Gaussian curvature) says nothing
// against the ripple. Without it the estimate is flattened: z of a sheet of 0.83 A rms comes out a
// quarter too small even from an image without noise. To second order the difference is f K^-1 f /
// 2 with f the in-plane forces and K the in-plane stiffness.
//
// b_c and a_c are the lengths and angles of classes of bonds and angles that have the same
// surroundings (degrees of the neighbours, sizes of the rings). They are unknowns like the
// coordinates, so that neither the true pixel size nor the lengths at edges and defects must be
// known. h_i is the height of an atom over the plane of the atoms around it, which in a smooth
// sheet is b^2/2 times its mean curvature: s = 16 kappa A / (b^4 k T') with the bending rigidity
// kappa of 1.5 eV. T is estimated from the frame (Surrogate::likelier_temperature): a frame is an
// average over its exposure, in which phonons have gone and strain has stayed. T' is taken to be
// 1000 K, because ripples are larger than thermal ones.
//
// What an exposure leaves of ripples is a few long waves, larger than such a T' allows, and no
// short ones. So h_i counts where the lattice is torn or bent sharply (edges, vacancies, rings of
// other than 6), and elsewhere only how it changes from an atom to the next, by c = C / k T'.
#pragma once

#include "kinema/atoms/topology.h"
#include "kinema/data/atomic_model.h"

#include <array>
#include <span>
#include <vector>

namespace kinema::atoms {

/// How stiff a sheet is.
struct Stiffness {
  double temperature = 100.0;        // kelvin, of stretching
  double bend_temperature = 1000.0;  // kelvin
};

/// The prior of one sheet of N atoms. Unknowns are x, y, z of atom 0, of atom 1, ..., then the
/// lengths of the classes of bonds (angstrom), then the angles of the classes of angles (radian).
class SheetPrior {
 public:
  /// `flat` are x and y of the atoms to begin with; `period` is 0 where the sheet does not wrap.
  SheetPrior(const Topology& topology,
             std::span<const Vec2> flat,
             Vec2 period,
             const Stiffness& stiffness);

  Index atoms() const { return atoms_; }
  Index size() const { return 3 * atoms_ + static_cast<Index>(expected_.size()); }
  Stiffness stiffness;

  /// Writes the expected lengths and angles behind the 3 N coordinates of `unknowns`.
  void set_references(std::span<double> unknowns) const;

  /// Takes the in-plane stiffness K, and how forces depend on stretching, at `unknowns`.
  void freeze(std::span<const double> unknowns);

  /// U with the stiffness of the last freeze(); adds its gradient to `gradient`. Both of size().
  double energy(std::span<const double> unknowns, std::span<double> gradient) const;

  /// Adds the Gauss-Newton curvature of U, which is positive semidefinite, to `matrix` (size,
  /// size).
  void add_curvature(std::span<const double> unknowns, ArrayView<float, 2> matrix) const;

  /// k T times twice the part of U that is stretching: f K^-1 f in eV.
  double stretching(std::span<const double> unknowns) const;

  /// Mean and standard deviation of the lengths of all bonds, angstrom.
  std::array<double, 2> bond_statistics(std::span<const double> unknowns) const;

 private:
  struct Slope {
    Index unknown;
    double value;
  };
  struct Bond {
    int a, b;
    Index reference;
  };
  struct Angle {
    int centre, a, b;
    Index reference;
  };
  using Row = std::vector<Slope>;

  template <class Visit>
  void visit_stretching(std::span<const double> at, Visit&& visit) const;
  template <class Visit>
  void visit_others(std::span<const double> at, Visit&& visit) const;
  void add_bonds(const Topology& topology);
  void add_angles(const Topology& topology);
  static Row difference_of(const Row& a, const Row& b);
  Row height_row(const Topology& topology, std::span<const Vec2> flat, int atom) const;
  void add_heights(const Topology& topology, std::span<const Vec2> flat);
  void order_atoms(const Topology& topology);
  Array<double, 2> relaxation(std::span<const double> at) const;
  Vec3 difference(std::span<const double> at, int a, int b) const;
  double bond_misfit(const Bond& bond, std::span<const double> at, std::span<Slope> slopes) const;
  double angle_misfit(const Angle& angle,
                      std::span<const double> at,
                      std::span<Slope> slopes) const;
  Index plane_index(
      Index unknown) const;  // place of an x or y in the in-plane matrix; -1 for others

  Index atoms_;
  Vec2 period_;
  std::vector<Bond> bonds_;
  std::vector<Angle> angles_;
  std::vector<Row> heights_, changes_;
  std::vector<double> expected_, reference_weight_;  // of the classes
  std::vector<int> order_;                           // place of each atom in the in-plane matrix
  Index band_ = 0;                                   // half width of the in-plane matrix
  std::vector<Row> frozen_;                          // in-plane slopes of each stretching term
  Array<double, 2> plane_factor_;                    // factor of K in eV / A^2, banded
};

}  // namespace kinema::atoms
