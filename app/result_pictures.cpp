#include "result_pictures.h"

#include "kinema/io/file.h"
#include "kinema/io/volume.h"
#include "kinema/report/film.h"
#include "kinema/report/height_map.h"
#include "kinema/report/plot_drawing.h"

#include <fmt/format.h>

#include "dynamics_output.h"
#include "film_file.h"
#include <cmath>

namespace kinema::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_points = 4000;  // of a plot

void write_svg(const fs::path& path, const report::Drawing& drawing) {
  io::write_text_file(path, report::to_svg(drawing));
}

fs::path figures_folder(const fs::path& folder) {
  fs::create_directories(folder / "figures");
  return folder / "figures";
}

using SceneMaker =
    std::function<std::unique_ptr<report::Film>(const report::FilmOptions&, bool still)>;

/// A picture in figures/ and, with `film`, the movie. What cannot be shown is no failure of the
/// results: the line says why.
std::string write_scene(const fs::path& folder,
                        const char* picture,
                        const SceneMaker& make,
                        bool film,
                        Progress& progress) {
  try {
    write_film(*make({}, true), folder / "figures" / picture, nullptr, progress);
    if (!film) return "";
    return write_movie(
        folder, [&](const report::FilmOptions& options) { return make(options, false); }, progress);
  } catch (const InputError& error) {
    return std::string("no picture in 3D: ") + error.what();
  }
}

/// Values of all frames, one after the other.
std::vector<double> all_values(const Trajectory& trajectory, const std::string& name) {
  std::vector<double> all;
  for (Index t = 0; t < trajectory.frames(); ++t) {
    const std::vector<double> values = report::values_at(trajectory, t, name);
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

void write_height_map(const fs::path& folder, const Trajectory& trajectory) {
  const auto scale = report::scale_of(trajectory, "height", report::ColourMap::viridis);
  const Index number = trajectory.frame_numbers.empty() ? 0 : trajectory.frame_numbers.front();
  write_svg(folder / "height_map.svg",
            report::height_map(atoms_at(trajectory, 0),
                               report::values_at(trajectory, 0, "height"),
                               scale,
                               fmt::format("frame {}", number)));
}

/// The standard error of z over z, of up to `most_points` atoms spread over all frames.
report::Plot sigma_plot(const Trajectory& trajectory) {
  const std::vector<double> heights = all_values(trajectory, "height");
  const std::vector<double> sigmas = all_values(trajectory, "sigma");
  report::Plot plot{.title = "Standard errors of height",
                    .x_label = "z (Å)",
                    .y_label = "standard error of z (Å)"};
  report::Series series{.name = "atoms", .style = report::Style::points};
  const std::size_t step = heights.size() / most_points + 1;
  for (std::size_t i = 0; i < heights.size(); i += step) {
    plot.x.push_back(heights[i]);
    series.y.push_back(sigmas[i]);
  }
  plot.series = {std::move(series)};
  return plot;
}

/// Columns z1, z2, ... of latent.csv, each beside its standard error.
report::Plot latent_plot(const CsvTable& table) {
  report::Plot plot{.title = "Latent trajectory", .x_label = "frame", .y_label = "latent"};
  constexpr report::Colour colours[] = {report::Colour::blue,
                                        report::Colour::orange,
                                        report::Colour::green,
                                        report::Colour::purple,
                                        report::Colour::red,
                                        report::Colour::grey};
  for (const auto& row : table.rows) plot.x.push_back(row[0]);
  for (std::size_t c = 1; c + 1 < table.columns.size(); c += 2) {
    report::Series series{.name = table.columns[c],
                          .colour = colours[(c / 2) % std::size(colours)]};
    for (const auto& row : table.rows) {
      series.y.push_back(row[c]);
      series.error.push_back(row[c + 1]);
    }
    plot.series.push_back(std::move(series));
  }
  return plot;
}

/// The second latent over the first, coloured by time.
report::Plot latent_plane(const CsvTable& table) {
  report::Plot plot{.title = "Latent plane",
                    .x_label = table.columns[1],
                    .y_label = table.columns[3],
                    .value_label = "frame"};
  report::Series series{.style = report::Style::points};
  for (const auto& row : table.rows) {
    plot.x.push_back(row[1]);
    series.y.push_back(row[3]);
    series.value.push_back(row[0]);
  }
  plot.series = {std::move(series)};
  return plot;
}

/// Every curve of fsc.csv, and where it is read.
report::Plot fsc_plot(const CsvTable& table) {
  report::Plot plot{.title = "Fourier shell correlation",
                    .x_label = "spatial frequency (1/Å)",
                    .y_label = "correlation"};
  constexpr report::Colour colours[] = {report::Colour::blue,
                                        report::Colour::orange,
                                        report::Colour::green,
                                        report::Colour::purple,
                                        report::Colour::red};
  for (const auto& row : table.rows) plot.x.push_back(row[1]);
  for (std::size_t c = 2; c < table.columns.size(); ++c) {
    std::string name = table.columns[c];
    std::replace(name.begin(), name.end(), '_', ' ');
    report::Series series{.name = name, .colour = colours[(c - 2) % std::size(colours)]};
    for (const auto& row : table.rows) series.y.push_back(row[c]);
    plot.series.push_back(std::move(series));
  }
  plot.series.push_back({.name = "0.143",
                         .y = std::vector<double>(plot.x.size(), 0.143),
                         .colour = report::Colour::grey,
                         .dashed = true});
  return plot;
}

}  // namespace

std::string write_atom_pictures(const fs::path& folder,
                                const Trajectory& trajectory,
                                double dose,
                                bool film,
                                Progress& progress) {
  if (trajectory.frames() == 0 || trajectory.atoms() == 0) return "";
  const fs::path figures = figures_folder(folder);
  write_height_map(figures, trajectory);
  const report::Plot heights =
      report::histogram("Heights", "z (Å)", "atoms", all_values(trajectory, "height"));
  write_svg(figures / "heights.svg", report::drawing_of(heights));
  if (!trajectory.sigmas.empty()) {
    write_svg(figures / "sigma.svg", report::drawing_of(sigma_plot(trajectory)));
  }
  const report::AtomFilmInput input{&trajectory, "height", dose};
  return write_scene(
      folder,
      "sheet.png",
      [&](const report::FilmOptions& options, bool still) {
        return report::atom_film(input, options, still);
      },
      film,
      progress);
}

std::string write_volume_pictures(const fs::path& folder, bool film, Progress& progress) {
  const fs::path figures = figures_folder(folder);
  if (fs::exists(folder / "latent.csv")) {
    const CsvTable table = read_csv(folder / "latent.csv");
    write_svg(figures / "latent.svg", report::drawing_of(latent_plot(table)));
    if (table.columns.size() >= 5) {
      write_svg(figures / "latent_plane.svg", report::drawing_of(latent_plane(table)));
    }
  }
  if (fs::exists(folder / "fsc.csv")) {
    write_svg(figures / "fsc.svg", report::drawing_of(fsc_plot(read_csv(folder / "fsc.csv"))));
  }
  const std::vector<Index> frames = frames_in(folder);
  if (frames.empty()) return "";
  const report::VolumeFilmInput input{
      .frames = frames,
      .volume =
          [&](std::size_t i) {
            return io::read_volume(folder / "volumes" / volume_name(frames[i]));
          },
      .frame_seconds = 0.0,
      .level = std::nullopt};
  return write_scene(
      folder,
      "volume.png",
      [&](const report::FilmOptions& options, bool still) {
        return report::volume_film(input, options, still);
      },
      film,
      progress);
}

}  // namespace kinema::app
