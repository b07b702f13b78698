#include "atoms_output.h"

#include "kinema/io/lammps_dump.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kinema::app {

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

std::string dump_text(const Trajectory& trajectory) {
  std::string text;
  for (Index t = 0; t < trajectory.frames(); ++t)
    text += io::lammps_dump_text(io::frame_of(trajectory, t));
  return text;
}

Json summary_of(const atoms::MovieOfAtoms& movie,
                const atoms::Reconstruction& result,
                const std::vector<atoms::FrameVerdict>& verdicts,
                double seconds) {
  const Trajectory& trajectory = result.tracked.trajectory;
  double z_sigma = 0.0, z_rms = 0.0, chi = 0.0, count = 0.0;
  Json failures = Json::array();
  for (const atoms::FrameSummary& frame : result.frames) {
    if (!frame.failure.empty()) {
      failures.push_back({{"frame", frame.frame}, {"reason", frame.failure}});
      continue;
    }
    z_sigma += frame.z_sigma * frame.z_sigma;
    z_rms += frame.z_rms * frame.z_rms;
    chi += frame.chi_squared;
    count += 1.0;
  }
  const Json sound = verdicts.empty()
                         ? Json()
                         : Json(std::count_if(verdicts.begin(), verdicts.end(), [](const auto& v) {
                             return v.verdict == "sound";
                           }));
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
          {"seconds", seconds},
          {"sound_frames", sound}};
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

}  // namespace kinema::app
