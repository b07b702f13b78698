#include "kinema/atoms/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kinema::atoms {
namespace {

constexpr double map_sigma = 0.6, map_reach = 1.6;  // angstrom

AtomicModel model_of(const ReportInput& input, Index t) {
  return atoms_at(input.result->tracked.trajectory, t);
}

Array<float, 2> simulated(const ReportInput& input, Index t) {
  const AtomicModel atoms = model_of(input, t);
  const Index frame = input.result->tracked.trajectory.frame_numbers[static_cast<std::size_t>(t)];
  return simulated_frame(*input.movie, frame, input.result->optics, atoms.positions);
}

Array<float, 2> recorded(const ReportInput& input, Index t) {
  Array<float, 2> frame = input.movie->frame(
      input.result->tracked.trajectory.frame_numbers[static_cast<std::size_t>(t)]);
  const auto scale = static_cast<float>(1.0 / input.movie->recording.units_per_electron);
  for (float& value : frame.flat()) value *= scale;
  return frame;
}

void add_movies(report::Page& page, const ReportInput& input, Progress& progress) {
  const Trajectory& trajectory = input.result->tracked.trajectory;
  report::Player player{.frames = trajectory.frames(),
                        .height = input.movie->height,
                        .width = input.movie->width,
                        .pixel_size = input.movie->pixel,
                        .panes = {},
                        .budget = 12'000'000};
  if (trajectory.frame_time.value > 0.0) player.frame_time = trajectory.frame_time;
  player.panes = {
      {.name = "recorded", .unit = "e/px", .image = [&](Index t) { return recorded(input, t); }},
      {.name = "simulated from the atoms",
       .unit = "e/px",
       .image = [&](Index t) { return simulated(input, t); }},
      {.name = "residual",
       .unit = "standard deviations",
       .image =
           [&](Index t) {
             Array<float, 2> rest = recorded(input, t);
             const Array<float, 2> expected = simulated(input, t);
             for (Index i = 0; i < rest.size(); ++i) {
               const float mean = std::max(1e-3F, expected.data()[i]);
               rest.data()[i] = (rest.data()[i] - mean) / std::sqrt(mean);
             }
             return rest;
           },
       .diverging = true},
      {.name = "height",
       .unit = "A",
       .image = [&](Index t) { return height_map(*input.movie, model_of(input, t)); },
       .diverging = true}};
  page.section("Frames");
  page.paragraph(
      "Each frame as it was recorded, the image that the atoms found would give without noise, "
      "what "
      "is left over in standard deviations of the counts, and the height of the sheet. Structure "
      "in "
      "the residual is something that the atoms do not explain.");
  page.player(player, progress);
}

std::vector<double> column(const std::vector<FrameSummary>& frames, double FrameSummary::*member) {
  std::vector<double> values;
  for (const FrameSummary& frame : frames) {
    values.push_back(frame.failure.empty() ? frame.*member : std::nan(""));
  }
  return values;
}

void add_curves(report::Page& page, const ReportInput& input) {
  const auto& frames = input.result->frames;
  std::vector<double> numbers, atoms;
  for (const FrameSummary& frame : frames) {
    numbers.push_back(static_cast<double>(frame.frame));
    atoms.push_back(frame.failure.empty() ? static_cast<double>(frame.atoms) : std::nan(""));
  }
  page.section("Through the movie");
  const auto plot = [&](const char* title, const char* label, std::vector<report::Series> series) {
    return report::Plot{title, "frame", label, numbers, std::move(series)};
  };
  page.plots({plot("Height of the sheet",
                   "z (A)",
                   {{"rms of z", column(frames, &FrameSummary::z_rms)},
                    {"standard error of one atom",
                     column(frames, &FrameSummary::z_sigma),
                     report::Colour::orange}}),
              plot("Fit",
                   "chi squared a pixel",
                   {{"chi squared", column(frames, &FrameSummary::chi_squared)}}),
              plot("Bonds", "length (A)", {{"mean", column(frames, &FrameSummary::bond_mean)}}),
              plot("Atoms", "number", {{"atoms", atoms}})});
}

/// Counts of `values` in bins, drawn as a curve.
report::Plot histogram(const std::string& title,
                       const std::string& label,
                       std::vector<double> values) {
  report::Plot plot{title, label, "atoms", {}, {{"all frames", {}}}};
  if (values.empty()) return plot;
  std::sort(values.begin(), values.end());
  const double low = values[values.size() / 500],
               high = values[values.size() - 1 - values.size() / 500];
  constexpr int bins = 60;
  std::vector<double> counts(bins, 0.0);
  for (const double value : values) {
    const double place = (value - low) / std::max(1e-9, high - low) * bins;
    if (place >= 0.0 && place <= bins) counts[std::min(bins - 1, static_cast<int>(place))] += 1.0;
  }
  for (int b = 0; b < bins; ++b) plot.x.push_back(low + (high - low) * (b + 0.5) / bins);
  plot.series[0].y = std::move(counts);
  return plot;
}

void add_distributions(report::Page& page, const Trajectory& trajectory) {
  std::vector<double> heights, errors;
  for (Index t = 0; t < trajectory.frames(); ++t) {
    for (Index i = 0; i < trajectory.atoms(); ++i) {
      if (trajectory.present(t, i) == 0) continue;
      heights.push_back(trajectory.positions(t, i, 2));
      errors.push_back(trajectory.sigmas(t, i, 2));
    }
  }
  page.section("Distributions");
  page.plots({histogram("Heights", "z (A)", std::move(heights)),
              histogram("Standard errors of height", "sigma of z (A)", std::move(errors))});
}

report::Facts optics_facts(const Reconstruction& result) {
  const OpticsVector values = to_vector(result.optics);
  const char* names[] = {"C10",
                         "Cs",
                         "C12 cos",
                         "C12 sin",
                         "C21 cos",
                         "C21 sin",
                         "C23 cos",
                         "C23 sin",
                         "focal spread, rms",
                         "blur, rms"};
  report::Facts facts{"Optics (A)", {}};
  for (int p = 0; p < optics_parameters; ++p) {
    const double sigma = result.optics_sigmas[p];
    facts.rows.emplace_back(
        names[p],
        report::Cell(values[p],
                     sigma > 0.0 ? fmt::format("{:.4g} +- {:.2g}", values[p], sigma)
                                 : fmt::format("{:.4g} (held)", values[p])));
  }
  return facts;
}

void add_events(report::Page& page, const Tracked& tracked) {
  if (tracked.events.empty()) return;
  report::Table table{"Events that lasted", {"frame", "event", "atoms", "x (A)", "y (A)"}, {}};
  for (const Event& event : tracked.events) {
    table.rows.push_back({tracked.trajectory.frame_numbers[static_cast<std::size_t>(event.frame)],
                          to_text(event.kind),
                          fmt::format("{}", fmt::join(event.atoms, " ")),
                          report::Cell(event.place[0], fmt::format("{:.1f}", event.place[0])),
                          report::Cell(event.place[1], fmt::format("{:.1f}", event.place[1]))});
  }
  page.table(table);
}

}  // namespace

