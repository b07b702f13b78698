#include "kinema/atoms/analyse.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kinema::atoms {
namespace {

/// Atoms that a frame holds, with their identities.
struct Present {
  std::vector<Vec3> positions;
  std::vector<Index> identity;
};

Present present_in(const Trajectory& trajectory, Index t) {
  Present present;
  for (Index i = 0; i < trajectory.atoms(); ++i) {
    if (trajectory.present(t, i) == 0) continue;
    present.positions.push_back({trajectory.positions(t, i, 0),
                                 trajectory.positions(t, i, 1),
                                 trajectory.positions(t, i, 2)});
    present.identity.push_back(i);
  }
  return present;
}

Vec2 period_of(const Trajectory& trajectory) {
  Vec2 period{};
  if (!trajectory.cell) return period;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    if (trajectory.cell->periodic[axis]) period[axis] = trajectory.cell->edges[axis][axis];
  }
  return period;
}

Topology topology_of(const Present& present, const Vec2& period) {
  std::vector<Vec2> flat;
  for (const Vec3& at : present.positions) flat.push_back({at[0], at[1]});
  return connect(flat, {period, {}});
}

/// From one atom to another by the nearest way, angstrom.
double distance(const Vec3& a, const Vec3& b, const Vec2& period) {
  const Vec2 d = nearest_shift({a[0], a[1]}, {b[0], b[1]}, period);
  return std::hypot(d[0], d[1], a[2] - b[2]);
}

struct Moments {
  double mean = 0.0, spread = 0.0, rms = 0.0;
};

/// Of the values that are numbers.
template <class Values, class Of>
Moments moments(const Values& values, Of&& of) {
  double n = 0.0, sum = 0.0, squares = 0.0;
  for (const auto& entry : values) {
    const double value = of(entry);
    if (!std::isfinite(value)) continue;
    n += 1.0;
    sum += value;
    squares += value * value;
  }
  if (n == 0.0) return {LocalShape::unknown, LocalShape::unknown, LocalShape::unknown};
  const double mean = sum / n;
  return {mean, std::sqrt(std::max(0.0, squares / n - mean * mean)), std::sqrt(squares / n)};
}

double itself(double value) {
  return value;
}

FrameAnalysis figures(const Present& present,
                      const Topology& topology,
                      const std::vector<LocalShape>& shapes,
                      const BondsAndAngles& bonds) {
  FrameAnalysis figures;
  figures.atoms = static_cast<Index>(present.positions.size());
  figures.z_rms = moments(present.positions, [](const Vec3& at) { return at[2]; }).spread;
  const Moments length = moments(bonds.lengths, itself), angle = moments(bonds.angles, itself);
  figures.bond_mean = length.mean;
  figures.bond_rms = length.spread;
  figures.angle_mean = angle.mean;
  figures.angle_rms = angle.spread;
  figures.strain_xx = moments(shapes, [](const LocalShape& s) { return s.xx; }).mean;
  figures.strain_yy = moments(shapes, [](const LocalShape& s) { return s.yy; }).mean;
  figures.strain_xy = moments(shapes, [](const LocalShape& s) { return s.xy; }).mean;
  figures.pyramid_rms = moments(shapes, [](const LocalShape& s) { return s.pyramid; }).rms;
  figures.curvature_rms = moments(shapes, [](const LocalShape& s) { return s.curvature; }).rms;
  for (const Ring& ring : topology.rings) ++figures.rings[ring.atoms.size()];
  figures.vacancies = static_cast<Index>(topology.vacancies.size());
  for (const Vacancy& vacancy : topology.vacancies) figures.missing += vacancy.missing;
  return figures;
}

/// Angstrom per picosecond from angstrom per frame, or as it is where the time is not known.
double velocity(const Analysis& analysis, double per_frame) {
  return analysis.frame_time.value > 0.0 ? per_frame / (analysis.frame_time.value * 1e12)
                                         : per_frame;
}

