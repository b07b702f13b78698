#include "kinema/atoms/evaluate.h"

#include "kinema/io/atom_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace kinema::atoms {
namespace {

using metrics::AtomScores;
using metrics::AtomSet;

AtomSet atom_set(const io::AtomFrame& frame) {
  AtomSet set{frame.atoms.positions, frame.sigmas, {}, frame.ids};
  const auto sign = frame.values.find("sign_probability");
  if (sign != frame.values.end()) set.sign_probability = sign->second;
  return set;
}

/// The numbers of the frames, where each has one and no two the same.
std::map<Index, std::size_t> by_number(const std::vector<io::AtomFrame>& frames) {
  std::map<Index, std::size_t> places;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (!frames[i].number || !places.emplace(*frames[i].number, i).second) return {};
  }
  return places;
}

std::array<double, 2> period_of(const io::AtomFrame& truth) {
  if (!truth.atoms.cell) return {};
  const auto& [edges, periodic, origin] = *truth.atoms.cell;
  std::array<double, 2> period{};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::size_t other = 1 - axis;
    if (periodic[axis] && edges[axis][other] == 0.0) period[axis] = edges[axis][axis];
  }
  return period;
}

/// The truth of each frame of the estimate.
std::vector<const io::AtomFrame*> truths_of(const std::vector<io::AtomFrame>& estimate,
                                            const std::vector<io::AtomFrame>& truth) {
  const auto ours = by_number(estimate), theirs = by_number(truth);
  std::vector<const io::AtomFrame*> found;
  if (!ours.empty() && !theirs.empty()) {
    for (const io::AtomFrame& frame : estimate) {
      const auto at = theirs.find(*frame.number);
      if (at == theirs.end()) {
        throw InputError(fmt::format("frame {} has no truth: that holds the frames {} to {}",
                                     *frame.number,
                                     theirs.begin()->first,
                                     theirs.rbegin()->first));
      }
      found.push_back(&truth[at->second]);
    }
    return found;
  }
  if (estimate.size() != truth.size()) {
    throw InputError(fmt::format(
        "{} frames cannot be paired with the {} of the truth; give both their frame numbers "
        "(frame=0, frame=1, ... in extended XYZ)",
        estimate.size(),
        truth.size()));
  }
  for (const io::AtomFrame& frame : truth) found.push_back(&frame);
  return found;
}

std::string number(double value, const char* format = "{:.3f}") {
  return std::isfinite(value) ? fmt::format(fmt::runtime(format), value) : "-";
}

std::string rmsd_row(const char* name, const metrics::Rmsd& rmsd) {
  return fmt::format("  {:<10}{:>10}{:>10}{:>10}{:>10}\n",
                     name,
                     rmsd.atoms,
                     number(rmsd.x),
                     number(rmsd.y),
                     number(rmsd.z));
}

std::string sigma_text(const AtomScores& scores) {
  if (scores.sigma.empty()) return "";
  std::string text = fmt::format("\n  {:<10}{:>10}{:>10}{:>10}{:>16}\n",
                                 "sigmas",
                                 "rms, A",
                                 "68 %",
                                 "95 %",
                                 "log score, nats");
  const char* axes[] = {"x", "y", "z"};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const metrics::SigmaScore& s = scores.sigma[axis];
    text += fmt::format("  {:<10}{:>10.3f}{:>9.1f}%{:>9.1f}%{:>16.3f}\n",
                        axes[axis],
                        s.mean_sigma,
                        100.0 * s.coverage_68,
                        100.0 * s.coverage_95,
                        s.log_score);
  }
  return text;
}

std::string deciles_text(const char* title, const std::vector<metrics::Decile>& deciles) {
  if (deciles.empty()) return "";
  std::string text = fmt::format("\n  {:<12}", title), found = fmt::format("  {:<12}", "  found");
  for (const metrics::Decile& decile : deciles) {
    text += fmt::format("{:>7.3f}", decile.promised);
    found += fmt::format("{:>7.3f}", decile.found);
  }
  return text + "\n" + found + "\n";
}

std::string frame_rows(const Evaluation& evaluation) {
  std::string text = fmt::format("\n  {:<8}{:>8}{:>8}{:>10}{:>9}{:>9}{:>9}{:>10}\n",
                                 "frame",
                                 "atoms",
                                 "lost",
                                 "spurious",
                                 "x, A",
                                 "y, A",
                                 "z, A",
                                 "sign");
  for (std::size_t i = 0; i < evaluation.frames.size(); ++i) {
    const AtomScores& s = evaluation.frames[i];
    text += fmt::format("  {:<8}{:>8}{:>8}{:>10}{:>9}{:>9}{:>9}{:>10}\n",
                        evaluation.frame_numbers[i],
                        s.truths,
                        s.lost,
                        s.spurious,
                        number(s.all.x),
                        number(s.all.y),
                        number(s.all.z),
                        number(s.sign_accuracy));
  }
  return text;
}

}  // namespace

