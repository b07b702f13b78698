// Atoms as balls and sticks, coloured by a value of each.
#pragma once

#include "kinema/data/trajectory.h"
#include "kinema/report/scene.h"

#include <string>
#include <utility>
#include <vector>

namespace kinema::report {

/// Pairs of atoms nearer than 1.3 times the median distance of an atom to its nearest neighbour.
/// Cells are not wrapped: what crosses a border is no stick.
std::vector<std::pair<std::size_t, std::size_t>> near_pairs(const AtomicModel& atoms);

/// Numbers as colours: a map, and what its ends stand for.
struct ColourScale {
  ColourMap map = ColourMap::viridis;
  double low = 0.0, high = 1.0;
  std::string title;  // with the unit: "height (Å)"

  Rgb colour(double value) const { return colour_at(map, (value - low) / (high - low)); }
};

/// Balls of 0.28 and sticks of 0.10 of the median distance to the nearest neighbour, times `size`;
/// `values` holds one number an atom.
Scene atom_scene(const AtomicModel& atoms,
                 const std::vector<double>& values,
                 const ColourScale& scale,
                 double size = 1.0);

/// What atoms of frame t are coloured by, in order of identity (atoms_at): "height" is z from the
/// mean of the frame, "sigma" the standard error of z, else one of the trajectory's values. Throws
/// InputError that lists what there is.
std::vector<double> values_at(const Trajectory& trajectory, Index t, const std::string& name);

/// A scale that holds all but one in a hundred of the values of every frame at either end.
ColourScale scale_of(const Trajectory& trajectory, const std::string& name, ColourMap map);

}  // namespace kinema::report