const char* velocity_unit(const Analysis& analysis) {
  return analysis.frame_time.value > 0.0 ? "A/ps" : "A/frame";
}

double degrees(double radian) {
  return radian * 180.0 / std::numbers::pi;
}

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

}  // namespace

Analysis analyse(const Trajectory& trajectory, const AnalyseOptions& options, Progress& progress) {
  if (trajectory.frames() == 0) throw InputError("analyse: the trajectory holds no frame");
  if (!(options.bin.value > 0.0)) throw InputError("option 'bin': a width above 0 is needed");
  const Vec2 period = period_of(trajectory);
  Analysis analysis;
  analysis.frame_time = trajectory.frame_time;
  std::vector<Present> present;
  std::vector<Topology> topologies;
  std::vector<BondsAndAngles> bonds;
  for (Index t = 0; t < trajectory.frames(); ++t) {
    present.push_back(present_in(trajectory, t));
    topologies.push_back(topology_of(present.back(), period));
    bonds.push_back(bonds_and_angles(present.back().positions, topologies.back(), period));
    const auto& lengths = bonds.back().lengths;
    analysis.bonds.insert(analysis.bonds.end(), lengths.begin(), lengths.end());
  }
  if (analysis.bonds.size() < 3) {
    throw InputError(
        fmt::format("analyse: {} bonds below {} angstrom; this is no sheet of graphene",
                    analysis.bonds.size(),
                    longest_bond));
  }
  analysis.reference =
      options.reference ? options.reference->value : moments(analysis.bonds, itself).mean;
  progress.begin("analyse", trajectory.frames(), "frames");
  for (Index t = 0; t < trajectory.frames(); ++t) {
    progress.check();
    const auto i = static_cast<std::size_t>(t);
    const auto shapes =
        local_shapes(present[i].positions, topologies[i], period, analysis.reference);
    analysis.frames.push_back(figures(present[i], topologies[i], shapes, bonds[i]));
    analysis.frames.back().frame = trajectory.frame_numbers[i];
    std::vector<LocalShape> all(static_cast<std::size_t>(trajectory.atoms()));
    for (std::size_t a = 0; a < shapes.size(); ++a) {
      all[static_cast<std::size_t>(present[i].identity[a])] = shapes[a];
    }
    analysis.shapes.push_back(std::move(all));
    progress.advance(1);
  }
  const double direction = options.direction * std::numbers::pi / 180.0;
  analysis.heights = height_map(trajectory, direction, options.bin.value);
  analysis.spectrum = ripple_spectrum(trajectory, direction, 0.2);
  analysis.waves = dominant_waves(trajectory, options.waves);
  analysis.correlation = step_correlation(trajectory, options.bin.value, 40.0);
  progress.end();
  return analysis;
}

Json to_json(const Analysis& analysis) {
  const FrameAnalysis& first = analysis.frames.front();
  const auto mean = [&](auto field) {
    return number(moments(analysis.frames, [&](const FrameAnalysis& f) { return f.*field; }).mean);
  };
  const Moments bonds = moments(analysis.bonds, itself);
  Json json{{"frames", analysis.frames.size()},
            {"atoms", first.atoms},
            {"reference_bond_angstrom", analysis.reference},
            {"bond_mean_angstrom", bonds.mean},
            {"bond_spread_angstrom", bonds.spread},
            {"z_rms_angstrom", mean(&FrameAnalysis::z_rms)},
            {"strain_xx", mean(&FrameAnalysis::strain_xx)},
            {"strain_yy", mean(&FrameAnalysis::strain_yy)},
            {"strain_xy", mean(&FrameAnalysis::strain_xy)},
            {"pyramidalisation_rms_radian", mean(&FrameAnalysis::pyramid_rms)},
            {"curvature_rms_per_angstrom", mean(&FrameAnalysis::curvature_rms)},
            {"correlation_length_angstrom", number(analysis.correlation.length)},
            {"velocity_unit", velocity_unit(analysis)},
            {"waves", Json::array()},
            {"rings", Json::object()}};
  for (const Wave& wave : analysis.waves) {
    json["waves"].push_back({{"wavelength_angstrom", wave.wavelength()},
                             {"direction_degrees", degrees(std::atan2(wave.ky, wave.kx))},
                             {"frequency_per_frame", wave.frequency},
                             {"phase_velocity", velocity(analysis, wave.phase_velocity())},
                             {"amplitude_angstrom", wave.amplitude},
                             {"share_of_variance", wave.share}});
  }
  for (const auto& [size, count] : analysis.frames.back().rings) {
    json["rings"][std::to_string(size)] = count;
  }
  return json;
}

