// One frame of a file of atoms, as every such format gives it, and whole trajectories out of them.
#pragma once

#include "kinema/data/trajectory.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kinema::io {

/// Atoms at one moment with everything that a file said of them; N atoms.
struct AtomFrame {
  AtomicModel atoms;
  std::vector<Vec3> sigmas;                           // N standard errors in angstrom, or none
  std::vector<std::int64_t> ids;                      // N: which atom is which, or none
  std::map<std::string, std::vector<double>> values;  // N each: further numbers of each atom
  std::map<std::string, std::string> info;            // what else is said of the frame
  std::optional<Index> number;                        // 0-based frame of the movie
  std::optional<Time> time;
  std::uint64_t line = 0;  // where the frame begins in its file, from 1
};

/// Frame t of a trajectory. Ids (the identities, from 0) are given where the trajectory has an atom
/// that some frame lacks.
AtomFrame frame_of(const Trajectory& trajectory, Index t);

/// The frames of `path` as one trajectory. Who is who: by the ids where every frame has them, in
/// their order; else by the order of the atoms, which then must be of the same kinds in every
/// frame. Throws InputError where neither holds, where an id changes its kind, where the frames'
/// cells differ, and where there is no frame. A value that a frame does not give for its atoms is
/// NaN there.
Trajectory trajectory_of(std::vector<AtomFrame> frames, const std::filesystem::path& path);

/// How far apart the frames are: by the times and numbers of the first and the last one.
Time frame_time_of(const AtomFrame& first, const AtomFrame& last);

}  // namespace kinema::io
