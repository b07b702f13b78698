// How every frame went, how numbers are spread over all of them, and heights along a line.
#include "kinema/atoms/report_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace kinema::atoms {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr double profile_step = 1.0;   // angstrom along x
constexpr double profile_reach = 2.5;  // angstrom from the line, along y

std::vector<double> column(const std::vector<FrameSummary>& frames, double FrameSummary::*member) {
  std::vector<double> values;
  for (const FrameSummary& frame : frames) {
    values.push_back(frame.failure.empty() ? frame.*member : nothing);
  }
  return values;
}

/// A number of the verdict over each frame; nothing where a frame has none.
template <class Number>
std::vector<double> of_verdicts(const ReportInput& input, Number&& number) {
  std::vector<double> values;
  for (const FrameSummary& frame : input.result->frames) {
    const auto found = std::ranges::find(input.verdicts, frame.frame, &FrameVerdict::frame);
    values.push_back(found == input.verdicts.end() || found->verdict == "failed" ? nothing
                                                                                 : number(*found));
  }
  return values;
}

/// Every finite one of the numbers of all atoms in all frames; of one that no frame has, none.
std::vector<double> all_values(const Trajectory& trajectory, const std::string& name) {
  std::vector<double> values;
  const auto found = trajectory.values.find(name);
  if (found == trajectory.values.end()) return values;
  for (Index i = 0; i < found->second.size(); ++i) {
    if (trajectory.present.data()[i] != 0) values.push_back(found->second.data()[i]);
  }
  return values;
}

/// One number of three of all atoms: of positions or standard errors (T, N, 3).
std::vector<double> all_along(const Trajectory& trajectory,
                              const Array<double, 3>& numbers,
                              Index axis) {
  std::vector<double> values;
  for (Index i = 0; i < trajectory.present.size(); ++i) {
    if (trajectory.present.data()[i] != 0) values.push_back(numbers.data()[3 * i + axis]);
  }
  return values;
}

/// Mean heights near a line through the middle, along x: (T, bins), NaN where no atom is near.
struct Profile {
  double first_x = 0.0, line_y = 0.0;
  Array<double, 2> heights;
};

Profile profile_of(const Trajectory& trajectory) {
  const auto [low_x, high_x] = std::ranges::minmax(all_along(trajectory, trajectory.positions, 0));
  const auto [low_y, high_y] = std::ranges::minmax(all_along(trajectory, trajectory.positions, 1));
  const auto bins = static_cast<Index>((high_x - low_x) / profile_step) + 1;
  Profile profile{low_x, 0.5 * (low_y + high_y), Array<double, 2>({trajectory.frames(), bins})};
  for (Index t = 0; t < trajectory.frames(); ++t) {
    std::vector<double> atoms(static_cast<std::size_t>(bins));
    for (Index i = 0; i < trajectory.atoms(); ++i) {
      const double* place = &trajectory.positions(t, i, 0);
      if (trajectory.present(t, i) == 0) continue;
      if (std::abs(place[1] - profile.line_y) > profile_reach) continue;
      const auto bin = static_cast<Index>((place[0] - low_x) / profile_step);
      profile.heights(t, bin) += place[2];
      atoms[static_cast<std::size_t>(bin)] += 1.0;
    }
    for (Index bin = 0; bin < bins; ++bin) {
      const double count = atoms[static_cast<std::size_t>(bin)];
      profile.heights(t, bin) = count > 0.0 ? profile.heights(t, bin) / count : nothing;
    }
  }
  return profile;
}

/// The profile's mean over frames, with its rms about it as band.
report::Plot mean_profile(const Profile& profile) {
  report::Plot plot{.title = "Mean of all frames; the band is how far heights move (rms)",
                    .x_label = "x (\u00c5)",
                    .y_label = "z (\u00c5)"};
  report::Series mean{.name = "mean"};
  const auto [frames, bins] = profile.heights.shape();
  for (Index bin = 0; bin < bins; ++bin) {
    double count = 0.0, sum = 0.0, squares = 0.0;
    for (Index t = 0; t < frames; ++t) {
      const double z = profile.heights(t, bin);
      if (!std::isfinite(z)) continue;
      count += 1.0;
      sum += z;
      squares += z * z;
    }
    plot.x.push_back(profile.first_x + profile_step * (static_cast<double>(bin) + 0.5));
    mean.y.push_back(count > 0.0 ? sum / count : nothing);
    mean.error.push_back(
        count > 0.0 ? std::sqrt(std::max(0.0, squares / count - sum * sum / (count * count)))
                    : nothing);
  }
  plot.series = {std::move(mean)};
  return plot;
}

