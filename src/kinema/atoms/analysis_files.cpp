// The files of an analysis: tables, figures and one page.
#include "kinema/atoms/analyse.h"
#include "kinema/report/page.h"
#include "kinema/report/png.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kinema::atoms {
namespace {

/// A number of a table; what is not known stays empty.
std::string cell(double value) {
  return std::isfinite(value) ? fmt::format("{:.6g}", value) : "";
}

std::string atoms_csv(const Analysis& analysis, const Trajectory& trajectory) {
  std::string text =
      "frame,atom,x,y,z,bond,strain_xx,strain_yy,strain_xy,pyramidalisation_degrees,curvature\n";
  for (Index t = 0; t < trajectory.frames(); ++t) {
    for (Index i = 0; i < trajectory.atoms(); ++i) {
      if (trajectory.present(t, i) == 0) continue;
      const LocalShape& s =
          analysis.shapes[static_cast<std::size_t>(t)][static_cast<std::size_t>(i)];
      text += fmt::format("{},{},{:.4f},{:.4f},{:.4f},{},{},{},{},{},{}\n",
                          trajectory.frame_numbers[static_cast<std::size_t>(t)],
                          i,
                          trajectory.positions(t, i, 0),
                          trajectory.positions(t, i, 1),
                          trajectory.positions(t, i, 2),
                          cell(s.bond),
                          cell(s.xx),
                          cell(s.yy),
                          cell(s.xy),
                          cell(s.pyramid * 180.0 / std::numbers::pi),
                          cell(s.curvature));
    }
  }
  return text;
}

std::string frames_csv(const Analysis& analysis) {
  std::string text =
      "frame,atoms,z_rms,bond_mean,bond_spread,angle_mean_degrees,angle_spread_degrees,strain_xx,"
      "strain_yy,strain_xy,pyramidalisation_rms_degrees,curvature_rms,rings_5,rings_6,rings_7,"
      "rings_8,vacancies,missing\n";
  constexpr double degree = 180.0 / std::numbers::pi;
  for (const FrameAnalysis& f : analysis.frames) {
    const auto rings = [&](std::size_t size) {
      const auto found = f.rings.find(size);
      return found == f.rings.end() ? Index{0} : found->second;
    };
    text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n",
                        f.frame,
                        f.atoms,
                        cell(f.z_rms),
                        cell(f.bond_mean),
                        cell(f.bond_rms),
                        cell(f.angle_mean * degree),
                        cell(f.angle_rms * degree),
                        cell(f.strain_xx),
                        cell(f.strain_yy),
                        cell(f.strain_xy),
                        cell(f.pyramid_rms * degree),
                        cell(f.curvature_rms),
                        rings(5),
                        rings(6),
                        rings(7),
                        rings(8),
                        f.vacancies,
                        f.missing);
  }
  return text;
}

std::string heights_csv(const HeightMap& map, const Trajectory& trajectory) {
  const auto [frames, bins] = map.heights.shape();
  std::string text = "frame";
  for (Index s = 0; s < bins; ++s) {
    text += fmt::format(",{:.3f}", map.first + map.step * static_cast<double>(s));
  }
  text += "\n";
  for (Index t = 0; t < frames; ++t) {
    text += std::to_string(trajectory.frame_numbers[static_cast<std::size_t>(t)]);
    for (Index s = 0; s < bins; ++s) text += "," + cell(map.heights(t, s));
    text += "\n";
  }
  return text;
}

std::string spectrum_csv(const RippleSpectrum& spectrum) {
  std::string text = "frequency_per_frame,wave_number_per_angstrom,power\n";
  for (std::size_t f = 0; f < spectrum.frequencies.size(); ++f) {
    for (std::size_t k = 0; k < spectrum.wave_numbers.size(); ++k) {
      text += fmt::format("{:.5g},{:.5g},{:.5g}\n",
                          spectrum.frequencies[f],
                          spectrum.wave_numbers[k],
                          spectrum.power(static_cast<Index>(f), static_cast<Index>(k)));
    }
  }
  return text;
}

std::string correlation_csv(const StepCorrelation& correlation) {
  std::string text = "distance_angstrom,correlation\n";
  for (std::size_t i = 0; i < correlation.values.size(); ++i) {
    text += fmt::format("{:.4g},{:.5g}\n", correlation.distances[i], correlation.values[i]);
  }
  return text;
}

/// (Y, X) values drawn with `down` x `across` pixels each, grey from low to high.
Array<float, 2> enlarged(const Array<double, 2>& values, Index down, Index across) {
  const auto [rows, columns] = values.shape();
  Array<float, 2> image({rows * down, columns * across});
  for (Index y = 0; y < rows * down; ++y) {
    for (Index x = 0; x < columns * across; ++x) {
      image(y, x) = static_cast<float>(values(y / down, x / across));
    }
  }
  return image;
}

/// Pixels for each of `count` values that make about `size` in all.
Index enlargement(Index count, Index size) {
  return std::clamp<Index>(size / std::max<Index>(count, 1), 1, 24);
}

struct Figure {
  Array<float, 2> values;
  double low = 0.0, high = 1.0;
};

