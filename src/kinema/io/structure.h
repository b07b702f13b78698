// Molecules from PDB and mmCIF files, by gemmi.
#pragma once

#include "kinema/data/atomic_model.h"

#include <filesystem>
#include <string>
#include <vector>

namespace kinema::io {

/// The atoms of a file's first model, without waters and without second conformations.
struct Structure {
  AtomicModel atoms;
  std::vector<double> b_factors;   // angstrom^2
  std::vector<int> residues;       // sequence numbers
  std::vector<std::string> names;  // "A 12 CA": what tells an atom in another file of the molecule
};

/// Throws InputError where the file is neither, or holds no atom. In amino acids and nucleotides
/// the element is the first letter of the atom's name where the file's element column is empty.
Structure read_structure(const std::filesystem::path& path);

}  // namespace kinema::io
