// atoms analyse: strain, bending, rings and ripples of a trajectory, as tables and figures.
#include "kinema/atoms/analyse.h"
#include "kinema/atoms/evaluate.h"
#include "kinema/io/file.h"

#include <fmt/format.h>

#include "app_atoms.h"
#include <filesystem>

namespace kinema::app {
namespace {

Outcome analyse_atoms(const Arguments& arguments,
                      const atoms::AnalyseOptions& options,
                      const Session& session) {
  const std::string in = arguments.at("TRAJECTORY");
  const std::filesystem::path out = arguments.at("OUT");
  const Trajectory trajectory = io::trajectory_of(atoms::read_atom_frames(in), in);
  const atoms::Analysis analysis = atoms::analyse(trajectory, options, session.progress);
  const auto files =
      atoms::analysis_files(analysis, trajectory, std::filesystem::path(in).filename().string());
  std::error_code failure;
  std::filesystem::create_directories(out, failure);
  if (failure) throw IoError(out, failure.message());
  for (const auto& [name, content] : files) session.require_writable((out / name).string());
  for (const auto& [name, content] : files) io::write_text_file(out / name, content);
  Json json = atoms::to_json(analysis);
  json["output"] = out.string();
  return {json,
          atoms::to_text(analysis) +
              fmt::format(
                  "{}: {} files; analysis.html opens in any browser\n", out.string(), files.size()),
          {}};
}

}  // namespace

Verb atoms_analyse_verb() {
  return make_verb<atoms::AnalyseOptions>(
      "atoms analyse",
      "strain, bending, rings and ripples of a sheet through a movie",
      {{"TRAJECTORY", "extended XYZ, XYZ, or a dump of LAMMPS, every atom with its identity"}},
      "the folder to write tables and figures into",
      analyse_atoms);
}

}  // namespace kinema::app
