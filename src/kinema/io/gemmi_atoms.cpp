#include "kinema/io/gemmi_atoms.h"

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
    const int first = gemmi::Element(std::string(1, c)).atomic_number();
    return first > 0 ? first : given;
  }
  return given;
}

GemmiAtom plain(const gemmi::Atom& atom, const gemmi::Chain& chain, const gemmi::Residue& residue) {
  GemmiAtom out;
  out.atomic_number = atomic_number_of(atom, residue);
  out.position[0] = atom.pos.x;
  out.position[1] = atom.pos.y;
  out.position[2] = atom.pos.z;
  out.b_factor = static_cast<double>(atom.b_iso);
  out.residue = residue.seqid.num.has_value() ? *residue.seqid.num : 0;
  out.name = chain.name + " " + std::to_string(out.residue) + " " + atom.name;
  return out;
}

}  // namespace

std::vector<GemmiAtom> gemmi_atoms(char* bytes, std::size_t size, const std::string& name) {
  const gemmi::Structure file = gemmi::read_structure_from_char_array(bytes, size, name);
  std::vector<GemmiAtom> atoms;
  if (file.models.empty()) return atoms;
  for (const gemmi::Chain& chain : file.models[0].chains) {
    for (const gemmi::Residue& residue : chain.residues) {
      if (residue.is_water()) continue;
      for (const gemmi::Atom& atom : residue.atoms) {
        if (atom.altloc == '\0' || atom.altloc == 'A') {
          atoms.push_back(plain(atom, chain, residue));
        }
      }
    }
  }
  return atoms;
}

}  // namespace kinema::io