/// The profile through time, an image with a row for each frame.
report::Plot profile_in_time(const Profile& profile, const Trajectory& trajectory) {
  const auto [frames, bins] = profile.heights.shape();
  report::Field field{.values = Array<float, 2>({frames, bins}), .diverging = true};
  for (Index i = 0; i < profile.heights.size(); ++i) {
    const double z = profile.heights.data()[i];
    field.values.data()[i] = static_cast<float>(z);
    if (std::isfinite(z)) field.high = std::max(field.high, std::abs(z));
  }
  field.low = -field.high;
  const auto first = static_cast<double>(trajectory.frame_numbers.front());
  const auto last = static_cast<double>(trajectory.frame_numbers.back());
  const double half = 0.5 * (last - first) / std::max(1.0, static_cast<double>(frames - 1));
  field.x = {profile.first_x, profile.first_x + profile_step * static_cast<double>(bins)};
  field.y = {first - std::max(0.5, half), last + std::max(0.5, half)};
  return {.title = "Through time",
          .x_label = "x (\u00c5)",
          .y_label = "frame",
          .over_frames = true,
          .field = std::move(field),
          .value_label = "z (\u00c5)"};
}

}  // namespace

void add_curves(report::Page& page, const ReportInput& input) {
  const auto& frames = input.result->frames;
  std::vector<double> numbers, atoms;
  for (const FrameSummary& frame : frames) {
    numbers.push_back(static_cast<double>(frame.frame));
    atoms.push_back(frame.failure.empty() ? static_cast<double>(frame.atoms) : nothing);
  }
  const auto plot = [&](const char* title, const char* label, std::vector<report::Series> series) {
    return report::Plot{.title = title,
                        .x_label = "frame",
                        .y_label = label,
                        .x = numbers,
                        .series = std::move(series),
                        .over_frames = true};
  };
  std::vector<report::Plot> plots = {
      plot("Height of the sheet",
           "z (\u00c5)",
           {{.name = "rms of z", .y = column(frames, &FrameSummary::z_rms)},
            {.name = "standard error of one atom",
             .y = column(frames, &FrameSummary::z_sigma),
             .colour = report::Colour::orange}}),
      plot("Fit",
           "\u03c7\u00b2 a pixel",
           {{.name = "\u03c7\u00b2", .y = column(frames, &FrameSummary::chi_squared)}}),
      plot("Bonds; the band is their rms spread",
           "length (\u00c5)",
           {{.name = "mean",
             .y = column(frames, &FrameSummary::bond_mean),
             .error = column(frames, &FrameSummary::bond_spread)}}),
      plot("Atoms", "number", {{.name = "atoms", .y = atoms}})};
  if (!input.verdicts.empty()) {
    plots.push_back(
        plot("Energy (molecular dynamics)",
             "eV per atom",
             {{.name = "as found", .y = of_verdicts(input, [](auto& v) { return v.energy; })},
              {.name = "relaxed",
               .y = of_verdicts(input, [](auto& v) { return v.relaxed_energy; }),
               .colour = report::Colour::green,
               .dashed = true}}));
    plots.push_back(
        plot("Moves while relaxed, of atoms inside",
             "\u00c5",
             {{.name = "largest", .y = of_verdicts(input, [](auto& v) { return v.local_max; })},
              {.name = "rms",
               .y = of_verdicts(input, [](auto& v) { return v.local_rms; }),
               .colour = report::Colour::orange}}));
  }
  page.section("Through the movie");
  page.plots(plots);
}

void add_distributions(report::Page& page, const ReportInput& input) {
  const Trajectory& trajectory = input.result->tracked.trajectory;
  page.section("Distributions");
  page.paragraph("Of all atoms in all frames.");
  page.plots({report::histogram(
                  "Heights", "z (\u00c5)", "atoms", all_along(trajectory, trajectory.positions, 2)),
              report::histogram("Standard errors of height",
                                "\u03c3 of z (\u00c5)",
                                "atoms",
                                all_along(trajectory, trajectory.sigmas, 2)),
              report::histogram("Residual around each atom",
                                "\u03c7\u00b2 a pixel",
                                "atoms",
                                all_values(trajectory, "residual")),
              report::histogram("Probability that z is on its side of the mean",
                                "probability",
                                "atoms",
                                all_values(trajectory, "sign_probability"))});
}

void add_profile(report::Page& page, const Trajectory& trajectory) {
  const Profile profile = profile_of(trajectory);
  page.section("Profile");
  page.paragraph(
      fmt::format("Heights along x through the middle of the sheet: means of the atoms within "
                  "{:g} \u00c5 of the line y = {:.1f} \u00c5, in steps of {:g} \u00c5.",
                  profile_reach,
                  profile.line_y,
                  profile_step));
  page.plots({mean_profile(profile), profile_in_time(profile, trajectory)});
}

}  // namespace kinema::atoms
