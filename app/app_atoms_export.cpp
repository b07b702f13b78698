// atoms export: a trajectory, or one frame of it, in the format of another program.
#include "kinema/io/atom_files.h"

#include <fmt/format.h>

#include "app_atoms.h"

namespace kinema::app {
namespace {

struct ExportOptions {
  std::optional<Index> frame;

  static void fields(auto& self, auto&& visit) {
    visit("frame", self.frame, "the one frame to write, from 0 in the file; auto writes all");
  }
};

Outcome export_atoms(const Arguments& arguments,
                     const ExportOptions& options,
                     const Session& session) {
  const std::string in = arguments.at("TRAJECTORY"), out = arguments.at("OUT");
  session.require_writable(out);
  if (options.frame && *options.frame < 0) throw InputError("option 'frame': counts from 0");
  const auto reader = io::open_atoms(in);
  io::AtomWriter writer(out);
  Index place = 0, written = 0, atoms = 0;
  session.progress.begin("export", 0, "frames");
  while (auto frame = reader->next()) {
    session.progress.check();
    const bool is_wanted = !options.frame || place == *options.frame;
    if (!frame->number) frame->number = place;
    ++place;
    if (!is_wanted) continue;
    writer.write(*frame);
    atoms = frame->atoms.size();
    ++written;
    session.progress.advance(1);
    if (options.frame) break;
  }
  session.progress.end();
  if (written == 0) {
    throw InputError(fmt::format(
        "{}: holds {} frame{}{}",
        in,
        place,
        place == 1 ? "" : "s",
        options.frame ? ", counted from 0: there is none of that number" : " of atoms"));
  }
  writer.close();
  return {{{"input", in}, {"output", out}, {"frames", written}, {"atoms", atoms}},
          fmt::format("{}: {} frame{}, {} atoms in the last one\n",
                      out,
                      written,
                      written == 1 ? "" : "s",
                      atoms),
          {}};
}

}  // namespace

Verb atoms_export_verb() {
  return make_verb<ExportOptions>(
      "atoms export",
      "a trajectory or one frame of it for other programs: POSCAR, LAMMPS, XYZ",
      {{"TRAJECTORY", "extended XYZ, XYZ, or a dump of LAMMPS"}},
      "what to write: .extxyz, .lammpstrj, .lmp (LAMMPS data), POSCAR or .vasp",
      export_atoms);
}

}  // namespace kinema::app
