// Atoms through a movie, with what is known of each of them in each frame.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/units.h"
#include "kinema/data/atomic_model.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kinema {

/// N identities over T frames. An atom that a frame does not hold has `present` 0 there and zeros
/// in every other array.
struct Trajectory {
  std::vector<std::uint8_t> atomic_numbers;        // N
  Array<double, 3> positions;                      // (T, N, 3) angstrom
  Array<double, 3> sigmas;                         // (T, N, 3) standard errors; empty: not known
  Array<std::uint8_t, 2> present;                  // (T, N)
  std::map<std::string, Array<double, 2>> values;  // (T, N) each: sign_probability, residual, ...
  std::vector<Index> frame_numbers;                // T: 0-based frames of the movie
  Time frame_time;                                 // from one frame to the next; 0: not known
  std::optional<Cell> cell;

  Index frames() const { return present.shape()[0]; }
  Index atoms() const { return static_cast<Index>(atomic_numbers.size()); }
};

/// The atoms that frame t holds, in order of identity.
AtomicModel atoms_at(const Trajectory& trajectory, Index t);

/// A trajectory of one model per frame in which atom i of every frame is the same one. Throws
/// InputError where the frames hold different numbers or kinds of atoms.
Trajectory to_trajectory(const std::vector<AtomicModel>& frames);

}  // namespace kinema