Evaluation evaluate(const std::vector<io::AtomFrame>& estimate,
                    const std::vector<io::AtomFrame>& truth) {
  if (estimate.empty()) throw InputError("there is no frame to evaluate");
  std::vector<AtomSet> estimates, truths;
  Evaluation evaluation;
  const auto partners = truths_of(estimate, truth);
  const auto period = period_of(*partners.front());
  for (std::size_t i = 0; i < estimate.size(); ++i) {
    estimates.push_back(atom_set(estimate[i]));
    truths.push_back(atom_set(*partners[i]));
    evaluation.frame_numbers.push_back(estimate[i].number.value_or(static_cast<Index>(i)));
    evaluation.frames.push_back(metrics::score_atoms({estimates.back()}, {truths.back()}, period));
  }
  evaluation.all = metrics::score_atoms(estimates, truths, period);
  return evaluation;
}

std::vector<std::vector<std::optional<Vec3>>> errors_of(const std::vector<io::AtomFrame>& estimate,
                                                        const std::vector<io::AtomFrame>& truth) {
  std::vector<std::vector<std::optional<Vec3>>> errors;
  const auto partners = truths_of(estimate, truth);
  for (std::size_t t = 0; t < estimate.size(); ++t) {
    const std::vector<Vec3>& found = estimate[t].atoms.positions;
    const std::vector<Vec3>& right = partners[t]->atoms.positions;
    const auto period = period_of(*partners[t]);
    const auto match = metrics::match_atoms(found, right, metrics::match_radius, period);
    auto& frame = errors.emplace_back(found.size());
    double piston = 0.0;
    for (const auto& [estimated, true_one] : match.pairs) {
      Vec3 error{};
      for (std::size_t axis = 0; axis < 3; ++axis) {
        error[axis] = found[static_cast<std::size_t>(estimated)][axis] -
                      right[static_cast<std::size_t>(true_one)][axis];
        if (axis < 2 && period[axis] > 0.0) error[axis] = std::remainder(error[axis], period[axis]);
      }
      piston += error[2] / static_cast<double>(match.pairs.size());
      frame[static_cast<std::size_t>(estimated)] = error;
    }
    for (auto& error : frame) {
      if (error) (*error)[2] -= piston;
    }
  }
  return errors;
}

std::vector<io::AtomFrame> read_atom_frames(const std::filesystem::path& path) {
  const auto reader = io::open_atoms(path);
  std::vector<io::AtomFrame> frames;
  while (auto frame = reader->next()) frames.push_back(std::move(*frame));
  if (frames.empty()) throw InputError(path.string() + ": holds no frame of atoms");
  return frames;
}

Json to_json(const Evaluation& evaluation, bool per_frame) {
  Json json = metrics::to_json(evaluation.all);
  if (!per_frame) return json;
  json["per_frame"] = Json::array();
  for (std::size_t i = 0; i < evaluation.frames.size(); ++i) {
    Json row{{"frame", evaluation.frame_numbers[i]}};
    row.update(metrics::to_json(evaluation.frames[i]));
    json["per_frame"].push_back(std::move(row));
  }
  return json;
}

std::string to_text(const Evaluation& evaluation, bool per_frame) {
  const AtomScores& s = evaluation.all;
  std::string text =
      fmt::format("{} frames, {} true atoms: {} found, {} lost, {} spurious, {} swapped\n\n",
                  s.frames,
                  s.truths,
                  s.matched,
                  s.lost,
                  s.spurious,
                  s.swapped);
  text +=
      fmt::format("  {:<10}{:>10}{:>10}{:>10}{:>10}\n", "RMSD", "atoms", "x, A", "y, A", "z, A");
  text += rmsd_row("all", s.all) + rmsd_row("interior", s.interior) + rmsd_row("edge", s.edge);
  text += fmt::format(
      "\n  z: rms of the truth {} A, RMSD / rms {}, correlation {}, sign right for {} %\n",
      number(s.z_rms),
      number(s.z_over_rms),
      number(s.z_correlation),
      number(100.0 * s.sign_accuracy, "{:.1f}"));
  text += fmt::format(
      "  bonds: mean error {} A, rms {} A\n", number(s.bond_mean_error), number(s.bond_rms_error));
  if (std::isfinite(s.truth_frame_correlation)) {
    text += fmt::format("  z from frame to frame: correlation {}, of the truth {}\n",
                        number(s.frame_correlation),
                        number(s.truth_frame_correlation));
  }
  text += sigma_text(s);
  if (!s.sigma.empty()) text += deciles_text("sigma z", s.sigma[2].deciles);
  text += deciles_text("sign prob.", s.sign_deciles);
  if (per_frame) text += frame_rows(evaluation);
  return text;
}

}  // namespace kinema::atoms
