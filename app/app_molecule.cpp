// simulate molecule: a movie of one molecule that moves, as particles, with its truth.
#include "kinema/io/file.h"
#include "kinema/io/npy.h"
#include "kinema/io/particles.h"
#include "kinema/io/structure.h"
#include "kinema/io/volume.h"
#include "kinema/simulate/molecule.h"

#include <fmt/format.h>

#include "verb.h"
#include <filesystem>
#include <map>

namespace kinema::app {
namespace {

using simulate::MoleculeModel;

struct MoleculeVerbOptions : simulate::MoleculeOptions {
  std::string truth;

  static void fields(auto& self, auto&& visit) {
    visit("truth", self.truth, "folder for the true volumes, coordinates and poses");
    simulate::MoleculeOptions::fields(self, visit);
  }
};

/// States of the atoms of `structure` from an array (states, atoms, 3).
void add_trajectory(MoleculeModel& model, const std::string& path) {
  const io::NpyArray array = io::read_npy(path);
  const auto atoms = static_cast<Index>(model.atomic_numbers.size());
  if (array.shape.size() != 3 || array.shape[1] != atoms || array.shape[2] != 3 ||
      (array.type != PixelType::f32 && array.type != PixelType::f64)) {
    throw InputError(
        fmt::format("{}: must be (states, {}, 3) of float32 or float64, one row for each "
                    "atom of the model",
                    path,
                    atoms));
  }
  std::vector<float> values(static_cast<std::size_t>(array.size()));
  floats_from(array.type, array.bytes.data(), array.size(), values.data());
  model.states.clear();
  for (std::size_t at = 0; at < values.size();) {
    auto& state = model.states.emplace_back(static_cast<std::size_t>(atoms));
    for (Vec3& atom : state) {
      for (double& x : atom) x = static_cast<double>(values[at++]);
    }
  }
}

/// Keeps the atoms that both files name, and makes the second file's places the end of the way.
void add_end(MoleculeModel& model, const io::Structure& begin, const std::string& path) {
  const io::Structure end = io::read_structure(path);
  std::map<std::string, Vec3> places;
  for (std::size_t i = 0; i < end.names.size(); ++i) places[end.names[i]] = end.atoms.positions[i];
  MoleculeModel both{.atomic_numbers = {}, .b_factors = {}, .states = {{}, {}}};
  for (std::size_t i = 0; i < begin.names.size(); ++i) {
    const auto found = places.find(begin.names[i]);
    if (found == places.end()) continue;
    both.atomic_numbers.push_back(model.atomic_numbers[i]);
    both.b_factors.push_back(model.b_factors[i]);
    both.states[0].push_back(model.states[0][i]);
    both.states[1].push_back(found->second);
  }
  if (2 * both.atomic_numbers.size() < begin.names.size()) {
    throw InputError(path +
                     ": names fewer than half of the atoms of the first file (by chain, "
                     "residue and name); are these states of one molecule?");
  }
  model = std::move(both);
}

MoleculeModel model_of(const Arguments& arguments, const MoleculeVerbOptions& options) {
  const std::string second = arguments.at("PATH");
  const io::Structure structure = io::read_structure(arguments.at("MODEL"));
  MoleculeModel model{.atomic_numbers = structure.atoms.atomic_numbers,
                      .b_factors = structure.b_factors,
                      .states = {structure.atoms.positions}};
  if (!options.domain.empty() && !second.empty()) {
    throw InputError("simulate molecule: --domain turns a part of one model; leave " + second +
                     " away");
  }
  if (!options.domain.empty()) {
    add_domain_turn(model, structure.residues, options);
  } else if (second.ends_with(".npy")) {
    add_trajectory(model, second);
  } else if (!second.empty()) {
    add_end(model, structure, second);
  }
  centre(model);
  return model;
}

void write_truth(const std::filesystem::path& folder,
                 const simulate::MoleculeMovie& movie,
                 const Json& provenance) {
  std::filesystem::create_directories(folder / "volumes");
  for (std::size_t i = 0; i < movie.truth.size(); ++i) {
    io::write_volume(folder / "volumes" / fmt::format("frame_{:04}.mrc", movie.truth_frames[i]),
                     movie.truth[i]);
  }
  std::string rows = "frame,coordinate,rot_degree,tilt_degree,psi_degree,shift_x,shift_y\n";
  constexpr double degrees = 57.295779513082323;
  for (std::size_t t = 0; t < movie.coordinate.size(); ++t) {
    const Pose& pose = movie.particles.poses[t];
    const EulerAngles angles = euler_angles(pose.lab_from_body);
    rows += fmt::format("{},{:.6f},{:.5f},{:.5f},{:.5f},{:.4f},{:.4f}\n",
                        t,
                        movie.coordinate[t],
                        angles.rot * degrees,
                        angles.tilt * degrees,
                        angles.psi * degrees,
                        pose.shift[0],
                        pose.shift[1]);
  }
  io::write_text_file(folder / "coordinates.csv", rows);
  io::write_text_file(folder / "truth.json",
                      Json{{"snr", movie.snr}, {"provenance", provenance}}.dump(2) + "\n");
}

Outcome simulate_molecule_verb(const Arguments& arguments,
                               const MoleculeVerbOptions& options,
                               const Session& session) {
  const std::string out = arguments.at("OUT");
  if (!out.ends_with(".star")) throw InputError(out + ": particles are written as .star");
  session.require_writable(out);
  const simulate::MoleculeMovie movie = simulate::simulate_molecule(
      model_of(arguments, options), options, Rng(session.globals.seed), session.progress);
  io::write_particles(out, movie.particles);
  const Json provenance = to_json(session.provenance(options_json(options)));
  io::write_text_file(out + ".json", Json{{"provenance", provenance}}.dump(2) + "\n");
  if (!options.truth.empty()) write_truth(options.truth, movie, provenance);

  Outcome outcome;
  outcome.json = {{"particles", out},
                  {"frames", options.frames},
                  {"size", options.size},
                  {"pixel_size_angstrom", options.pixel.value},
                  {"snr", movie.snr}};
  outcome.text = fmt::format("{}: {} frames of {} x {} pixels, {} A each, SNR {:.4g}\n",
                             out,
                             options.frames,
                             options.size,
                             options.size,
                             options.pixel.value,
                             movie.snr);
  if (!options.truth.empty()) {
    outcome.json["truth"] = options.truth;
    outcome.text += fmt::format("{}: {} true volumes, coordinates and poses of all frames\n",
                                options.truth,
                                movie.truth.size());
  }
  return outcome;
}

}  // namespace

std::vector<Verb> molecule_verbs() {
  return {make_verb<MoleculeVerbOptions>(
      "simulate molecule",
      "a movie of one molecule that moves, as particles in a STAR file, with its truth",
      {{"MODEL", "the molecule: PDB or mmCIF"},
       {"PATH", "the end of its way: PDB, mmCIF, or states (S, atoms, 3) as .npy", false}},
      "the particles to write (.star, and .mrcs beside it)",
      simulate_molecule_verb)};
}

}  // namespace kinema::app
