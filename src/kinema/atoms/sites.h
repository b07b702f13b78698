// Sites of atoms while they are being found: a set that grows and shrinks, the log likelihood of
// it under the frame's evidence, and a soft spring along every bond.
#pragma once

#include "kinema/atoms/bonding.h"
#include "kinema/atoms/evidence.h"
#include "kinema/atoms/lattice.h"

#include <vector>

namespace kinema::atoms {

/// The sites of one frame. Ids stay valid until a site is removed.
class Sites {
 public:
  Sites(const Frame& frame, const Evidence& evidence, const LatticeFit& lattice, double strength);

  int add(const Vec2& at);
  void remove(int id);
  void restore(int id);  // a removed site, where it was
  void move(int id, const Vec2& to);

  /// Ids of the sites there are, rising.
  std::vector<int> ids() const;
  const Vec2& at(int id) const { return positions_[static_cast<std::size_t>(id)]; }
  bool alive(int id) const { return alive_[static_cast<std::size_t>(id)] != 0; }
  /// Sites within `radius` of a place, without `except`.
  std::vector<int> near(const Vec2& place, double radius, int except = -1) const;
  /// Sites bonded to one: the three nearest within the longest bond.
  std::vector<int> bonded(int id) const;

  /// Nats won by an atom at `place` with all other sites as they are; where the view cuts its
  /// image only the part inside counts.
  double gain(const Vec2& place, int except = -1) const;
  /// The log likelihood of the sites in `group` with all that their images overlap, nats.
  double likelihood(const std::vector<int>& group) const;
  /// The prior of the atoms in `group`: their bonds, angles and numbers of neighbours, nats.
  double prior(const std::vector<int>& group) const;

  /// One Newton step of a site with all others fixed; returns its length in angstrom.
  double settle(int id);
  /// Rounds of `settle` over a group, until no site moves by more than a hundredth of an angstrom.
  void settle(const std::vector<int>& group, int rounds);
  /// Climbs from `place` to the best place for an atom within about half an angstrom.
  Vec2 climb(const Vec2& place) const;

  /// Standard errors of x and y with the sites around free to move along, angstrom.
  Vec2 sigma(int id) const;

  /// The strength of one atom's image that fits best, by least squares.
  double best_strength() const;
  double strength() const { return strength_; }
  void set_strength(double strength) { strength_ = strength; }
  /// Nats that a well-isolated atom wins: s^2 a(0) / 2.
  double atom_energy() const { return 0.5 * strength_ * strength_ * evidence_->self; }

  /// After the evidence was made anew.
  void set_evidence(const Evidence& evidence) { evidence_ = &evidence; }
  const Evidence& evidence() const { return *evidence_; }
  const Frame& frame() const { return frame_; }
  const LatticeFit& lattice() const { return lattice_; }

  /// Whether the image beyond the view is known (evidence made with sites there).
  bool filled = false;

 private:
  Pull pull(int id) const;
  void pull_bonds(int id, Pull& pull) const;
  Vec2 bond(int from, int to) const { return evidence_->shift(at(to), at(from)); }
  std::int64_t cell_of(const Vec2& place) const;
  template <class Visit>
  void visit_near(const Vec2& place, double radius, Visit&& visit) const;

  Frame frame_;
  const Evidence* evidence_;
  LatticeFit lattice_;
  Bonding bonding_;
  double strength_;
  Jet self_;
  std::vector<Vec2> positions_;
  std::vector<std::uint8_t> alive_;
  Index columns_ = 1, rows_ = 1;
  Vec2 cell_size_{};
  std::vector<std::vector<int>> cells_;
};

}  // namespace kinema::atoms
