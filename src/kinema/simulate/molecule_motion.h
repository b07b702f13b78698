// How a molecule moves: a coordinate from 0 to 1 in time, and the atoms at each value of it.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/options.h"
#include "kinema/base/rng.h"
#include "kinema/data/atomic_model.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace kinema::simulate {

enum class Motion : std::uint8_t { still, path, sine, saw, jump, langevin };
inline constexpr EnumName<Motion> motion_names[] = {{Motion::still, "still"},
                                                    {Motion::path, "path"},
                                                    {Motion::sine, "sine"},
                                                    {Motion::saw, "saw"},
                                                    {Motion::jump, "jump"},
                                                    {Motion::langevin, "langevin"}};
constexpr std::span<const EnumName<Motion>> enum_names(Motion) {
  return motion_names;
}

struct MotionOptions {
  Index frames = 2000;
  Motion motion = Motion::sine;
  double cycles = 4.0;
  std::string domain;
  double domain_turn = 60.0;

  static void fields(auto& self, auto&& visit) {
    visit("frames", self.frames, "frames of the movie");
    visit("motion",
          self.motion,
          "of the coordinate: still, once along the path, sine, saw, jump between the two ends at "
          "random, or langevin between two wells at them");
    visit("cycles", self.cycles, "cycles over the movie (of jump and langevin: on average)");
    visit("domain",
          self.domain,
          "residues \"first:last\" that turn as one rigid domain, in the place of a path");
    visit("domain_turn", self.domain_turn, "degrees that the domain turns from 0 to 1");
  }
};

/// A molecule whose atoms move along states, equally spaced in the coordinate. Positions are
/// relative to the mean over all states and atoms.
struct MoleculeModel {
  std::vector<std::uint8_t> atomic_numbers;
  std::vector<double> b_factors;
  std::vector<std::vector<Vec3>> states;  // one or more

  /// Between neighbouring states on a straight line.
  std::vector<Vec3> at(double coordinate) const;
};

/// Moves the mean over all states and atoms to the origin.
void centre(MoleculeModel& model);

/// States in which the atoms of residues first..last turn about the axis through their own centre's
/// joint with the rest: the direction is perpendicular to the line between both centres.
void add_domain_turn(MoleculeModel& model, const std::vector<int>& residues, const MotionOptions&);

/// The coordinate of every frame.
std::vector<double> coordinates(const MotionOptions& options, Rng rng);

}  // namespace kinema::simulate
