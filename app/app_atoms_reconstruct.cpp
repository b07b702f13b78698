// atoms reconstruct: x, y, z of every atom in every frame of a movie of graphene.
#include "kinema/atoms/reconstruct.h"
#include "kinema/atoms/report.h"
#include "kinema/atoms/validate.h"
#include "kinema/base/hash.h"
#include "kinema/base/parallel.h"
#include "kinema/data/frame_range.h"
#include "kinema/io/extxyz.h"
#include "kinema/io/file.h"
#include "kinema/io/formats.h"
#include "kinema/io/lammps_dump.h"

#include <fmt/format.h>

#include "app_atoms.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <mutex>

namespace kinema::app {
namespace {

namespace fs = std::filesystem;

struct AtomsReconstructOptions : atoms::ReconstructOptions {
  std::string optics;
  std::optional<Fluence> dose;
  FrameRange frames;
  double gain = 1.0, read_noise = 0.0;
  Time md_time{1e-12};
  bool report = true;
  io::ReadOptions read;

  static void fields(auto& self, auto&& visit) {
    visit(
        "optics", self.optics, "the optics (.toml): voltage, defocus, cs, focal_spread, blur, ...");
    visit("dose", self.dose, "of a frame, e.g. \"8000 e/A^2\"; auto takes it from the counts");
    visit("frames", self.frames, "frames a:b to reconstruct, half-open, from 0");
    visit("gain", self.gain, "recorded units per electron");
    visit("read_noise", self.read_noise, "of the camera in recorded units, rms");
    visit("md_time",
          self.md_time,
          "length of the run at 300 K that judges each frame (LAMMPS); \"0 ps\" leaves it out");
    visit("report", self.report, "write report.html");
    atoms::ReconstructOptions::fields(self, visit);
    io::ReadOptions::fields(self.read, visit);
  }
};

/// Frames of a source as floats, from any thread.
std::function<Array<float, 2>(Index)> frame_reader(std::shared_ptr<MovieSource> source) {
  return [source, mutex = std::make_shared<std::mutex>()](Index frame) {
    const FrameFormat format = source->format();
    std::vector<std::byte> bytes(static_cast<std::size_t>(format.bytes()));
    {
      const std::lock_guard lock(*mutex);
      source->read(frame, 1, bytes);
    }
    auto values = Array<float, 2>::uninitialised({format.height, format.width});
    floats_from(format.type, bytes.data(), format.pixels(), values.data());
    return values;
  };
}

atoms::MovieOfAtoms movie_of(const std::string& in,
                             const AtomsReconstructOptions& options,
                             const atoms::OpticsSettings& settings) {
  std::shared_ptr<MovieSource> source = io::open_movie(in, options.read);
  const MovieInfo info = source->info();
  const FrameFormat format = source->format();
  if (!info.pixel_size)
    throw InputError(in + ": the pixel size is not known: give --pixel-size \"0.2 A\"");
  if (options.gain <= 0.0) throw InputError("option 'gain': must be above 0");
  atoms::MovieOfAtoms movie;
  movie.height = format.height;
  movie.width = format.width;
  movie.pixel = *info.pixel_size;
  const double area = movie.pixel.x.value * movie.pixel.y.value;
  if (options.dose) {
    movie.dose = *options.dose;
  } else if (info.dose) {
    movie.dose = Fluence{info.dose->value / area};
  }
  if (info.frame_time) movie.frame_time = *info.frame_time;
  movie.recording = {options.gain,
                     options.read_noise * options.read_noise / (options.gain * options.gain),
                     settings.periodic};
  const FrameSpan span = resolve(options.frames, source->frames().value());
  for (Index t = span.first; t < span.last; ++t) movie.frames.push_back(t);
  movie.frame = frame_reader(std::move(source));
  return movie;
}

Json optics_json(const atoms::Reconstruction& result) {
  static constexpr const char* names[] = {"c10",
                                          "cs",
                                          "c12_cos",
                                          "c12_sin",
                                          "c21_cos",
                                          "c21_sin",
                                          "c23_cos",
                                          "c23_sin",
                                          "focal_spread_rms",
                                          "blur"};
  const atoms::OpticsVector values = atoms::to_vector(result.optics);
  Json json{{"voltage_kv", result.optics.voltage.value}, {"unit", "angstrom"}};
  for (int p = 0; p < atoms::optics_parameters; ++p) {
    json[names[p]] = {
        {"value", values[p]},
        {"sigma", result.optics_sigmas[p] > 0.0 ? Json(result.optics_sigmas[p]) : Json()}};
  }
  return json;
}

std::string frames_csv(const atoms::MovieOfAtoms& movie,
                       const atoms::Reconstruction& result,
                       const std::vector<atoms::FrameVerdict>& verdicts) {
  std::string text =
      "frame,time_s,cumulative_dose_e_per_A2,dose_rate_e_per_A2_s,atoms,chi_squared,mean_counts,"
      "strength,z_rms_A,z_sigma_A,bond_mean_A,bond_spread_A,mirror_probability,converged,seconds,"
      "verdict,energy_eV_per_atom,largest_move_A,bonds_broken,failure\n";
  const double area = movie.pixel.x.value * movie.pixel.y.value;
  const double step = movie.frame_time.value;
  for (const atoms::FrameSummary& frame : result.frames) {
    const double dose = movie.dose.value > 0.0 ? movie.dose.value : frame.mean_counts / area;
    text += fmt::format(
        "{},{},{:.6g},{},",
        frame.frame,
        step > 0.0 ? fmt::format("{:.9g}", static_cast<double>(frame.frame) * step) : "",
        dose * static_cast<double>(frame.frame + 1),
        step > 0.0 ? fmt::format("{:.6g}", dose / step) : "");
    text += fmt::format("{},{:.5f},{:.4f},{:.4f},{:.4f},{:.4f},{:.4f},{:.4f},{:.3g},{},{:.2f},",
                        frame.atoms,
                        frame.chi_squared,
                        frame.mean_counts,
                        frame.strength,
                        frame.z_rms,
                        frame.z_sigma,
                        frame.bond_mean,
                        frame.bond_spread,
                        frame.mirror_probability,
                        frame.converged ? 1 : 0,
                        frame.seconds);
    const auto judged = std::find_if(verdicts.begin(), verdicts.end(), [&](const auto& verdict) {
      return verdict.frame == frame.frame;
    });
    text += judged == verdicts.end() ? ",,,,"
                                     : fmt::format("{},{:.4f},{:.3f},{},",
                                                   judged->verdict,
                                                   judged->energy,
                                                   judged->local_max,
                                                   judged->broken);
    std::string failure = frame.failure;
    std::replace(failure.begin(), failure.end(), '"', '\'');
    text += "\"" + failure + "\"\n";
  }
  return text;
}

/// What molecular dynamics says of every frame; empty where there is no LAMMPS, which `notes` then
/// say.
std::vector<atoms::FrameVerdict> judge_frames(const Trajectory& trajectory,
                                              Time md_time,
                                              const Session& session,
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
        if (!engine) engine = std::make_unique<md::Engine>();
        verdicts[static_cast<std::size_t>(t)] =
            atoms::judge(engine, atoms_at(trajectory, t), number, options, session.globals.seed);
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

/// One block a frame, one after the other.
std::string dump_text(const Trajectory& trajectory) {
  std::string text;
  for (Index t = 0; t < trajectory.frames(); ++t)
    text += io::lammps_dump_text(io::frame_of(trajectory, t));
  return text;
}

Json summary(const atoms::MovieOfAtoms& movie,
             const atoms::Reconstruction& result,
             double seconds) {
  const Trajectory& trajectory = result.tracked.trajectory;
  double z_sigma = 0.0, z_rms = 0.0, chi = 0.0, count = 0.0, work = 0.0;
  Json failures = Json::array();
  for (const atoms::FrameSummary& frame : result.frames) {
    work += frame.seconds;
    if (!frame.failure.empty()) {
      failures.push_back({{"frame", frame.frame}, {"reason", frame.failure}});
      continue;
    }
    z_sigma += frame.z_sigma * frame.z_sigma;
    z_rms += frame.z_rms * frame.z_rms;
    chi += frame.chi_squared;
    count += 1.0;
  }
  return {{"frames", trajectory.frames()},
          {"atoms", trajectory.atoms()},
          {"dose_e_per_A2", movie.dose.value > 0.0 ? Json(movie.dose.value) : Json()},
          {"z_rms_angstrom", std::sqrt(z_rms / std::max(1.0, count))},
          {"z_sigma_angstrom", std::sqrt(z_sigma / std::max(1.0, count))},
          {"chi_squared", chi / std::max(1.0, count)},
          {"temperature_kelvin", result.temperature},
          {"joint", result.joint},
          {"height_step_angstrom", result.height_step},
          {"optics", optics_json(result)},
          {"events", atoms::to_json(result.tracked.events, trajectory)},
          {"gaps", result.tracked.gaps},
          {"dropped", result.tracked.dropped},
          {"failed_frames", failures},
          {"notes", result.notes},
          {"seconds", seconds}};
}

std::string people_text(const std::string& out, const Json& found) {
  std::string text = fmt::format(
      "{}: {} atoms in {} frames{}\n"
      "  height   {:.2f} A rms, standard error of one atom {:.2f} A\n"
      "  fit      chi squared {:.3f} a pixel\n"
      "  optics   C10 {:.1f} A, Cs {:.2f} um, focal spread {:.1f} A rms, blur {:.2f} A\n"
      "  {} events, {} gaps filled, {} detections dropped, {:.1f} s\n",
      out,
      found["atoms"].get<Index>(),
      found["frames"].get<Index>(),
      found["joint"].get<bool>() ? ", refined jointly" : "",
      found["z_rms_angstrom"].get<double>(),
      found["z_sigma_angstrom"].get<double>(),
      found["chi_squared"].get<double>(),
      found["optics"]["c10"]["value"].get<double>(),
      found["optics"]["cs"]["value"].get<double>() * 1e-4,
      found["optics"]["focal_spread_rms"]["value"].get<double>(),
      found["optics"]["blur"]["value"].get<double>(),
      found["events"].size(),
      found["gaps"].get<Index>(),
      found["dropped"].get<Index>(),
      found["seconds"].get<double>());
  if (found["sound_frames"].is_number()) {
    text += fmt::format("  at 300 K {} of {} frames are sound\n",
                        found["sound_frames"].get<Index>(),
                        found["frames"].get<Index>());
  }
  for (const auto& note : found["notes"]) text += "  " + note.get<std::string>() + "\n";
  return text;
}

/// Makes the folder; throws InputError where it cannot be, or holds results that must stay.
void require_folder(const fs::path& folder, const Session& session) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure)
    throw InputError(folder.string() + ": cannot be made a folder: " + failure.message());
  session.require_writable((folder / "trajectory.extxyz").string());
}

Outcome reconstruct_atoms(const Arguments& arguments,
                          const AtomsReconstructOptions& options,
                          const Session& session) {
  const std::string in = arguments.at("MOVIE"), out = arguments.at("OUT");
  const fs::path folder(out);
  if (options.optics.empty()) {
    throw InputError(
        "the optics are not known: give --optics optics.toml with voltage, defocus and "
        "focal_spread");
  }
  const atoms::OpticsSettings settings = atoms::read_optics(options.optics);
  const auto begin = std::chrono::steady_clock::now();
  const atoms::MovieOfAtoms movie = movie_of(in, options, settings);
  require_folder(folder, session);
  atoms::Reconstruction result =
      atoms::reconstruct(movie, settings, options, session.progress, Rng(session.globals.seed));
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::vector<atoms::FrameVerdict> verdicts;
  if (options.md_time.value > 0.0) {
    verdicts = judge_frames(result.tracked.trajectory, options.md_time, session, result.notes);
  }

  Provenance provenance = session.provenance(options_json(options));
  for (const std::string& path : {in, options.optics}) {
    if (fs::is_regular_file(path)) provenance.inputs[path] = hash_file(path);
  }
  Json found = summary(movie, result, seconds);
  found["sound_frames"] =
      verdicts.empty()
          ? Json()
          : Json(std::count_if(verdicts.begin(), verdicts.end(), [](const auto& verdict) {
              return verdict.verdict == "sound";
            }));
  found["provenance"] = to_json(provenance);
  io::write_extxyz(folder / "trajectory.extxyz", result.tracked.trajectory);
  io::write_text_file(folder / "trajectory.dump", dump_text(result.tracked.trajectory));
  io::write_text_file(folder / "optics.json", optics_json(result).dump(2) + "\n");
  io::write_text_file(folder / "frames.csv", frames_csv(movie, result, verdicts));
  io::write_text_file(folder / "summary.json", found.dump(2) + "\n");
  if (options.report) {
    const atoms::ReportInput input{.title = "Atoms of " + fs::path(in).filename().string(),
                                   .subtitle = fmt::format("{} atoms, {} frames",
                                                           result.tracked.trajectory.atoms(),
                                                           result.tracked.trajectory.frames()),
                                   .movie = &movie,
                                   .result = &result,
                                   .settings = {{"Options", options_json(options)},
                                                {"Optics as told", options_json(settings)}},
                                   .provenance = {{"Provenance", to_json(provenance)}},
                                   .caution = {}};
    io::write_text_file(folder / "report.html", atoms::report(input, session.progress).render());
  }
  Outcome outcome{found, people_text(out, found), {}};
  outcome.json["output"] = out;
  for (const auto& failed : found["failed_frames"]) {
    outcome.complaints.push_back(fmt::format(
        "{}: frame {}: {}", in, failed["frame"].get<Index>(), failed["reason"].get<std::string>()));
  }
  return outcome;
}

}  // namespace

Verb atoms_reconstruct_verb() {
  return make_verb<AtomsReconstructOptions>(
      "atoms reconstruct",
      "x, y, z of every atom in every frame of a movie of graphene, with standard errors",
      {{"MOVIE", "the movie, as recorded"}},
      "the folder to write",
      reconstruct_atoms);
}

}  // namespace kinema::app
