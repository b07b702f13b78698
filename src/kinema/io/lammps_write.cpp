// Files for other programs of the trade, of one frame each: dumps and data of LAMMPS, and POSCAR.
#include "kinema/data/upright_cell.h"
#include "kinema/io/lammps_dump.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace kinema::io {
namespace {

constexpr double margin = 10.0;  // angstrom of vacuum around atoms without a cell

Cell cell_or_box(const AtomFrame& frame) {
  return frame.atoms.cell ? *frame.atoms.cell : box_around(frame.atoms, margin);
}

/// Kinds that the frame holds, in order of atomic number: type i of a file is the i-th.
std::vector<std::uint8_t> kinds_of(const AtomFrame& frame) {
  const std::set<std::uint8_t> kinds(frame.atoms.atomic_numbers.begin(),
                                     frame.atoms.atomic_numbers.end());
  return {kinds.begin(), kinds.end()};
}

std::size_t type_of(const std::vector<std::uint8_t>& kinds, std::uint8_t kind) {
  return static_cast<std::size_t>(std::lower_bound(kinds.begin(), kinds.end(), kind) -
                                  kinds.begin()) +
         1;
}

std::int64_t id_of(const AtomFrame& frame, std::size_t i) {
  return (frame.ids.empty() ? static_cast<std::int64_t>(i) : frame.ids[i]) + 1;
}

std::string column_name(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == ' ' || c == '\t'; }, '_');
  return name;
}

std::string dump_bounds(const UprightCell& box, const std::array<bool, 3>& periodic) {
  std::string flags;
  for (const bool is_periodic : periodic) flags += is_periodic ? " pp" : " ff";
  const Vec3& low = box.low;
  const Vec3 high{low[0] + box.lx, low[1] + box.ly, low[2] + box.lz};
  if (!box.is_tilted()) {
    return fmt::format("ITEM: BOX BOUNDS{}\n{} {}\n{} {}\n{} {}\n",
                       flags,
                       low[0],
                       high[0],
                       low[1],
                       high[1],
                       low[2],
                       high[2]);
  }
  const double left = std::min({0.0, box.xy, box.xz, box.xy + box.xz});
  const double right = std::max({0.0, box.xy, box.xz, box.xy + box.xz});
  return fmt::format("ITEM: BOX BOUNDS xy xz yz{}\n{} {} {}\n{} {} {}\n{} {} {}\n",
                     flags,
                     low[0] + left,
                     high[0] + right,
                     box.xy,
                     low[1] + std::min(0.0, box.yz),
                     high[1] + std::max(0.0, box.yz),
                     box.xz,
                     low[2],
                     high[2],
                     box.yz);
}

}  // namespace

std::string lammps_dump_text(const AtomFrame& frame) {
  const Cell cell = cell_or_box(frame);
  const UprightCell box = upright(cell);
  const std::vector<std::uint8_t> kinds = kinds_of(frame);
  std::string text = fmt::format("ITEM: TIMESTEP\n{}\nITEM: NUMBER OF ATOMS\n{}\n{}",
                                 frame.number.value_or(0),
                                 frame.atoms.size(),
                                 dump_bounds(box, cell.periodic));
  text += "ITEM: ATOMS id type element x y z";
  for (const auto& [name, numbers] : frame.values) text += " " + column_name(name);
  text += "\n";
  for (std::size_t i = 0; i < frame.atoms.positions.size(); ++i) {
    const std::uint8_t kind = frame.atoms.atomic_numbers[i];
    const Vec3 place = to_upright(box, frame.atoms.positions[i]);
    text += fmt::format("{} {} {} {:.6f} {:.6f} {:.6f}",
                        id_of(frame, i),
                        type_of(kinds, kind),
                        element_symbol(kind),
                        place[0],
                        place[1],
                        place[2]);
    for (const auto& [name, numbers] : frame.values) text += fmt::format(" {:.9g}", numbers[i]);
    text += "\n";
  }
  return text;
}

std::string lammps_data_text(const AtomFrame& frame) {
  const UprightCell box = upright(cell_or_box(frame));
  const std::vector<std::uint8_t> kinds = kinds_of(frame);
  std::string text = fmt::format(
      "written by kinema: units metal, atom_style atomic\n\n{} atoms\n{} atom types\n\n"
      "{} {} xlo xhi\n{} {} ylo yhi\n{} {} zlo zhi\n",
      frame.atoms.size(),
      kinds.size(),
      box.low[0],
      box.low[0] + box.lx,
      box.low[1],
      box.low[1] + box.ly,
      box.low[2],
      box.low[2] + box.lz);
  if (box.is_tilted()) text += fmt::format("{} {} {} xy xz yz\n", box.xy, box.xz, box.yz);
  text += "\nMasses\n\n";
  for (const std::uint8_t kind : kinds) {
    text +=
        fmt::format("{} {} # {}\n", type_of(kinds, kind), atomic_mass(kind), element_symbol(kind));
  }
  text += "\nAtoms # atomic\n\n";
  for (std::size_t i = 0; i < frame.atoms.positions.size(); ++i) {
    const Vec3 place = to_upright(box, frame.atoms.positions[i]);
    text += fmt::format("{} {} {:.6f} {:.6f} {:.6f}\n",
                        id_of(frame, i),
                        type_of(kinds, frame.atoms.atomic_numbers[i]),
                        place[0],
                        place[1],
                        place[2]);
  }
  return text;
}

std::string poscar_text(const AtomFrame& frame) {
  const Cell cell = cell_or_box(frame);
  const std::vector<std::uint8_t> kinds = kinds_of(frame);
  std::string symbols, counts, places;
  std::string text = fmt::format("frame {}, written by kinema\n1.0\n", frame.number.value_or(0));
  for (const Vec3& edge : cell.edges) {
    text += fmt::format("{:20.12f} {:20.12f} {:20.12f}\n", edge[0], edge[1], edge[2]);
  }
  for (const std::uint8_t kind : kinds) {
    Index count = 0;
    for (std::size_t i = 0; i < frame.atoms.positions.size(); ++i) {
      if (frame.atoms.atomic_numbers[i] != kind) continue;
      const Vec3& place = frame.atoms.positions[i];
      places += fmt::format("{:14.6f} {:14.6f} {:14.6f}\n",
                            place[0] - cell.origin[0],
                            place[1] - cell.origin[1],
                            place[2] - cell.origin[2]);
      ++count;
    }
    symbols += fmt::format(" {}", element_symbol(kind));
    counts += fmt::format(" {}", count);
  }
  return text + symbols + "\n" + counts + "\nCartesian\n" + places;
}

}  // namespace kinema::io
