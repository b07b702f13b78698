#include "kinema/metrics/atoms.h"

#include "kinema/metrics/hull.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <numeric>

namespace kinema::metrics {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double interior_margin = 5.0;  // angstrom
constexpr double longest_bond = 1.85;    // angstrom in 3D, of the truth
constexpr double normal_68 = 0.9944579, normal_95 = 1.9599640;

double square(double v) {
  return v * v;
}

/// Sums for a correlation of two variables.
struct Pairs {
  double n = 0.0, x = 0.0, y = 0.0, xx = 0.0, yy = 0.0, xy = 0.0;
  void add(double a, double b) {
    n += 1.0;
    x += a;
    y += b;
    xx += a * a;
    yy += b * b;
    xy += a * b;
  }
  double correlation() const {
    const double vx = xx - x * x / n, vy = yy - y * y / n;
    return vx > 0.0 && vy > 0.0 ? (xy - x * y / n) / std::sqrt(vx * vy) : nan;
  }
};

/// Sums of squares that become an Rmsd.
struct Squares {
  Index atoms = 0;
  Vec3 sum{};
  void add(const Vec3& error) {
    ++atoms;
    for (std::size_t axis = 0; axis < 3; ++axis) sum[axis] += square(error[axis]);
  }
  Rmsd rmsd() const {
    const double n = static_cast<double>(atoms);
    if (atoms == 0) return {0, nan, nan, nan};
    return {atoms, std::sqrt(sum[0] / n), std::sqrt(sum[1] / n), std::sqrt(sum[2] / n)};
  }
};

/// A promise and what came of it, for deciles.
struct Promise {
  double promised, found;
};

template <class Mean>
std::vector<Decile> deciles(std::vector<Promise> promises, Mean&& mean) {
  std::ranges::stable_sort(promises, {}, &Promise::promised);
  std::vector<Decile> result;
  const std::size_t count = promises.size();
  for (std::size_t tenth = 0; tenth < 10; ++tenth) {
    const std::size_t first = count * tenth / 10, last = count * (tenth + 1) / 10;
    if (first == last) continue;
    double promised = 0.0, found = 0.0;
    for (std::size_t i = first; i < last; ++i) {
      promised += mean(promises[i].promised);
      found += mean(promises[i].found);
    }
    const double n = static_cast<double>(last - first);
    result.push_back({promised / n, found / n, static_cast<Index>(last - first)});
  }
  return result;
}

SigmaScore sigma_score(const std::vector<Promise>& promises) {
  SigmaScore score;
  const double n = static_cast<double>(promises.size());
  double variance = 0.0, error = 0.0, log_density = 0.0, in_68 = 0.0, in_95 = 0.0;
  for (const auto& [sigma, e] : promises) {
    variance += square(sigma) / n;
    error += square(e) / n;
    log_density -= (std::log(sigma) + 0.5 * square(e / sigma)) / n;
    in_68 += std::abs(e) <= normal_68 * sigma ? 1.0 : 0.0;
    in_95 += std::abs(e) <= normal_95 * sigma ? 1.0 : 0.0;
  }
  score.mean_sigma = std::sqrt(variance);
  score.coverage_68 = in_68 / n;
  score.coverage_95 = in_95 / n;
  score.log_score = log_density + 0.5 * std::log(error) + 0.5;
  score.deciles = deciles(promises, square);
  for (Decile& decile : score.deciles) {
    decile.promised = std::sqrt(decile.promised);
    decile.found = std::sqrt(decile.found);
  }
  return score;
}

/// Everything that is summed over frames.
struct Sums {
  Squares all, interior, edge;
  Pairs z, estimate_next, truth_next;
  double z_squared = 0.0;
  Index right_side = 0;
  Squares bonds;  // x: errors of lengths
  double bond_error = 0.0;
  std::array<std::vector<Promise>, 3> sigmas;
  std::vector<Promise> signs;
};

/// The mean of z over the matched atoms of each side.
std::array<double, 2> means_of_z(const AtomSet& estimate,
                                 const AtomSet& truth,
                                 const AtomMatch& match) {
  std::array<double, 2> sums{};
  for (const auto& [e, t] : match.pairs) {
    sums[0] += estimate.positions[static_cast<std::size_t>(e)][2];
    sums[1] += truth.positions[static_cast<std::size_t>(t)][2];
  }
  const double n = static_cast<double>(std::max<std::size_t>(match.pairs.size(), 1));
  return {sums[0] / n, sums[1] / n};
}

Vec3 difference(const Vec3& a, const Vec3& b, const std::array<double, 2>& period) {
  Vec3 d{a[0] - b[0], a[1] - b[1], a[2] - b[2]};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    if (period[axis] > 0.0) d[axis] -= period[axis] * std::round(d[axis] / period[axis]);
  }
  return d;
}

