// What gemmi reads of a molecule's file, in plain words. Its headers take long to compile, and
// clang takes them as C++17 alone: they stay behind this one.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace kinema::io {

struct GemmiAtom {
  int atomic_number = 0;
  double position[3] = {};  // angstrom
  double b_factor = 0.0;    // angstrom^2
  int residue = 0;          // sequence number
  std::string name;         // "A 12 CA"
};

/// The atoms of a PDB or mmCIF file's first model, without waters and without second conformations.
/// `name` tells the format by its ending; `bytes` is changed. Throws what gemmi throws.
std::vector<GemmiAtom> gemmi_atoms(char* bytes, std::size_t size, const std::string& name);

}  // namespace kinema::io