Figure height_figure(const HeightMap& map) {
  const auto [frames, bins] = map.heights.shape();
  double largest = 1e-9;
  for (const double z : map.heights.flat()) {
    if (std::isfinite(z)) largest = std::max(largest, std::abs(z));
  }
  return {
      enlarged(map.heights, enlargement(frames, 360), enlargement(bins, 480)), -largest, largest};
}

/// Power in decibels below its peak, down to -40; frequency rises upwards.
Figure spectrum_figure(const RippleSpectrum& spectrum) {
  const auto [turns, waves] = spectrum.power.shape();
  const double peak = *std::ranges::max_element(spectrum.power.flat());
  Array<double, 2> decibels({turns, waves});
  for (Index f = 0; f < turns; ++f) {
    for (Index k = 0; k < waves; ++k) {
      decibels(turns - 1 - f, k) =
          10.0 * std::log10(std::max(spectrum.power(f, k), 1e-30) / std::max(peak, 1e-30));
    }
  }
  return {enlarged(decibels, enlargement(turns, 360), enlargement(waves, 480)), -40.0, 0.0};
}

std::string png_of(const Figure& figure) {
  return report::encode_png(
      report::grey_levels(figure.values.view(), figure.low, figure.high).view());
}

report::Plot bond_histogram(const std::vector<double>& bonds) {
  report::Plot plot{"Bond lengths", "bond (A)", "share per 0.01 A", {}, {}, false, false};
  report::Series series{"bonds", {}, report::Colour::blue, false};
  const double low = std::floor(*std::ranges::min_element(bonds) * 50.0) / 50.0;
  const double high = *std::ranges::max_element(bonds);
  const auto bins = static_cast<std::size_t>((high - low) / 0.01) + 1;
  std::vector<double> counts(bins);
  for (const double bond : bonds) ++counts[static_cast<std::size_t>((bond - low) / 0.01)];
  for (std::size_t i = 0; i < bins; ++i) {
    plot.x.push_back(low + 0.01 * (static_cast<double>(i) + 0.5));
    series.y.push_back(counts[i] / static_cast<double>(bonds.size()));
  }
  plot.series.push_back(std::move(series));
  return plot;
}

report::Plot over_frames(const char* title,
                         const char* label,
                         const Analysis& analysis,
                         double FrameAnalysis::*field,
                         double scale) {
  report::Plot plot{title, "frame", label, {}, {}, false, true};
  report::Series series{title, {}, report::Colour::blue, false};
  for (const FrameAnalysis& frame : analysis.frames) {
    plot.x.push_back(static_cast<double>(frame.frame));
    series.y.push_back(scale * frame.*field);
  }
  plot.series.push_back(std::move(series));
  return plot;
}

std::string page_of(const Analysis& analysis, const std::string& title) {
  report::Page page(title, to_text(analysis).substr(0, to_text(analysis).find('\n')));
  page.section("Figures");
  page.facts({report::facts_of("Analysis", to_json(analysis))});
  page.section("Ripples");
  const Figure heights = height_figure(analysis.heights),
               waves = spectrum_figure(analysis.spectrum);
  page.images({report::grey_image("Heights over place (right) and time (down)",
                                  heights.values.view(),
                                  heights.low,
                                  heights.high),
               report::grey_image("Power over wave number (right, to 0.2 1/A) and frequency (up, "
                                  "from -1/2 to 1/2 per frame)",
                                  waves.values.view(),
                                  waves.low,
                                  waves.high)});
  if (!analysis.correlation.values.empty()) {
    report::Plot plot{
        "Steps in z of two atoms", "distance (A)", "correlation", {}, {}, false, false};
    plot.x = analysis.correlation.distances;
    plot.series.push_back(
        {"correlation", analysis.correlation.values, report::Colour::blue, false});
    page.plots({plot});
  }
  page.section("Bonds and bending");
  page.plots({bond_histogram(analysis.bonds),
              over_frames("Heights", "rms (A)", analysis, &FrameAnalysis::z_rms, 1.0),
              over_frames("Curvature", "rms (1/A)", analysis, &FrameAnalysis::curvature_rms, 1.0),
              over_frames("Mean strain xx", "%", analysis, &FrameAnalysis::strain_xx, 100.0)});
  return page.render();
}

}  // namespace

std::map<std::string, std::string> analysis_files(const Analysis& analysis,
                                                  const Trajectory& trajectory,
                                                  const std::string& title) {
  return {{"atoms.csv", atoms_csv(analysis, trajectory)},
          {"frames.csv", frames_csv(analysis)},
          {"heights.csv", heights_csv(analysis.heights, trajectory)},
          {"spectrum.csv", spectrum_csv(analysis.spectrum)},
          {"correlation.csv", correlation_csv(analysis.correlation)},
          {"summary.json", to_json(analysis).dump(2) + "\n"},
          {"heights.png", png_of(height_figure(analysis.heights))},
          {"spectrum.png", png_of(spectrum_figure(analysis.spectrum))},
          {"analysis.html", page_of(analysis, title)}};
}

}  // namespace kinema::atoms