double length(const Vec3& v) {
  return std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

void add_positions(Sums& sums,
                   const AtomSet& estimate,
                   const AtomSet& truth,
                   const AtomMatch& match,
                   const std::array<double, 2>& period) {
  const auto [mean_e, mean_t] = means_of_z(estimate, truth, match);
  const std::vector<char> inside = inside_hull(truth.positions, interior_margin);
  for (const auto& [e_index, t_index] : match.pairs) {
    const auto e = static_cast<std::size_t>(e_index), t = static_cast<std::size_t>(t_index);
    Vec3 error = difference(estimate.positions[e], truth.positions[t], period);
    error[2] -= mean_e - mean_t;
    sums.all.add(error);
    (inside[t] != 0 ? sums.interior : sums.edge).add(error);
    const double z = estimate.positions[e][2] - mean_e, true_z = truth.positions[t][2] - mean_t;
    sums.z.add(z, true_z);
    sums.z_squared += square(true_z);
    const bool right = (z > 0.0) == (true_z > 0.0);
    if (right) ++sums.right_side;
    if (!estimate.sigmas.empty()) {
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const double sigma = estimate.sigmas[e][axis];
        if (sigma > 0.0) sums.sigmas[axis].push_back({sigma, error[axis]});
      }
    }
    if (!estimate.sign_probability.empty()) {
      sums.signs.push_back({estimate.sign_probability[e], right ? 1.0 : 0.0});
    }
  }
}

void add_bonds(Sums& sums,
               const AtomSet& estimate,
               const AtomSet& truth,
               const AtomMatch& match,
               const std::array<double, 2>& period) {
  for (const auto& [a, b] : close_pairs(truth.positions, longest_bond, period)) {
    const auto pair_of = [&](Index t) {
      return std::ranges::lower_bound(match.pairs, t, {}, [](const auto& p) { return p[1]; });
    };
    const auto first = pair_of(a), second = pair_of(b);
    if (first == match.pairs.end() || second == match.pairs.end()) continue;
    if ((*first)[1] != a || (*second)[1] != b) continue;
    const auto bond = [&](const AtomSet& set, Index i, Index j) {
      return length(difference(set.positions[static_cast<std::size_t>(i)],
                               set.positions[static_cast<std::size_t>(j)],
                               period));
    };
    const double error = bond(estimate, (*first)[0], (*second)[0]) - bond(truth, a, b);
    sums.bonds.add({error, 0.0, 0.0});
    sums.bond_error += error;
  }
}

/// z of atoms by their identity: the id where there are ids, else the place in the list.
std::map<std::int64_t, double> z_by_id(const AtomSet& set) {
  std::map<std::int64_t, double> z;
  for (std::size_t i = 0; i < set.positions.size(); ++i) {
    z[set.ids.empty() ? static_cast<std::int64_t>(i) : set.ids[i]] = set.positions[i][2];
  }
  return z;
}

void add_steps(Pairs& pairs, const AtomSet& before, const AtomSet& now) {
  const auto earlier = z_by_id(before), later = z_by_id(now);
  double mean_a = 0.0, mean_b = 0.0;
  std::vector<std::array<double, 2>> both;
  for (const auto& [id, z] : earlier) {
    const auto found = later.find(id);
    if (found == later.end()) continue;
    both.push_back({z, found->second});
    mean_a += z;
    mean_b += found->second;
  }
  const double n = static_cast<double>(std::max<std::size_t>(both.size(), 1));
  for (const auto& [a, b] : both) pairs.add(a - mean_a / n, b - mean_b / n);
}

/// The true identity behind each id of the estimate.
std::map<std::int64_t, std::int64_t> identities(const AtomSet& estimate,
                                                const AtomSet& truth,
                                                const AtomMatch& match) {
  std::map<std::int64_t, std::int64_t> found;
  if (estimate.ids.empty()) return found;
  for (const auto& [e, t] : match.pairs) {
    found[estimate.ids[static_cast<std::size_t>(e)]] =
        truth.ids.empty() ? t : truth.ids[static_cast<std::size_t>(t)];
  }
  return found;
}

/// Ids behind which the true atom is another than when they were last matched.
Index changed(std::map<std::int64_t, std::int64_t>& last,
              const std::map<std::int64_t, std::int64_t>& now) {
  Index count = 0;
  for (const auto& [id, truth] : now) {
    const auto [at, is_new] = last.emplace(id, truth);
    if (!is_new && at->second != truth) ++count;
    at->second = truth;
  }
  return count;
}

