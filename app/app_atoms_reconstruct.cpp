// atoms reconstruct: x, y, z of every atom in every frame of a movie of graphene.
#include "kinema/atoms/report.h"
#include "kinema/atoms/split.h"
#include "kinema/atoms/validate.h"
#include "kinema/base/hash.h"
#include "kinema/base/parallel.h"
#include "kinema/io/extxyz.h"
#include "kinema/io/file.h"

#include <fmt/format.h>

#include "app_atoms.h"
#include "atoms_jobs.h"
#include "atoms_movie.h"
#include "atoms_output.h"
#include "result_pictures.h"
#include "simulated.h"
#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>

namespace kinema::app {
namespace {

namespace fs = std::filesystem;

/// What molecular dynamics says of every frame; empty where there is no LAMMPS, which `notes` then
/// say.
std::vector<atoms::FrameVerdict> judge_frames(const Trajectory& trajectory,
                                              Time md_time,
                                              const Session& session,
                                              atoms::Journal& journal,
                                              std::vector<std::string>& notes) {
  std::vector<atoms::FrameVerdict> verdicts(static_cast<std::size_t>(trajectory.frames()));
  const Index workers = std::min<Index>(threads(), trajectory.frames());
  atoms::ValidateOptions options;
  options.md_time = md_time;
  session.progress.begin("validate", trajectory.frames(), "frames");
  try {
    parallel_for(workers, [&](Index worker) {
      std::unique_ptr<md::Engine> engine;
      for (Index t = worker; t < trajectory.frames(); t += workers) {
        session.progress.check();
        const Index number = trajectory.frame_numbers[static_cast<std::size_t>(t)];
        atoms::FrameVerdict& verdict = verdicts[static_cast<std::size_t>(t)];
        const std::string step = fmt::format("judge {}", number);
        if (const Json* kept = journal.find(step)) {
          verdict = atoms::verdict_from_json(*kept);
        } else {
          if (!engine) engine = std::make_unique<md::Engine>();
          verdict =
              atoms::judge(engine, atoms_at(trajectory, t), number, options, session.globals.seed);
          journal.keep(step, atoms::to_json(verdict));
        }
        session.progress.advance(1);
      }
    });
  } catch (const InputError& error) {
    notes.push_back(std::string("not judged by molecular dynamics: ") + error.what());
    verdicts.clear();
  }
  session.progress.end();
  return verdicts;
}

void make_folder(const fs::path& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure)
    throw InputError(folder.string() + ": cannot be made a folder: " + failure.message());
}

/// Results must stay unless --force was given.
void require_no_results(const fs::path& folder, const Session& session) {
  const fs::path path = folder / "trajectory.extxyz";
  if (session.globals.force || !fs::exists(path)) return;
  throw InputError(path.string() +
                   ": exists; choose another folder or give --force to overwrite it");
}

/// What must be the same for a run to go on with.
Json job_of(const Provenance& provenance) {
  Json options = provenance.options;
  options.erase("resume");
  return {{"version", provenance.version},
          {"options", options},
          {"inputs", provenance.inputs},
          {"seed", provenance.seed}};
}

/// Whether the folder holds all results of this very job.
bool is_finished(const fs::path& folder, const Json& job) {
  std::ifstream file(folder / "summary.json");
  if (!file || atoms::Journal::is_left(folder / "journal")) return false;
  const Json summary = Json::parse(file, nullptr, false);
  return summary.is_object() && summary.contains("provenance") &&
         job_of(provenance_from_json(summary["provenance"])) == job;
}

void write_results(const fs::path& folder,
                   const atoms::MovieOfAtoms& movie,
                   const atoms::Reconstruction& result,
                   const std::vector<atoms::FrameVerdict>& verdicts) {
  io::write_extxyz(folder / "trajectory.extxyz", result.tracked.trajectory);
  io::write_text_file(folder / "trajectory.dump", dump_text(result.tracked.trajectory));
  io::write_text_file(folder / "optics.json", optics_json(result).dump(2) + "\n");
  io::write_text_file(folder / "frames.csv", frames_csv(movie, result, verdicts));
}

/// What the report is told besides what was found.
atoms::ReportInput report_input(const std::string& in,
                                const AtomsReconstructOptions& options,
                                const atoms::OpticsSettings& settings,
                                const Provenance& provenance,
                                const Trajectory& trajectory,
                                const std::vector<io::AtomFrame>& truth) {
  atoms::ReportInput input;
  input.title = "Atoms of " + fs::path(in).filename().string();
  input.subtitle = fmt::format("{} atoms, {} frames", trajectory.atoms(), trajectory.frames());
  if (!truth.empty()) input.truth = atoms::compare(trajectory, truth);
  input.settings = {{"Options", options_json(options)}, {"Optics as told", options_json(settings)}};
  input.provenance = {{"Provenance", to_json(provenance)}};
  input.caution = simulated_caution(in, !truth.empty());
  return input;
}

/// What a movie's results come from.
Provenance provenance_of(const std::string& in,
                         const AtomsReconstructOptions& options,
                         const Session& session) {
  Provenance provenance = session.provenance(options_json(options));
  for (const std::string& path : {in, options.optics, options.truth}) {
    if (fs::is_regular_file(path)) provenance.inputs[path] = hash_file(path);
  }
  return provenance;
}

/// Both halves of the electrons by themselves, each with a journal of its own.
atoms::SplitScores compare_halves(const atoms::MovieOfAtoms& movie,
                                  const atoms::OpticsSettings& settings,
                                  const AtomsReconstructOptions& options,
                                  const fs::path& folder,
                                  const Json& job,
                                  const Session& session) {
  constexpr std::uint64_t dealing = 1;  // stream of the electrons' sides
  const Rng rng(session.globals.seed);
  std::array<atoms::MovieOfAtoms, 2> movies;
  std::array<atoms::Reconstruction, 2> results;
  std::array<atoms::Journal, 2> journals{
      atoms::Journal(folder / "journal_half_1", job, options.resume),
      atoms::Journal(folder / "journal_half_2", job, options.resume)};
  for (std::size_t half = 0; half < 2; ++half) {
    session.progress.note(fmt::format("half {} of the electrons", half + 1));
    movies[half] = atoms::half_of(movie, static_cast<int>(half), rng.stream(dealing));
    results[half] =
        atoms::reconstruct(movies[half], settings, options, session.progress, rng, journals[half]);
    io::write_extxyz(folder / fmt::format("half_{}.extxyz", half + 1),
                     results[half].tracked.trajectory);
  }
  const atoms::SplitScores scores =
      atoms::compare_halves(movies[0], results[0], movies[1], results[1]);
  for (atoms::Journal& journal : journals) journal.close();
  return scores;
}

Outcome reconstruct_movie(const std::string& in,
                          const fs::path& folder,
                          const AtomsReconstructOptions& options,
                          const atoms::OpticsSettings& settings,
                          const Provenance& provenance,
                          const Session& session) {
  std::vector<io::AtomFrame> truth;
  if (!options.truth.empty()) truth = atoms::read_atom_frames(options.truth);
  const auto begin = std::chrono::steady_clock::now();
  const atoms::MovieOfAtoms movie = movie_of(in, options, settings);
  const bool goes_on = options.resume && atoms::Journal::is_left(folder / "journal");
  if (!goes_on) require_no_results(folder, session);
  make_folder(folder);
  atoms::Journal journal(folder / "journal", job_of(provenance), options.resume);
  if (goes_on) {
    session.progress.note(
        fmt::format("{}: goes on after {} finished steps", folder.string(), journal.found()));
  }
  atoms::Reconstruction result = atoms::reconstruct(
      movie, settings, options, session.progress, Rng(session.globals.seed), journal);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::vector<atoms::FrameVerdict> verdicts;
  if (options.md_time.value > 0.0) {
    verdicts =
        judge_frames(result.tracked.trajectory, options.md_time, session, journal, result.notes);
  }

  Json found = summary_of(movie, result, verdicts, seconds);
  Outcome outcome;
  std::string split_text;
  if (options.split) {
    try {
      const atoms::SplitScores scores =
          compare_halves(movie, settings, options, folder, job_of(provenance), session);
      found["split"] = atoms::to_json(scores);
      split_text = atoms::to_text(scores);
    } catch (const InputError& error) {
      outcome.complaints.push_back(fmt::format("{}: halves: {}", in, error.what()));
    }
  }
  found["provenance"] = to_json(provenance);
  write_results(folder, movie, result, verdicts);
  Json on_file = found;
  if (options.report) {
    atoms::ReportInput input =
        report_input(in, options, settings, provenance, result.tracked.trajectory, truth);
    input.movie = &movie;
    input.result = &result;
    input.verdicts = verdicts;
    const report::Page page = atoms::report(input, session.progress);
    io::write_text_file(folder / "report.html", page.render());
    on_file["report"] = page.summary();
  }
  io::write_text_file(folder / "summary.json", on_file.dump(2) + "\n");
  const std::string note = write_atom_pictures(
      folder, result.tracked.trajectory, movie.dose.value, options.movie, session.progress);
  journal.close();
  outcome.json = found;
  outcome.text = people_text(folder.string(), found) + split_text;
  outcome.json["output"] = folder.string();
  if (!note.empty()) outcome.text += "  " + note + "\n";
  for (const auto& failed : found["failed_frames"]) {
    outcome.complaints.push_back(fmt::format(
        "{}: frame {}: {}", in, failed["frame"].get<Index>(), failed["reason"].get<std::string>()));
  }
  return outcome;
}

Outcome reconstruct_atoms(const Arguments& arguments,
                          const AtomsReconstructOptions& options,
                          const Session& session) {
  if (options.optics.empty()) {
    throw InputError(
        "the optics are not known: give --optics optics.toml with voltage, defocus and "
        "focal_spread");
  }
  if (arguments.at("OUT").empty())
    throw InputError("no output is named; give a folder with -o OUT");
  const atoms::OpticsSettings settings = atoms::read_optics(options.optics);
  const fs::path out = arguments.at("OUT");
  const MoviePlan plan = plan_movies(arguments.all("MOVIE"), out, options.read);
  const auto provenance = [&](const MovieJob& job) {
    return provenance_of(job.movie, options, session);
  };
  if (!plan.many) {
    const MovieJob& job = plan.jobs.front();
    if (!session.comm.is_root()) return {};  // one movie is one rank's work
    return reconstruct_movie(job.movie, out, options, settings, provenance(job), session);
  }
  if (!options.truth.empty()) {
    throw InputError("option 'truth': is that of one movie; reconstruct many without it");
  }
  if (!options.resume) {
    for (const MovieJob& job : plan.jobs) require_no_results(job.folder, session);
  }
  make_folder(out);
  return run_jobs(plan.jobs, out, session, [&](const MovieJob& job) {
    const Provenance made = provenance(job);
    if (options.resume && is_finished(job.folder, job_of(made))) return;
    reconstruct_movie(job.movie, job.folder, options, settings, made, session);
  });
}

}  // namespace

Verb atoms_reconstruct_verb() {
  return make_verb<AtomsReconstructOptions>(
      "atoms reconstruct",
      "x, y, z of every atom in every frame of a movie of graphene, with standard errors",
      {{"MOVIE", "the movie as recorded; or many, a folder of them, a pattern", true, true}},
      "the folder to write; of many movies OUT/NAME/ for each of them, and OUT/jobs.csv",
      reconstruct_atoms);
}

}  // namespace kinema::app
