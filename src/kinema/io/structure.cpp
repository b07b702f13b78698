#include "kinema/io/structure.h"

#include "kinema/base/error.h"
#include "kinema/io/file.h"
#include "kinema/io/gemmi_atoms.h"

namespace kinema::io {
namespace {

std::vector<GemmiAtom> parsed(const std::filesystem::path& path) {
  const InputFile file(path);  // names a file that is absent
  std::vector<std::byte> bytes(file.size());
  file.read_at(0, bytes);
  try {
    return gemmi_atoms(reinterpret_cast<char*>(bytes.data()), bytes.size(), path.string());
  } catch (const std::exception& error) {
    throw InputError(path.string() + ": is read neither as PDB nor as mmCIF: " + error.what());
  }
}

}  // namespace

Structure read_structure(const std::filesystem::path& path) {
  Structure structure;
  for (const GemmiAtom& atom : parsed(path)) {
    const auto& [x, y, z] = atom.position;
    structure.atoms.atomic_numbers.push_back(static_cast<std::uint8_t>(atom.atomic_number));
    structure.atoms.positions.push_back({x, y, z});
    structure.b_factors.push_back(atom.b_factor);
    structure.residues.push_back(atom.residue);
    structure.names.push_back(atom.name);
  }
  if (structure.atoms.positions.empty()) {
    throw InputError(path.string() + ": holds no atom; give a PDB or mmCIF file of the molecule");
  }
  return structure;
}

}  // namespace kinema::io