void finish(AtomScores& scores, const Sums& sums) {
  const double n = static_cast<double>(scores.matched);
  scores.all = sums.all.rmsd();
  scores.interior = sums.interior.rmsd();
  scores.edge = sums.edge.rmsd();
  scores.z_rms = scores.matched > 0 ? std::sqrt(sums.z_squared / n) : nan;
  scores.z_over_rms = scores.z_rms > 0.0 ? scores.all.z / scores.z_rms : nan;
  scores.z_correlation = sums.z.correlation();
  scores.sign_accuracy = scores.matched > 0 ? static_cast<double>(sums.right_side) / n : nan;
  scores.frame_correlation = sums.estimate_next.correlation();
  scores.truth_frame_correlation = sums.truth_next.correlation();
  const Rmsd bonds = sums.bonds.rmsd();
  scores.bond_rms_error = bonds.x;
  scores.bond_mean_error =
      bonds.atoms > 0 ? sums.bond_error / static_cast<double>(bonds.atoms) : nan;
  if (!sums.sigmas[0].empty()) {
    for (const auto& promises : sums.sigmas) {
      scores.sigma.push_back(promises.empty() ? SigmaScore{} : sigma_score(promises));
    }
  }
  scores.sign_deciles = deciles(sums.signs, [](double v) { return v; });
}

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json to_json(const Rmsd& rmsd) {
  return {
      {"atoms", rmsd.atoms}, {"x", number(rmsd.x)}, {"y", number(rmsd.y)}, {"z", number(rmsd.z)}};
}

Json to_json(const std::vector<Decile>& deciles) {
  Json json = Json::array();
  for (const Decile& decile : deciles) {
    json.push_back(
        {{"promised", decile.promised}, {"found", decile.found}, {"atoms", decile.atoms}});
  }
  return json;
}

}  // namespace

AtomScores score_atoms(const std::vector<AtomSet>& estimate,
                       const std::vector<AtomSet>& truth,
                       const std::array<double, 2>& period) {
  if (estimate.size() != truth.size() || truth.empty()) {
    throw InputError(fmt::format(
        "{} frames cannot be judged by {} frames of truth", estimate.size(), truth.size()));
  }
  AtomScores scores;
  Sums sums;
  std::map<std::int64_t, std::int64_t> last;
  scores.frames = static_cast<Index>(truth.size());
  for (std::size_t t = 0; t < truth.size(); ++t) {
    const AtomMatch match =
        match_atoms(estimate[t].positions, truth[t].positions, match_radius, period);
    scores.truths += static_cast<Index>(truth[t].positions.size());
    scores.matched += static_cast<Index>(match.pairs.size());
    scores.lost += static_cast<Index>(match.lost.size());
    scores.spurious += static_cast<Index>(match.spurious.size());
    scores.swapped += changed(last, identities(estimate[t], truth[t], match));
    add_positions(sums, estimate[t], truth[t], match, period);
    add_bonds(sums, estimate[t], truth[t], match, period);
    if (t == 0) continue;
    add_steps(sums.truth_next, truth[t - 1], truth[t]);
    if (!estimate[t].ids.empty() ||
        estimate[t].positions.size() == estimate[t - 1].positions.size()) {
      add_steps(sums.estimate_next, estimate[t - 1], estimate[t]);
    }
  }
  finish(scores, sums);
  return scores;
}

Json to_json(const AtomScores& s) {
  Json json{
      {"frames", s.frames},
      {"truth_atoms", s.truths},
      {"matched", s.matched},
      {"lost", s.lost},
      {"spurious", s.spurious},
      {"swapped", s.swapped},
      {"rmsd_angstrom",
       {{"all", to_json(s.all)}, {"interior", to_json(s.interior)}, {"edge", to_json(s.edge)}}},
      {"truth_z_rms_angstrom", number(s.z_rms)},
      {"z_rmsd_over_z_rms", number(s.z_over_rms)},
      {"z_correlation", number(s.z_correlation)},
      {"sign_accuracy", number(s.sign_accuracy)},
      {"frame_correlation", number(s.frame_correlation)},
      {"truth_frame_correlation", number(s.truth_frame_correlation)},
      {"bond_mean_error_angstrom", number(s.bond_mean_error)},
      {"bond_rms_error_angstrom", number(s.bond_rms_error)}};
  const char* axes[] = {"x", "y", "z"};
  for (std::size_t axis = 0; axis < s.sigma.size(); ++axis) {
    const SigmaScore& sigma = s.sigma[axis];
    json["sigma"][axes[axis]] = {{"rms_angstrom", sigma.mean_sigma},
                                 {"coverage_68", sigma.coverage_68},
                                 {"coverage_95", sigma.coverage_95},
                                 {"log_score_nats", sigma.log_score},
                                 {"deciles", to_json(sigma.deciles)}};
  }
  if (!s.sign_deciles.empty()) json["sign_deciles"] = to_json(s.sign_deciles);
  return json;
}

}  // namespace kinema::metrics
