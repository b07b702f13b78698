// What the report says where the truth is known.
#include "kinema/atoms/report_parts.h"
#include "kinema/report/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace kinema::atoms {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr Index most_points = 2000;  // of a scatter plot

report::Cell angstrom(double value) {
  return {report::rounded(value), fmt::format("{:.3f}", value)};
}

report::Table rmsd_table(const metrics::AtomScores& scores) {
  report::Table table{"Root mean square errors (\u00c5); interior is over 5 \u00c5 inside the hull",
                      {"", "atoms", "x", "y", "z"},
                      {}};
  const std::pair<const char*, const metrics::Rmsd*> rows[] = {
      {"all", &scores.all}, {"interior", &scores.interior}, {"edge", &scores.edge}};
  for (const auto& [name, rmsd] : rows) {
    if (rmsd->atoms == 0) continue;
    table.rows.push_back(
        {name, rmsd->atoms, angstrom(rmsd->x), angstrom(rmsd->y), angstrom(rmsd->z)});
  }
  return table;
}

report::Facts score_facts(const metrics::AtomScores& scores) {
  report::Facts facts{"Scores", {}};
  facts.rows.emplace_back("true atoms", scores.truths);
  facts.rows.emplace_back("lost", scores.lost);
  facts.rows.emplace_back("spurious", scores.spurious);
  facts.rows.emplace_back("swapped", scores.swapped);
  facts.rows.emplace_back("rms of the true z (\u00c5)", angstrom(scores.z_rms));
  facts.rows.emplace_back("correlation of z", angstrom(scores.z_correlation));
  facts.rows.emplace_back("sign of z right",
                          report::Cell(report::rounded(scores.sign_accuracy),
                                       fmt::format("{:.1f} %", 100.0 * scores.sign_accuracy)));
  if (!scores.sigma.empty()) {
    const double share = scores.sigma[2].coverage_68;
    facts.rows.emplace_back(
        "errors of z within one standard error",
        report::Cell(report::rounded(share), fmt::format("{:.1f} % (68 promised)", 100.0 * share)));
  }
  return facts;
}

/// Root mean square errors of every frame.
report::Plot errors_in_time(const Evaluation& evaluation) {
  report::Plot plot{.title = "Root mean square errors",
                    .x_label = "frame",
                    .y_label = "\u00c5",
                    .over_frames = true};
  report::Series x{.name = "x", .colour = report::Colour::orange},
      y{.name = "y", .colour = report::Colour::green}, z{.name = "z"};
  for (std::size_t i = 0; i < evaluation.frames.size(); ++i) {
    plot.x.push_back(static_cast<double>(evaluation.frame_numbers[i]));
    x.y.push_back(evaluation.frames[i].all.x);
    y.y.push_back(evaluation.frames[i].all.y);
    z.y.push_back(evaluation.frames[i].all.z);
  }
  plot.series = {z, x, y};
  return plot;
}

/// z as found over z as it is, of at most so many atoms, evenly taken.
report::Plot scatter(const Trajectory& trajectory, const Array<double, 3>& errors) {
  report::Plot plot{.title = "Heights as found and as they are",
                    .x_label = "true z (\u00c5)",
                    .y_label = "z found (\u00c5)",
                    .equal_units = true};
  const Index count = trajectory.present.size(), step = std::max<Index>(1, count / most_points);
  std::vector<std::pair<double, double>> pairs;  // as it is, as found
  for (Index i = 0; i < count; i += step) {
    const double error = errors.data()[3 * i + 2], z = trajectory.positions.data()[3 * i + 2];
    if (std::isfinite(error)) pairs.emplace_back(z - error, z);
  }
  std::ranges::sort(pairs);
  report::Series points{.name = "atoms", .style = report::Style::points};
  for (const auto& [right, found] : pairs) {
    plot.x.push_back(right);
    points.y.push_back(found);
  }
  report::Series right{
      .name = "right", .y = plot.x, .colour = report::Colour::orange, .dashed = true};
  plot.series = {std::move(points), std::move(right)};
  return plot;
}

/// Errors of z in standard errors, beside the normal distribution that they should have.
report::Plot pulls(const Trajectory& trajectory, const Array<double, 3>& errors) {
  std::vector<double> pulls;
  for (Index i = 0; i < trajectory.present.size(); ++i) {
    const double sigma = trajectory.sigmas.data()[3 * i + 2];
    pulls.push_back(sigma > 0.0 ? errors.data()[3 * i + 2] / sigma : nothing);
  }
  report::Plot plot = report::histogram(
      "Errors of z in standard errors", "error / standard error", "atoms", std::move(pulls));
  if (plot.x.size() < 2) return plot;
  double counted = 0.0;
  for (const double count : plot.series[0].y) counted += count;
  report::Series normal{.name = "as promised", .colour = report::Colour::orange, .dashed = true};
  for (const double x : plot.x) {
    normal.y.push_back(counted * (plot.x[1] - plot.x[0]) * std::exp(-0.5 * x * x) /
                       std::sqrt(2.0 * std::numbers::pi));
  }
  plot.series[0].name = "found";
  plot.series.push_back(std::move(normal));
  return plot;
}

/// rms error over rms standard error, by tenths of the atoms.
report::Plot reliability(const metrics::SigmaScore& score) {
  report::Plot plot{.title = "Standard errors by tenths of the atoms",
                    .x_label = "standard error of z (\u00c5)",
                    .y_label = "rms error of z (\u00c5)"};
  report::Series found{.name = "found", .style = report::Style::points};
  for (const metrics::Decile& decile : score.deciles) {
    plot.x.push_back(decile.promised);
    found.y.push_back(decile.found);
  }
  report::Series promised{
      .name = "as promised", .y = plot.x, .colour = report::Colour::orange, .dashed = true};
  plot.series = {std::move(found), std::move(promised)};
  return plot;
}

}  // namespace

TruthComparison compare(const Trajectory& trajectory, const std::vector<io::AtomFrame>& truth) {
  std::vector<io::AtomFrame> estimate;
  for (Index t = 0; t < trajectory.frames(); ++t) {
    estimate.push_back(io::frame_of(trajectory, t));
  }
  TruthComparison comparison{evaluate(estimate, truth),
                             Array<double, 3>(trajectory.positions.shape(), nothing)};
  const auto errors = errors_of(estimate, truth);
  for (Index t = 0; t < trajectory.frames(); ++t) {
    auto next = errors[static_cast<std::size_t>(t)].begin();
    for (Index i = 0; i < trajectory.atoms(); ++i) {
      if (trajectory.present(t, i) == 0) continue;
      if (const std::optional<Vec3>& error = *next++) {
        for (Index axis = 0; axis < 3; ++axis) {
          comparison.errors(t, i, axis) = (*error)[static_cast<std::size_t>(axis)];
        }
      }
    }
  }
  return comparison;
}

void add_truth(report::Page& page, const ReportInput& input) {
  if (!input.truth) return;
  const Trajectory& trajectory = input.result->tracked.trajectory;
  const auto& [evaluation, errors] = *input.truth;
  page.section("Against the truth");
  page.facts({score_facts(evaluation.all)});
  page.table(rmsd_table(evaluation.all));
  std::vector<report::Plot> plots = {scatter(trajectory, errors), errors_in_time(evaluation)};
  plots.push_back(pulls(trajectory, errors));
  if (!evaluation.all.sigma.empty()) plots.push_back(reliability(evaluation.all.sigma[2]));
  page.plots(plots);
}

}  // namespace kinema::atoms
