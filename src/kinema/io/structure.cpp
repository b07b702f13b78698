// gemmi stays in this file: its headers take long to compile.
#include "kinema/io/structure.h"

#include "kinema/base/error.h"
#include "kinema/io/file.h"

#include <fmt/format.h>

#include <cctype>
#include <gemmi/mmread.hpp>
#include <gemmi/resinfo.hpp>

namespace kinema::io {
namespace {

/// Without an element column a name that is not indented as the standard has it ("CA  " for " CA ")
/// reads as a metal.
int atomic_number_of(const gemmi::Atom& atom, const gemmi::Residue& residue) {
  const int given = atom.element.atomic_number();
  const gemmi::ResidueInfo info = gemmi::find_tabulated_residue(residue.name);
  const bool backbone = residue.find_atom("CA", '*') != nullptr &&
                        residue.find_atom("N", '*') != nullptr;  // "HSD" and others of force fields
  const bool polymer = info.is_amino_acid() || info.is_nucleic_acid() || backbone;
  if (!polymer || atom.element == gemmi::El::Se) return given;
  for (const char c : atom.name) {
    if (std::isalpha(static_cast<unsigned char>(c)) == 0) continue;
    return atomic_number(std::string_view(&c, 1)).value_or(given);
  }
  return given;
}

void add_atom(const gemmi::Atom& atom,
              const gemmi::Chain& chain,
              const gemmi::Residue& residue,
              Structure& structure) {
  const int number = atomic_number_of(atom, residue);
  const int sequence = residue.seqid.num.has_value() ? *residue.seqid.num : 0;
  structure.atoms.atomic_numbers.push_back(static_cast<std::uint8_t>(number));
  structure.atoms.positions.push_back({atom.pos.x, atom.pos.y, atom.pos.z});
  structure.b_factors.push_back(static_cast<double>(atom.b_iso));
  structure.residues.push_back(sequence);
  structure.names.push_back(fmt::format("{} {} {}", chain.name, sequence, atom.name));
}

gemmi::Structure parsed(const std::filesystem::path& path) {
  const InputFile file(path);  // names a file that is absent
  std::vector<std::byte> bytes(file.size());
  file.read_at(0, bytes);
  try {
    return gemmi::read_structure_from_char_array(
        reinterpret_cast<char*>(bytes.data()), bytes.size(), path.string());
  } catch (const std::exception& error) {
    throw InputError(path.string() + ": is read neither as PDB nor as mmCIF: " + error.what());
  }
}

}  // namespace

Structure read_structure(const std::filesystem::path& path) {
  const gemmi::Structure file = parsed(path);
  Structure structure;
  if (!file.models.empty()) {
    for (const gemmi::Chain& chain : file.models[0].chains) {
      for (const gemmi::Residue& residue : chain.residues) {
        if (residue.is_water()) continue;
        for (const gemmi::Atom& atom : residue.atoms) {
          if (atom.altloc == '\0' || atom.altloc == 'A') add_atom(atom, chain, residue, structure);
        }
      }
    }
  }
  if (structure.atoms.positions.empty()) {
    throw InputError(path.string() + ": holds no atom; give a PDB or mmCIF file of the molecule");
  }
  return structure;
}

}  // namespace kinema::io