Array<float, 2> height_map(const MovieOfAtoms& movie, const AtomicModel& atoms) {
  Array<float, 2> sum({movie.height, movie.width}), weight(sum.shape());
  const double dx = movie.pixel.x.value, dy = movie.pixel.y.value;
  for (const Vec3& p : atoms.positions) {
    const auto first_y = std::max<Index>(0, static_cast<Index>(std::ceil((p[1] - map_reach) / dy)));
    const auto first_x = std::max<Index>(0, static_cast<Index>(std::ceil((p[0] - map_reach) / dx)));
    for (Index y = first_y; y < movie.height && static_cast<double>(y) * dy <= p[1] + map_reach;
         ++y) {
      for (Index x = first_x; x < movie.width && static_cast<double>(x) * dx <= p[0] + map_reach;
           ++x) {
        const double away =
            std::hypot(static_cast<double>(x) * dx - p[0], static_cast<double>(y) * dy - p[1]);
        if (away > map_reach) continue;
        const auto w = static_cast<float>(std::exp(-0.5 * away * away / (map_sigma * map_sigma)));
        sum(y, x) += w * static_cast<float>(p[2]);
        weight(y, x) += w;
      }
    }
  }
  for (Index i = 0; i < sum.size(); ++i) {
    if (weight.data()[i] > 0.0F) sum.data()[i] /= weight.data()[i];
  }
  return sum;
}

report::Page report(const ReportInput& input, Progress& progress) {
  const Reconstruction& result = *input.result;
  report::Page page(input.title, input.subtitle);
  if (!input.caution.empty()) page.note(input.caution);
  for (const std::string& note : result.notes) page.note(note);
  for (const FrameSummary& frame : result.frames) {
    if (!frame.failure.empty()) page.note(fmt::format("Frame {}: {}", frame.frame, frame.failure));
  }
  report::Facts facts{"Result", {}};
  facts.rows.emplace_back("frames", result.tracked.trajectory.frames());
  facts.rows.emplace_back("atoms", result.tracked.trajectory.atoms());
  facts.rows.emplace_back("refined jointly", result.joint ? "yes" : "no");
  facts.rows.emplace_back(
      "temperature of stretching (K)",
      report::Cell(result.temperature, fmt::format("{:.0f}", result.temperature)));
  page.facts({facts, optics_facts(result)});
  add_events(page, result.tracked);
  add_movies(page, input, progress);
  add_curves(page, input);
  add_distributions(page, result.tracked.trajectory);
  page.section("Settings");
  std::vector<report::Facts> lists;
  for (const auto& [name, values] : input.settings.items())
    lists.push_back(report::facts_of(name, values));
  for (const auto& [name, values] : input.provenance.items())
    lists.push_back(report::facts_of(name, values));
  page.facts(lists);
  return page;
}

}  // namespace kinema::atoms
