// Could these atoms be a crystal? Every frame is relaxed a little and then held at 300 K by
// molecular dynamics; what it releases, how far its atoms move and which bonds break is the
// verdict. The measured positions stay what they are.
//
// What it can tell: atoms that stand where no bonded carbon can. What it cannot: a sheet mirrored
// in z costs the same energy, and so does any other ripple that bends little.
#pragma once

#include "kinema/base/options.h"
#include "kinema/base/progress.h"
#include "kinema/data/atomic_model.h"
#include "kinema/md/md.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kinema::atoms {

struct ValidateOptions {
  md::ForceField force_field = md::ForceField::tersoff;
  Time md_time{1e-12};
  double temperature = 300.0;  // kelvin
  double most_energy = 0.116;  // eV per atom released: 3/2 k T at 900 K
  double most_move = 0.5;      // angstrom

  static void fields(auto& self, auto&& visit) {
    visit("force_field", self.force_field, "potential of LAMMPS: C, B, N; C, H; or C alone");
    visit("md_time", self.md_time, "length of each frame's run; \"0 ps\" leaves it out");
    visit("temperature", self.temperature, "of that run, kelvin");
    visit("most_energy",
          self.most_energy,
          "eV per atom inside that relaxation may release; 0.116 is 3/2 k T at 900 K");
    visit("most_move",
          self.most_move,
          "angstrom that an atom inside may move against its neighbourhood while relaxed");
  }
};

/// How long the bonds of a frame are, and how many end at an atom, as the frame was given.
struct BondStatistics {
  Index bonds = 0;
  double mean = 0.0, rms = 0.0, shortest = 0.0, longest = 0.0;  // angstrom; rms about the mean
  std::array<Index, 6> atoms_with{};  // atoms with 0, 1, ... 4, and 5 or more bonds
};

struct MdOutcome {
  double temperature = 0.0;   // kelvin, mean of the second half
  double rms = 0.0;           // angstrom, about the mean positions
  double largest_move = 0.0;  // angstrom, from the relaxed positions
  Index broken = 0;           // bonds
};

/// The verdict over one frame. Lengths in angstrom, energies in eV per atom. Atoms inside have
/// three quarters of the most neighbours within 5 angstrom: at the border of a flake, or of a view,
/// bonds end that the crystal would have (where fewer than ten are inside, all atoms count).
struct FrameVerdict {
  Index frame = 0, atoms = 0;
  std::string verdict;                        // "sound", "unsound" or "failed"
  std::vector<std::string> reasons;           // why it is not sound
  double energy = 0.0, relaxed_energy = 0.0;  // of all atoms
  double released = 0.0;                      // by relaxation, mean of the atoms inside
  double move_max = 0.0, move_rms = 0.0, move_z_rms = 0.0;  // while relaxed
  double local_max = 0.0, local_rms = 0.0;  // atoms inside, against the neighbourhood's mean
  Index inside = 0;
  BondStatistics bonds;
  Index broken = 0;  // bonds that relaxation broke
  std::optional<MdOutcome> md;
};

/// Judges one frame. `engine` serves one thread at a time and is started where it is null. What
/// LAMMPS refuses is no error: a frame that cannot be relaxed (an element that the force field does
/// not know, ...) has "failed", one that cannot be run then is not sound, and `engine` is null
/// again. Throws InputError where LAMMPS is missing.
FrameVerdict judge(std::unique_ptr<md::Engine>& engine,
                   const AtomicModel& model,
                   Index frame,
                   const ValidateOptions& options,
                   std::uint64_t seed);

Json to_json(const FrameVerdict& verdict);
/// Throws InputError where a field is missing or of another type.
FrameVerdict verdict_from_json(const Json& json);

/// A table with one row a frame, and its first row of names.
std::string csv_head();
std::string csv_row(const FrameVerdict& verdict);

}  // namespace kinema::atoms
