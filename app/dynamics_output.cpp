// The folder of a reconstruction.
#include "dynamics_output.h"

#include "kinema/data/frame_range.h"
#include "kinema/io/file.h"
#include "kinema/io/volume.h"
#include "kinema/metrics/fsc.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

namespace kinema::app {
namespace {

constexpr Index frames_by_default = 24;

std::string latent_csv(const dynamics::LatentPosterior& latents) {
  const auto [frames, count] = latents.mean.shape();
  std::string text = "frame";
  for (Index k = 1; k <= count; ++k) text += fmt::format(",z{0},z{0}_standard_error", k);
  text += "\n";
  for (Index t = 0; t < frames; ++t) {
    text += std::to_string(t);
    for (Index k = 0; k < count; ++k) {
      text +=
          fmt::format(",{:.6g},{:.4g}", latents.mean(t, k), std::sqrt(latents.covariance(t, k, k)));
    }
    text += "\n";
  }
  return text;
}

std::string fsc_csv(const metrics::FscCurve& halves,
                    const std::optional<dynamics::HalfSetAgreement>& moving) {
  std::string text = "shell,per_angstrom,mean_map_halves";
  text += moving ? ",volume_halves,difference_halves\n" : "\n";
  for (std::size_t s = 0; s < halves.values.size(); ++s) {
    text += fmt::format(
        "{},{:.6f},{:.5f}", s, halves.frequency(static_cast<double>(s)), halves.values[s]);
    if (moving) text += fmt::format(",{:.5f},{:.5f}", moving->volumes[s], moving->differences[s]);
    text += "\n";
  }
  return text;
}

/// Where halves agree to 0.143, for volumes and for their differences from the mean.
void add_half_sets(Json& summary,
                   metrics::FscCurve curve,
                   const dynamics::HalfSetAgreement& moving) {
  curve.values = moving.volumes;
  summary["volume_halves_0.143_angstrom"] = metrics::resolution(curve, 0.143);
  summary["volume_halves_auc"] = metrics::area_under(curve);
  curve.values = moving.differences;
  summary["difference_halves_0.143_angstrom"] = metrics::resolution(curve, 0.143);
  summary["difference_halves_auc"] = metrics::area_under(curve);
}

std::string chimerax_script(float level) {
  return fmt::format(
      "# ChimeraX: open series.cxc\n"
      "open volumes/frame_*.mrc vseries true\n"
      "volume #1 level {:.5g} style surface color cornflowerblue step 1\n"
      "set bgColor white\nlighting soft\nview\nvseries play #1 loop true maxFrameRate 12\n",
      level);
}

}  // namespace

float contour_level(const Volume& volume) {
  std::vector<float> values(volume.density.flat().begin(), volume.density.flat().end());
  const auto bright = values.begin() + static_cast<std::ptrdiff_t>(values.size() * 995 / 1000);
  std::nth_element(values.begin(), bright, values.end());
  return 0.4F * *bright;
}

std::vector<Index> frames_of(const std::string& text, Index frames) {
  std::vector<Index> out;
  if (text == "auto") {
    const Index count = std::min(frames_by_default, frames);
    for (Index i = 0; i < count; ++i) {
      out.push_back(count == 1 ? 0 : i * (frames - 1) / (count - 1));
    }
    return out;
  }
  FrameSpan span{0, frames};
  if (text.find(':') != std::string::npos) {
    FrameRange range;
    from_text(text, range);
    span = resolve(range, frames);
  } else if (text != "all") {
    std::stringstream words(text);
    for (std::string word; std::getline(words, word, ',');) {
      Index frame = -1;
      try {
        kinema::from_text(std::string_view(word), frame);
      } catch (const InputError&) {
        throw InputError("option 'frames': '" + text +
                         "' is none of \"auto\", \"all\", \"a:b\" or \"0,50,100\"");
      }
      if (frame < 0 || frame >= frames) {
        throw InputError(
            fmt::format("option 'frames': there is no frame {}; the movie has {}, "
                        "numbered from 0",
                        frame,
                        frames));
      }
      out.push_back(frame);
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  for (Index t = span.first; t < span.last; ++t) out.push_back(t);
  return out;
}

std::string volume_name(Index frame) {
  return fmt::format("frame_{:04}.mrc", frame);
}

Json write_reconstruction(const std::filesystem::path& folder,
                          const dynamics::Reconstruction& result,
                          const io::ParticleFile& particles,
                          const std::vector<Index>& frames,
                          Json summary,
                          Progress& progress) {
  std::filesystem::create_directories(folder / "volumes");
  for (const Index frame : frames_in(folder)) {
    std::filesystem::remove(folder / "volumes" / volume_name(frame));  // of an earlier run
  }
  progress.begin("volumes", static_cast<Index>(frames.size()), "volumes");
  float level = 0.0F;
  for (const Index frame : frames) {
    progress.check();
    const Volume volume = result.volumes->at(frame);
    if (frame == frames.front()) level = contour_level(volume);
    io::write_volume(folder / "volumes" / volume_name(frame), volume);
    progress.advance(1);
  }
  progress.end();
  io::write_volume(folder / "mean_map.mrc", result.mean_map);
  io::write_text_file(folder / "series.cxc", chimerax_script(level));
  if (result.latents.mean.size() > 0) {
    io::write_text_file(folder / "latent.csv", latent_csv(result.latents));
  }
  const metrics::FscCurve halves{.values = result.half_fsc,
                                 .box = particles.particles.box(),
                                 .voxel_size = particles.particles.pixel_size};
  io::write_text_file(folder / "fsc.csv", fsc_csv(halves, result.half_sets));
  io::write_star(folder / "poses.star",
                 io::with_poses(particles.tables, particles.particles.poses));
  summary["frames"] = particles.particles.frames();
  summary["volumes"] = frames.size();
  summary["mean_map_halves_0.143_angstrom"] = metrics::resolution(halves, 0.143);
  if (result.half_sets) add_half_sets(summary, halves, *result.half_sets);
  summary["persistence"] = result.prior.persistence;
  summary["held_out_log_likelihood"] = result.held_out;
  summary["best_epoch"] = result.best_epoch;
  if (!result.curves.misfit.empty()) {
    summary["training"] = {{"misfit_nats_per_frame", result.curves.misfit},
                           {"divergence_nats_per_frame", result.curves.divergence},
                           {"gradient_norm", result.curves.gradient}};
  }
  return summary;
}

CsvTable read_csv(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw InputError(path.string() + ": cannot be opened; is it the right folder?");
  CsvTable table;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    std::stringstream cells(line);
    std::vector<double> row;
    for (std::string cell; std::getline(cells, cell, ',');) {
      if (number == 1) {
        table.columns.push_back(cell);
        continue;
      }
      try {
        kinema::from_text(std::string_view(cell), row.emplace_back());
      } catch (const InputError&) {
        throw InputError(
            fmt::format("{}: line {}: '{}' is no number", path.string(), number, cell));
      }
    }
    if (number == 1) continue;
    if (row.size() != table.columns.size()) {
      throw InputError(fmt::format("{}: line {} has {} values where the header has {}",
                                   path.string(),
                                   number,
                                   row.size(),
                                   table.columns.size()));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::vector<Index> frames_in(const std::filesystem::path& folder) {
  std::vector<Index> frames;
  if (!std::filesystem::is_directory(folder / "volumes")) return frames;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "volumes")) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("frame_") || !name.ends_with(".mrc")) continue;
    try {
      kinema::from_text(std::string_view(name).substr(6, name.size() - 10), frames.emplace_back());
    } catch (const InputError&) {
      frames.pop_back();  // some other file
    }
  }
  std::sort(frames.begin(), frames.end());
  return frames;
}

}  // namespace kinema::app
