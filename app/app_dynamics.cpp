// dynamics poses, reconstruct, evaluate: orientations, a volume for every frame of a movie of one
// molecule, and how good they are.
#include "kinema/base/linear.h"
#include "kinema/dynamics/evaluate.h"
#include "kinema/dynamics/poses.h"
#include "kinema/dynamics/reconstruct.h"
#include "kinema/io/file.h"
#include "kinema/io/particles.h"
#include "kinema/io/volume.h"

#include <fmt/format.h>

#include "cryodrgn_export.h"
#include "dynamics_output.h"
#include "dynamics_report.h"
#include "result_pictures.h"
#include "simulated.h"
#include "verb.h"
#include <algorithm>
#include <ctime>
#include <filesystem>

namespace kinema::app {
namespace {

struct ReconstructVerbOptions : dynamics::ReconstructOptions {
  io::ParticleReadOptions read;
  std::string frames = "auto", truth, export_cryodrgn;
  bool report = true, movie = true;

  static void fields(auto& self, auto&& visit) {
    dynamics::ReconstructOptions::fields(self, visit);
    visit("frames",
          self.frames,
          "whose volumes are written: \"all\", \"a:b\", \"0,50,100\"; auto: 24, spread evenly");
    visit("report", self.report, "write report.html");
    visit("movie", self.movie, "write movie.mp4, the volumes in time as they turn");
    visit("truth",
          self.truth,
          "folder with volumes/frame_NNNN.mrc and coordinates.csv, to be compared with in the "
          "report");
    visit("export_cryodrgn",
          self.export_cryodrgn,
          "folder for the movie as cryoDRGN reads it, with the commands to run");
    io::ParticleReadOptions::fields(self.read, visit);
  }
};

/// Writes report.html into `folder` and returns all that it shows.
Json write_report(const std::filesystem::path& folder,
                  const std::string& in,
                  const ReconstructVerbOptions& options,
                  const dynamics::Reconstruction& result,
                  const Particles& particles,
                  const std::vector<Index>& frames,
                  const Json& provenance,
                  Progress& progress) {
  dynamics::ReportInput input;
  input.title = "Volumes of " + std::filesystem::path(in).filename().string();
  input.subtitle = fmt::format("{} volumes of {} frames, model {}",
                               frames.size(),
                               particles.frames(),
                               to_text(options.model));
  input.particles = &particles;
  input.result = &result;
  input.model = to_text(options.model);
  input.frames = frames;
  input.level = contour_level(result.volumes->at(frames.front()));
  if (!options.truth.empty()) input.truth = truth_of(folder, options.truth, frames);
  input.settings = {{"Options", options_json(options)}};
  input.provenance = {{"Provenance", provenance}};
  input.caution = simulated_caution(in, !options.truth.empty());
  const report::Page page = dynamics::report(input, progress);
  io::write_text_file(folder / "report.html", page.render());
  return page.summary();
}

Outcome reconstruct_verb(const Arguments& arguments,
                         const ReconstructVerbOptions& options,
                         const Session& session) {
  const std::filesystem::path out = arguments.at("OUT");
  dynamics::ReconstructOptions chosen = options;
  chosen.checkpoint = out / "checkpoint.safetensors";
  if (out.empty()) throw InputError("no output is named; give a folder with -o OUT");
  if (std::filesystem::exists(out) && !session.globals.force) {
    throw InputError(out.string() + ": exists; choose another folder or give --force");
  }
  io::ParticleFile particles = io::read_particles(arguments.at("PARTICLES"), options.read);
  particles.tables =
      io::moved(std::move(particles.tables), arguments.at("PARTICLES"), out / "poses.star");
  const std::vector<Index> frames = frames_of(options.frames, particles.particles.frames());
  if (!options.export_cryodrgn.empty()) {
    export_to_cryodrgn(options.export_cryodrgn, particles.particles);
  }
  set_blas_threads(1);  // frames are shared among threads, products are small
  const std::clock_t start = std::clock();
  const dynamics::Reconstruction result = dynamics::reconstruct(
      particles.particles, chosen, Rng(session.globals.seed), session.progress);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  Json summary{{"model", to_text(options.model)},
               {"cpu_seconds", seconds},
               {"provenance", to_json(session.provenance(options_json(options)))}};
  summary =
      write_reconstruction(out, result, particles, frames, std::move(summary), session.progress);
  Json on_file = summary;
  if (options.report && !frames.empty()) {
    on_file["report"] = write_report(out,
                                     arguments.at("PARTICLES"),
                                     options,
                                     result,
                                     particles.particles,
                                     frames,
                                     summary["provenance"],
                                     session.progress);
  }
  io::write_text_file(out / "summary.json", on_file.dump(2) + "\n");
  const std::string note = write_volume_pictures(out, options.movie, session.progress);
  return {summary,
          fmt::format("{}: {} volumes of {} frames by the {} model, {:.1f} s of processor time; "
                      "halves of the mean map agree to {:.1f} A\n{}",
                      out.string(),
                      frames.size(),
                      particles.particles.frames(),
                      to_text(options.model),
                      seconds,
                      summary["mean_map_halves_0.143_angstrom"].get<double>(),
                      note.empty() ? "" : "  " + note + "\n")};
}

struct EvaluateVerbOptions {
  std::string truth;
  static void fields(auto& self, auto&& visit) {
    visit("truth", self.truth, "folder with volumes/frame_NNNN.mrc and coordinates.csv");
  }
};

Outcome evaluate_verb(const Arguments& arguments,
                      const EvaluateVerbOptions& options,
                      const Session&) {
  const std::filesystem::path folder = arguments.at("FOLDER"), truth = options.truth;
  if (truth.empty()) throw InputError("dynamics evaluate: name the truth: --truth FOLDER");
  const dynamics::Evaluation evaluation = dynamics::evaluate(evaluation_of(folder, truth));
  return {to_json(evaluation), to_text(evaluation)};
}

struct PosesVerbOptions : dynamics::PoseOptions {
  io::ParticleReadOptions read;
  std::string reference, truth;

