// FSC of volumes and of their differences from the mean; how well latents tell the coordinate.
#include "kinema/dynamics/evaluate.h"

#include "kinema/base/linear.h"

#include <fmt/format.h>

#include <cmath>

namespace kinema::dynamics {

double multiple_correlation(const Array<double, 2>& x, const std::vector<double>& y) {
  const auto [rows, columns] = x.shape();
  const auto count = static_cast<double>(rows);
  std::vector<double> mean(static_cast<std::size_t>(columns));
  double mean_y = 0.0;
  for (Index t = 0; t < rows; ++t) {
    mean_y += y[static_cast<std::size_t>(t)] / count;
    for (Index k = 0; k < columns; ++k) mean[static_cast<std::size_t>(k)] += x(t, k) / count;
  }
  Array<double, 2> normal({columns, columns});
  std::vector<double> cross(static_cast<std::size_t>(columns));
  double power = 0.0;
  for (Index t = 0; t < rows; ++t) {
    const double dy = y[static_cast<std::size_t>(t)] - mean_y;
    power += dy * dy;
    for (Index i = 0; i < columns; ++i) {
      const double dx = x(t, i) - mean[static_cast<std::size_t>(i)];
      cross[static_cast<std::size_t>(i)] += dx * dy;
      for (Index j = 0; j < columns; ++j) {
        normal(i, j) += dx * (x(t, j) - mean[static_cast<std::size_t>(j)]);
      }
    }
  }
  for (Index i = 0; i < columns; ++i) normal(i, i) += 1e-12 * count;
  std::vector<double> weights = cross;
  if (power <= 0.0 || !cholesky(normal.view())) return 0.0;
  cholesky_solve(normal.view(), weights);
  double explained = 0.0;
  for (std::size_t i = 0; i < cross.size(); ++i) explained += weights[i] * cross[i];
  return std::sqrt(std::max(0.0, explained / power));
}

Evaluation evaluate(const EvaluateInput& input) {
  const std::size_t count = input.frames.size();
  if (count < 2) {
    throw InputError(
        "dynamics evaluate: fewer than two frames have both a volume and a true volume; "
        "reconstruct with the --frames of the truth");
  }
  std::vector<Volume> found, truth;
  for (std::size_t i = 0; i < count; ++i) {
    found.push_back(input.found(i));
    truth.push_back(input.truth(i));
  }
  const Volume found_mean = metrics::mean_volume(found), truth_mean = metrics::mean_volume(truth);
  Evaluation out;
  out.frames = static_cast<Index>(count);
  std::vector<metrics::FscCurve> curves, differences;
  const auto share = static_cast<double>(count);
  for (std::size_t i = 0; i < count; ++i) {
    curves.push_back(metrics::fsc(found[i], truth[i]));
    differences.push_back(metrics::fsc(metrics::difference(found[i], found_mean),
                                       metrics::difference(truth[i], truth_mean)));
    out.resolution_half += metrics::resolution(curves.back(), 0.5) / share;
    out.resolution_seventh += metrics::resolution(curves.back(), 0.143) / share;
  }
  out.curve = metrics::mean_curve(curves);
  out.difference = metrics::mean_curve(differences);
  out.area = metrics::area_under(out.curve);
  out.dynamic_area = metrics::area_under(out.difference);
  const Index latents = input.latents.size() == 0 ? 0 : input.latents.shape()[1];
  if (latents > 0 && static_cast<Index>(input.coordinate.size()) == input.latents.shape()[0]) {
    out.latent_correlation = multiple_correlation(input.latents, input.coordinate);
  }
  return out;
}

Json to_json(const Evaluation& evaluation) {
  Json json{{"frames", evaluation.frames},
            {"fsc_0.5_angstrom", evaluation.resolution_half},
            {"fsc_0.143_angstrom", evaluation.resolution_seventh},
            {"auc_fsc", evaluation.area},
            {"dynamic_auc_fsc", evaluation.dynamic_area},
            {"latent_r", nullptr},
            {"fsc", evaluation.curve.values},
            {"dynamic_fsc", evaluation.difference.values}};
  if (evaluation.latent_correlation) json["latent_r"] = *evaluation.latent_correlation;
  return json;
}

std::string to_text(const Evaluation& evaluation) {
  std::string text = fmt::format(
      "{} frames against the truth\n  FSC 0.5     {:.2f} A\n  FSC 0.143   {:.2f} A\n"
      "  AUC         {:.3f}\n  dynamic AUC {:.3f}\n",
      evaluation.frames,
      evaluation.resolution_half,
      evaluation.resolution_seventh,
      evaluation.area,
      evaluation.dynamic_area);
  if (evaluation.latent_correlation) {
    text += fmt::format("  latent R    {:.4f}\n", *evaluation.latent_correlation);
  }
  return text;
}

}  // namespace kinema::dynamics
