#include "kinema/metrics/atom_match.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace kinema::metrics {
namespace {

/// Estimates that could be one true atom, by squared distance.
struct Candidate {
  Index estimate, truth;
  double squared;
};

std::vector<Candidate> candidates(std::span<const Vec3> estimate,
                                  std::span<const Vec3> truth,
                                  double radius,
                                  const std::array<double, 2>& period) {
  std::map<std::pair<Index, Index>, std::vector<Index>> cells;
  std::array<Index, 2> count{};
  std::array<double, 2> size{radius, radius};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    if (period[axis] <= 0.0) continue;
    count[axis] = std::max<Index>(1, static_cast<Index>(period[axis] / radius));
    size[axis] = period[axis] / static_cast<double>(count[axis]);
  }
  const auto cell = [&](const Vec3& at, std::size_t axis, Index step) {
    const Index i = static_cast<Index>(std::floor(at[axis] / size[axis])) + step;
    return count[axis] > 0 ? ((i % count[axis]) + count[axis]) % count[axis] : i;
  };
  for (std::size_t j = 0; j < truth.size(); ++j) {
    cells[{cell(truth[j], 1, 0), cell(truth[j], 0, 0)}].push_back(static_cast<Index>(j));
  }
  std::vector<Candidate> found;
  for (std::size_t i = 0; i < estimate.size(); ++i) {
    std::vector<Index> near;
    for (Index dy = -1; dy <= 1; ++dy) {
      for (Index dx = -1; dx <= 1; ++dx) {
        const auto at = cells.find({cell(estimate[i], 1, dy), cell(estimate[i], 0, dx)});
        if (at != cells.end()) near.insert(near.end(), at->second.begin(), at->second.end());
      }
    }
    std::ranges::sort(near);
    near.erase(std::unique(near.begin(), near.end()), near.end());
    for (const Index j : near) {
      double squared = 0.0;
      for (std::size_t axis = 0; axis < 2; ++axis) {
        double d = estimate[i][axis] - truth[static_cast<std::size_t>(j)][axis];
        if (period[axis] > 0.0) d -= period[axis] * std::round(d / period[axis]);
        squared += d * d;
      }
      if (squared <= radius * radius) found.push_back({static_cast<Index>(i), j, squared});
    }
  }
  return found;
}

Index root(std::vector<Index>& parent, Index i) {
  while (parent[static_cast<std::size_t>(i)] != i) {
    Index& up = parent[static_cast<std::size_t>(i)];
    up = parent[static_cast<std::size_t>(up)];
    i = up;
  }
  return i;
}

/// Candidates in groups that share no atom.
std::map<Index, std::vector<Candidate>> groups(const std::vector<Candidate>& all,
                                               Index estimates,
                                               Index truths) {
  std::vector<Index> parent(static_cast<std::size_t>(estimates + truths));
  std::iota(parent.begin(), parent.end(), Index{0});
  for (const Candidate& c : all) {
    parent[static_cast<std::size_t>(root(parent, c.estimate))] = root(parent, estimates + c.truth);
  }
  std::map<Index, std::vector<Candidate>> found;
  for (const Candidate& c : all) found[root(parent, c.estimate)].push_back(c);
  return found;
}

/// The best pairs of one group, added to `pairs`.
void solve(const std::vector<Candidate>& group,
           double never,
           std::vector<std::array<Index, 2>>& pairs) {
  if (group.size() == 1) {
    pairs.push_back({group[0].estimate, group[0].truth});
    return;
  }
  std::map<Index, Index> row, column;
  for (const Candidate& c : group) {
    row.emplace(c.truth, static_cast<Index>(row.size()));
    column.emplace(c.estimate, static_cast<Index>(column.size()));
  }
  const auto rows = static_cast<Index>(row.size()), columns = static_cast<Index>(column.size());
  Array<double, 2> cost({rows, columns + rows}, never);  // more columns: staying alone
  for (const Candidate& c : group) cost(row[c.truth], column[c.estimate]) = c.squared;
  const std::vector<Index> chosen = assign(cost.view());
  for (const Candidate& c : group) {
    if (chosen[static_cast<std::size_t>(row[c.truth])] == column[c.estimate]) {
      pairs.push_back({c.estimate, c.truth});
    }
  }
}

}  // namespace

std::vector<Index> assign(ArrayView<const double, 2> cost) {
  const auto [rows, columns] = cost.shape();
  constexpr double far = std::numeric_limits<double>::infinity();
  std::vector<double> u(static_cast<std::size_t>(rows + 1)),
      v(static_cast<std::size_t>(columns + 1));
  std::vector<Index> row_of(v.size(), 0), way(v.size(), 0);  // both from 1; 0: none
  for (Index row = 1; row <= rows; ++row) {
    std::vector<double> least(v.size(), far);
    std::vector<char> used(v.size(), 0);
    row_of[0] = row;
    std::size_t at = 0;
    do {
      used[at] = 1;
      const Index from = row_of[at];
      double delta = far;
      std::size_t next = 0;
      for (std::size_t c = 1; c < v.size(); ++c) {
        if (used[c] != 0) continue;
        const double reduced =
            cost(from - 1, static_cast<Index>(c) - 1) - u[static_cast<std::size_t>(from)] - v[c];
        if (reduced < least[c]) {
          least[c] = reduced;
          way[c] = static_cast<Index>(at);
        }
        if (least[c] < delta) {
          delta = least[c];
          next = c;
        }
      }
      for (std::size_t c = 0; c < v.size(); ++c) {
        if (used[c] != 0) {
          u[static_cast<std::size_t>(row_of[c])] += delta;
          v[c] -= delta;
        } else {
          least[c] -= delta;
        }
      }
      at = next;
    } while (row_of[at] != 0);
    while (at != 0) {
      const auto before = static_cast<std::size_t>(way[at]);
      row_of[at] = row_of[before];
      at = before;
    }
  }
  std::vector<Index> column_of(static_cast<std::size_t>(rows), -1);
  for (std::size_t c = 1; c < v.size(); ++c) {
    if (row_of[c] != 0)
      column_of[static_cast<std::size_t>(row_of[c] - 1)] = static_cast<Index>(c) - 1;
  }
  return column_of;
}

AtomMatch match_atoms(std::span<const Vec3> estimate,
                      std::span<const Vec3> truth,
                      double radius,
                      const std::array<double, 2>& period) {
  const auto estimates = static_cast<Index>(estimate.size());
  const auto truths = static_cast<Index>(truth.size());
  AtomMatch match;
  // Staying alone costs more than any number of long ways, so the most pairs come first.
  const double never = radius * radius * static_cast<double>(estimates + truths + 1);
  for (const auto& [at, group] :
       groups(candidates(estimate, truth, radius, period), estimates, truths)) {
    solve(group, never, match.pairs);
  }
  std::ranges::sort(match.pairs, {}, [](const auto& pair) { return pair[1]; });
  std::vector<char> found(truth.size(), 0), used(estimate.size(), 0);
  for (const auto& [e, t] : match.pairs) {
    used[static_cast<std::size_t>(e)] = 1;
    found[static_cast<std::size_t>(t)] = 1;
  }
  for (Index t = 0; t < truths; ++t) {
    if (found[static_cast<std::size_t>(t)] == 0) match.lost.push_back(t);
  }
  for (Index e = 0; e < estimates; ++e) {
    if (used[static_cast<std::size_t>(e)] == 0) match.spurious.push_back(e);
  }
  return match;
}

}  // namespace kinema::metrics