  static void fields(auto& self, auto&& visit) {
    visit("reference", self.reference, "a map of the molecule (.mrc), of the frames' size");
    visit("truth", self.truth, "folder with coordinates.csv, to tell the error of the angles");
    dynamics::PoseOptions::fields(self, visit);
    io::ParticleReadOptions::fields(self.read, visit);
  }
};

/// Degrees between what was found and the angles of coordinates.csv, rising.
std::vector<double> errors_of(const dynamics::FoundPoses& found,
                              const std::filesystem::path& truth) {
  constexpr double degree = 0.017453292519943295;
  const CsvTable table = read_csv(truth / "coordinates.csv");
  if (table.rows.size() != found.rotations.size() || table.columns.size() < 5) {
    throw InputError((truth / "coordinates.csv").string() + ": tells of " +
                     std::to_string(table.rows.size()) + " frames, the movie has " +
                     std::to_string(found.rotations.size()) + "; is it the truth of this movie?");
  }
  std::vector<double> errors;
  for (std::size_t t = 0; t < found.rotations.size(); ++t) {
    const std::vector<double>& row = table.rows[t];
    const Rotation right =
        rotation_of({.rot = row[2] * degree, .tilt = row[3] * degree, .psi = row[4] * degree});
    errors.push_back(angle_between(right, found.rotations[t]) / degree);
  }
  std::sort(errors.begin(), errors.end());
  return errors;
}

Outcome poses_verb(const Arguments& arguments,
                   const PosesVerbOptions& options,
                   const Session& session) {
  const std::string out = arguments.at("OUT");
  session.require_writable(out);
  if (options.reference.empty()) {
    throw InputError("dynamics poses: name a map of the molecule: --reference MAP.mrc");
  }
  io::ParticleReadOptions read = options.read;
  read.need_poses = false;
  io::ParticleFile file = io::read_particles(arguments.at("PARTICLES"), read);
  const Volume reference = io::read_volume(options.reference);
  set_blas_threads(1);
  dynamics::FrameSpectra frames = dynamics::spectra_of(file.particles);
  const dynamics::FoundPoses found =
      dynamics::find_poses(frames, reference.density, options, session.progress);
  double spread = 0.0;
  for (std::size_t t = 0; t < found.rotations.size(); ++t) {
    file.particles.poses[t].lab_from_body = found.rotations[t];
    spread += found.spread[t] / static_cast<double>(found.spread.size());
  }
  io::write_star(out,
                 io::with_poses(io::moved(std::move(file.tables), arguments.at("PARTICLES"), out),
                                file.particles.poses));
  Outcome outcome;
  outcome.json = {{"poses", out},
                  {"frames", found.rotations.size()},
                  {"step_degrees", found.step},
                  {"expected_error_degrees", spread * 57.295779513082323}};
  outcome.text = fmt::format(
      "{}: orientations of {} frames that turn by {:g} degrees a frame; expected error {:.1f} "
      "degrees\n",
      out,
      found.rotations.size(),
      found.step,
      spread * 57.295779513082323);
  if (options.truth.empty()) return outcome;
  const std::vector<double> errors = errors_of(found, options.truth);
  const auto close = std::upper_bound(errors.begin(), errors.end(), 15.0) - errors.begin();
  const double share = static_cast<double>(close) / static_cast<double>(errors.size());
  outcome.json["median_error_degrees"] = errors[errors.size() / 2];
  outcome.json["share_within_15_degrees"] = share;
  outcome.text +=
      fmt::format("  error against the truth: median {:.2f} degrees, {:.1f} % within 15\n",
                  errors[errors.size() / 2],
                  100.0 * share);
  return outcome;
}

}  // namespace

std::vector<Verb> dynamics_verbs() {
  return {make_verb<ReconstructVerbOptions>(
              "dynamics reconstruct",
              "a volume for every frame of a movie of one molecule",
              {{"PARTICLES", "one particle in order of time: RELION's .star"}},
              "the folder to write: volumes/, latent.csv, series.cxc, summary.json, ...",
              reconstruct_verb),
          make_verb<PosesVerbOptions>(
              "dynamics poses",
              "the orientation of every frame, by search against a map of the molecule",
              {{"PARTICLES", "one particle in order of time: RELION's .star"}},
              "the particles with their orientations (.star); images stay where they are",
              poses_verb),
          make_verb<EvaluateVerbOptions>("dynamics evaluate",
                                         "measure a reconstruction against the truth",
                                         {{"FOLDER", "what reconstruct wrote"}},
                                         "",
                                         evaluate_verb)};
}

}  // namespace kinema::app
