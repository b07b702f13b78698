// Atoms through time in 3D: what is known of every atom in every frame, packed into the page for
// web/atoms.js.
#pragma once

#include "kinema/data/trajectory.h"
#include "kinema/report/page.h"

#include <string>
#include <vector>

namespace kinema::report {

/// A number of every atom in every frame, besides its place.
struct AtomQuantity {
  std::string name = {}, label = {}, unit = {};  // "sigma_z", "standard error of z", "A"
  Array<double, 2> values = {};                  // (T, N); not finite: not known
  bool diverging = false;                        // coloured about zero
  bool coloured = true;                          // atoms may be coloured by it
};

struct AtomsView {
  const Trajectory* trajectory = nullptr;
  Index total_frames = 0;                     // of the movie
  std::vector<AtomQuantity> quantities = {};  // "sigma_x", "error_x", ... are known by their names
  double bond_reach = 1.85;                   // angstrom: atoms nearer than this are bonded
  Index budget = 10'000'000;                  // bytes of the page
};

/// Adds the view, and says above it what was left out: numbers are held in 65534 steps between
/// their extremes, and every n-th frame where all of them would exceed the budget.
void add_atoms(Page& page, const AtomsView& view);

}  // namespace kinema::report