std::string to_text(const Analysis& analysis) {
  const FrameAnalysis &first = analysis.frames.front(), &last = analysis.frames.back();
  const auto mean = [&](auto field) {
    return moments(analysis.frames, [&](const FrameAnalysis& f) { return f.*field; }).mean;
  };
  const Moments bonds = moments(analysis.bonds, itself);
  std::string text =
      fmt::format("{} frames, {} atoms in the first\n", analysis.frames.size(), first.atoms);
  text += fmt::format("  bonds      {:.4f} A, spread {:.4f}; reference {:.4f}\n",
                      bonds.mean,
                      bonds.spread,
                      analysis.reference);
  text += fmt::format("  strain     xx {:+.4f}, yy {:+.4f}, xy {:+.4f}\n",
                      mean(&FrameAnalysis::strain_xx),
                      mean(&FrameAnalysis::strain_yy),
                      mean(&FrameAnalysis::strain_xy));
  text += fmt::format("  heights    rms {:.3f} A\n", mean(&FrameAnalysis::z_rms));
  text +=
      fmt::format("  bending    curvature rms {:.4f} 1/A, pyramidalisation rms {:.2f} degrees\n",
                  mean(&FrameAnalysis::curvature_rms),
                  degrees(mean(&FrameAnalysis::pyramid_rms)));
  text += "  rings     ";
  for (const auto& [size, count] : last.rings) text += fmt::format(" {} of {},", count, size);
  text += fmt::format(" {} vacancies, in the last frame\n", last.vacancies);
  if (std::isfinite(analysis.correlation.length)) {
    text += fmt::format("  together   steps in z correlate over {:.1f} A\n",
                        analysis.correlation.length);
  }
  for (const Wave& wave : analysis.waves) {
    text += fmt::format(
        "  wave       {:.1f} A long, amplitude {:.3f} A, along {:+.0f} degrees at {:+.2f} {}, "
        "{:.0f} % of the variance\n",
        wave.wavelength(),
        wave.amplitude,
        degrees(std::atan2(wave.ky, wave.kx)),
        velocity(analysis, wave.phase_velocity()),
        velocity_unit(analysis),
        100.0 * wave.share);
  }
  return text;
}

Array<double, 2> bond_strains(const Trajectory& trajectory) {
  const Vec2 period = period_of(trajectory);
  Array<double, 2> strains({trajectory.frames(), trajectory.atoms()});
  double sum = 0.0, bonds = 0.0;
  for (Index t = 0; t < trajectory.frames(); ++t) {
    const Present present = present_in(trajectory, t);
    const Topology topology = topology_of(present, period);
    for (std::size_t i = 0; i < present.positions.size(); ++i) {
      double lengths = 0.0;
      for (const int j : topology.neighbours[i])
        lengths += distance(present.positions[i], present.positions[j], period);
      const auto count = static_cast<double>(topology.neighbours[i].size());
      sum += lengths;
      bonds += count;
      strains(t, present.identity[i]) = lengths / std::max(1.0, count);
    }
  }
  if (bonds == 0.0) return strains;
  for (double& strain : strains.flat()) strain = strain > 0.0 ? strain * bonds / sum - 1.0 : 0.0;
  return strains;
}

}  // namespace kinema::atoms
