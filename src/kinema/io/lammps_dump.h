// Dumps of LAMMPS in text (`dump atom`, `dump custom`): frames of a trajectory.
//
// The bounds of a tilted box are not its edges: `xlo_bound` is xlo + min(0, xy, xz, xy + xz). Ids
// count from 1 there and from 0 here. Which element an atom is, a dump says in a column `element`,
// or not at all: its types are numbers that only the input script explains.
#pragma once

#include "kinema/io/atom_frame.h"
#include "kinema/io/file.h"
#include "kinema/io/line_reader.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace kinema::io {

class LammpsDumpReader {
 public:
  /// `elements`: atomic numbers of types 1, 2, ... for dumps without a column `element`.
  explicit LammpsDumpReader(const std::filesystem::path& path,
                            std::vector<std::uint8_t> elements = {});
  /// The next frame; none behind the last. Its number is the time step. Throws InputError with
  /// file and line.
  std::optional<AtomFrame> next();

 private:
  InputFile file_;
  LineReader lines_;
  std::vector<std::uint8_t> elements_;
};

/// One frame as text: columns id, type, element, x, y, z and every value. A box that is not upright
/// is turned, the atoms with it; atoms without a cell get a box around them.
std::string lammps_dump_text(const AtomFrame& frame);

/// One frame as a data file (atom_style atomic, units metal) for `read_data`, in the same box.
std::string lammps_data_text(const AtomFrame& frame);

/// One frame as a POSCAR of VASP, the atoms sorted by element and counted from the cell's corner.
/// Along axes without a period the cell must hold the vacuum; atoms without a cell get 10 angstrom
/// of it on every side.
std::string poscar_text(const AtomFrame& frame);

}  // namespace kinema::io
