#include "kinema/atoms/sites.h"

#include <algorithm>
#include <cmath>

namespace kinema::atoms {
namespace {

constexpr double longest_step = 0.2;  // angstrom in one Newton step
constexpr double climb_sigma = 0.25;  // angstrom around the place where a site is expected
constexpr double cell_edge = 2.5;     // angstrom, of the search grid
constexpr double margin = 16.0;       // angstrom around the view that the grid covers

/// Solves the 2 x 2 system and clips the step.
Vec2 newton_step(double fx, double fy, double xx, double xy, double yy) {
  const double determinant = xx * yy - xy * xy;
  if (!(determinant > 0.0)) return {};
  Vec2 step{(yy * fx - xy * fy) / determinant, (xx * fy - xy * fx) / determinant};
  const double distance = length(step);
  if (distance > longest_step) {
    for (double& d : step) d *= longest_step / distance;
  }
  return step;
}

/// Square roots of the first two diagonal elements of the inverse of a symmetric (n, n), by
/// eliminating the last unknowns first.
Vec2 first_standard_errors(std::vector<double>& a, std::size_t n) {
  for (std::size_t k = n - 1; k >= 2; --k) {
    const double pivot = std::max(a[k * n + k], 1e-12);
    for (std::size_t i = 0; i < k; ++i) {
      const double factor = a[i * n + k] / pivot;
      for (std::size_t j = 0; j < k; ++j) a[i * n + j] -= factor * a[k * n + j];
    }
  }
  const double determinant = a[0] * a[n + 1] - a[1] * a[n];
  if (!(determinant > 0.0)) return {bond_length, bond_length};
  return {std::sqrt(a[n + 1] / determinant), std::sqrt(a[0] / determinant)};
}

}  // namespace

Sites::Sites(const Frame& frame,
             const Evidence& evidence,
             const LatticeFit& lattice,
             double strength)
    : frame_(frame),
      evidence_(&evidence),
      lattice_(lattice),
      bonding_(lattice),
      strength_(strength),
      self_(evidence.overlap.jet(0.0, 0.0)) {
  const double around = frame.periodic ? 0.0 : 2.0 * margin;
  columns_ = std::max<Index>(1, static_cast<Index>((frame.width() + around) / cell_edge));
  rows_ = std::max<Index>(1, static_cast<Index>((frame.height() + around) / cell_edge));
  cell_size_ = {(frame.width() + around) / static_cast<double>(columns_),
                (frame.height() + around) / static_cast<double>(rows_)};
  cells_.resize(static_cast<std::size_t>(columns_ * rows_));
}

std::int64_t Sites::cell_of(const Vec2& place) const {
  const double before = frame_.periodic ? 0.0 : margin;
  auto column = static_cast<Index>(std::floor((place[0] + before) / cell_size_[0]));
  auto row = static_cast<Index>(std::floor((place[1] + before) / cell_size_[1]));
  if (frame_.periodic) {
    column = ((column % columns_) + columns_) % columns_;
    row = ((row % rows_) + rows_) % rows_;
  }
  return std::clamp<Index>(row, 0, rows_ - 1) * columns_ +
         std::clamp<Index>(column, 0, columns_ - 1);
}

int Sites::add(const Vec2& at) {
  const int id = static_cast<int>(positions_.size());
  positions_.push_back(at);
  alive_.push_back(1);
  cells_[static_cast<std::size_t>(cell_of(at))].push_back(id);
  return id;
}

void Sites::remove(int id) {
  std::erase(cells_[static_cast<std::size_t>(cell_of(at(id)))], id);
  alive_[static_cast<std::size_t>(id)] = 0;
}

void Sites::restore(int id) {
  alive_[static_cast<std::size_t>(id)] = 1;
  cells_[static_cast<std::size_t>(cell_of(at(id)))].push_back(id);
}

void Sites::move(int id, const Vec2& to) {
  const auto from_cell = static_cast<std::size_t>(cell_of(at(id)));
  const auto to_cell = static_cast<std::size_t>(cell_of(to));
  if (from_cell != to_cell) {
    std::erase(cells_[from_cell], id);
    cells_[to_cell].push_back(id);
  }
  positions_[static_cast<std::size_t>(id)] = to;
}

std::vector<int> Sites::ids() const {
  std::vector<int> ids;
  for (std::size_t i = 0; i < alive_.size(); ++i) {
    if (alive_[i] != 0) ids.push_back(static_cast<int>(i));
  }
  return ids;
}

template <class Visit>
void Sites::visit_near(const Vec2& place, double radius, Visit&& visit) const {
  const auto across = static_cast<Index>(std::ceil(radius / cell_size_[0]));
  const auto down = static_cast<Index>(std::ceil(radius / cell_size_[1]));
  const double before = frame_.periodic ? 0.0 : margin;
  const auto column = static_cast<Index>(std::floor((place[0] + before) / cell_size_[0]));
  const auto row = static_cast<Index>(std::floor((place[1] + before) / cell_size_[1]));
  const bool wraps = frame_.periodic;
  const Index wide = wraps ? std::min(2 * across + 1, columns_) : 2 * across + 1;
  const Index high = wraps ? std::min(2 * down + 1, rows_) : 2 * down + 1;
  for (Index j = 0; j < high; ++j) {
    Index y = row - down + j;
    if (wraps) y = ((y % rows_) + rows_) % rows_;
    if (y < 0 || y >= rows_) continue;
    for (Index i = 0; i < wide; ++i) {
      Index x = column - across + i;
      if (wraps) x = ((x % columns_) + columns_) % columns_;
      if (x < 0 || x >= columns_) continue;
      for (const int id : cells_[static_cast<std::size_t>(y * columns_ + x)]) {
        const Vec2 shift = evidence_->shift(place, at(id));
        if (shift[0] * shift[0] + shift[1] * shift[1] <= radius * radius) visit(id, shift);
      }
    }
  }
}

std::vector<int> Sites::near(const Vec2& place, double radius, int except) const {
  std::vector<int> found;
  visit_near(place, radius, [&](int id, const Vec2&) {
    if (id != except) found.push_back(id);
  });
  std::ranges::sort(found);
  return found;
}

std::vector<int> Sites::bonded(int id) const {
  std::vector<std::pair<double, int>> found;
  visit_near(at(id), longest_bond, [&](int other, const Vec2& shift) {
    if (other != id) found.emplace_back(length(shift), other);
  });
  std::ranges::sort(found);
  if (found.size() > 3) found.resize(3);
  std::vector<int> ids;
  for (const auto& [distance, other] : found) ids.push_back(other);
  return ids;
}

double Sites::gain(const Vec2& place, int except) const {
  double overlap = 0.0;
  visit_near(place, evidence_->reach, [&](int id, const Vec2& shift) {
    if (id != except) overlap += evidence_->overlap.value(shift[0], shift[1]);
  });
  // Half of an image centred on the border is seen.
  const double seen =
      filled ? 1.0 : std::clamp(0.5 + 0.5 * frame_.depth(place[0], place[1]), 0.25, 1.0);
  return strength_ * evidence_->correlation.value(place[0], place[1]) -
         strength_ * strength_ * (overlap + 0.5 * seen * evidence_->self);
}

double Sites::likelihood(const std::vector<int>& group) const {
  double sum = 0.0;
  const double s2 = strength_ * strength_;
  for (const int id : group) {
    sum += strength_ * evidence_->correlation.value(at(id)[0], at(id)[1]) - atom_energy();
    visit_near(at(id), evidence_->reach, [&](int other, const Vec2& shift) {
      if (other == id) return;
      const double share = std::ranges::find(group, other) != group.end() ? 0.5 : 1.0;
      sum -= share * s2 * evidence_->overlap.value(shift[0], shift[1]);
    });
  }
  return sum;
}

double Sites::prior(const std::vector<int>& group) const {
  double sum = 0.0;
  const auto term = [&](double misfit, double share) { sum -= 0.5 * share * misfit * misfit; };
  for (const int id : group) {
    const std::vector<int> others = bonded(id);
    for (std::size_t j = 0; j < others.size(); ++j) {
      term(bonding_.stretch(bond(id, others[j])), 0.5);
      for (std::size_t k = 0; k < j; ++k) {
        term(bonding_.bend(bond(id, others[j]), bond(id, others[k])), 1.0);
      }
    }
    // Beside the border of the view, a bond may lead out of it.
    const bool cut = frame_.depth(at(id)[0], at(id)[1]) < bond_length;
    sum -= Bonding::rarity(others.size() + (cut ? 1 : 0));
  }
  return sum;
}

void Sites::pull_bonds(int id, Pull& pull) const {
  const std::vector<int> others = bonded(id);
  for (std::size_t j = 0; j < others.size(); ++j) {
    bonding_.pull_stretch(pull, bond(id, others[j]));
    for (std::size_t k = 0; k < j; ++k) {
      bonding_.pull_bend_middle(pull, bond(id, others[j]), bond(id, others[k]));
    }
    for (const int next : bonded(others[j])) {
      if (next != id) bonding_.pull_bend_end(pull, bond(others[j], id), bond(others[j], next));
    }
  }
}

Pull Sites::pull(int id) const {
  const Jet c = evidence_->correlation.jet(at(id)[0], at(id)[1]);
  const double s = strength_, s2 = s * s;
  Pull pull{{s * c.x, s * c.y}, -s2 * self_.xx, -s2 * self_.xy, -s2 * self_.yy};
  visit_near(at(id), evidence_->reach, [&](int other, const Vec2& shift) {
    if (other == id) return;
    const Jet a = evidence_->overlap.jet(shift[0], shift[1]);
    pull.force[0] -= s2 * a.x;
    pull.force[1] -= s2 * a.y;
  });
  pull_bonds(id, pull);
  return pull;
}

double Sites::settle(int id) {
  const Pull p = pull(id);
  const Vec2 step = newton_step(p.force[0], p.force[1], p.xx, p.xy, p.yy);
  move(id, {at(id)[0] + step[0], at(id)[1] + step[1]});
  return length(step);
}

void Sites::settle(const std::vector<int>& group, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    double longest = 0.0;
    for (const int id : group) longest = std::max(longest, settle(id));
    if (longest < 0.003) return;
  }
}

Vec2 Sites::climb(const Vec2& place) const {
  const double s = strength_, s2 = s * s, stiff = 1.0 / (climb_sigma * climb_sigma);
  Vec2 here = place;
  for (int step = 0; step < 4; ++step) {
    const Jet c = evidence_->correlation.jet(here[0], here[1]);
    Vec2 force{s * c.x - stiff * (here[0] - place[0]), s * c.y - stiff * (here[1] - place[1])};
    visit_near(here, evidence_->reach, [&](int, const Vec2& shift) {
      const Jet a = evidence_->overlap.jet(shift[0], shift[1]);
      force[0] -= s2 * a.x;
      force[1] -= s2 * a.y;
    });
    const Vec2 move = newton_step(
        force[0], force[1], stiff - s2 * self_.xx, -s2 * self_.xy, stiff - s2 * self_.yy);
    here = {here[0] + move[0], here[1] + move[1]};
    if (length(move) < 0.01) break;
  }
  return here;
}

Vec2 Sites::sigma(int id) const {
  constexpr double around = 2.6;  // angstrom: second neighbours
  std::vector<int> members = near(at(id), around, id);
  members.insert(members.begin(), id);
  const std::size_t n = 2 * members.size();
  std::vector<double> fisher(n * n, 0.0);
  const auto put = [&](std::size_t i, std::size_t j, double xx, double xy, double yy) {
    fisher[2 * i * n + 2 * j] += xx;
    fisher[2 * i * n + 2 * j + 1] += xy;
    fisher[(2 * i + 1) * n + 2 * j] += xy;
    fisher[(2 * i + 1) * n + 2 * j + 1] += yy;
  };
  const double s2 = strength_ * strength_;
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (std::size_t j = 0; j < members.size(); ++j) {
      const Vec2 shift = bond(members[j], members[i]);
      const Jet a = evidence_->overlap.jet(shift[0], shift[1]);
      put(i, j, -s2 * a.xx, -s2 * a.xy, -s2 * a.yy);
      if (i == j || length(shift) > longest_bond) continue;
      Pull spring;
      bonding_.pull_stretch(spring, shift);
      put(i, i, spring.xx, spring.xy, spring.yy);
      put(i, j, -spring.xx, -spring.xy, -spring.yy);
    }
  }
  return first_standard_errors(fisher, n);
}

double Sites::best_strength() const {
  double correlation = 0.0, overlap = 0.0;
  for (const int id : ids()) {
    if (!filled && frame_.depth(at(id)[0], at(id)[1]) < evidence_->reach) continue;
    correlation += evidence_->correlation.value(at(id)[0], at(id)[1]);
    visit_near(at(id), evidence_->reach, [&](int, const Vec2& shift) {
      overlap += evidence_->overlap.value(shift[0], shift[1]);
    });
  }
  return overlap > 0.0 ? correlation / overlap : strength_;
}

}  // namespace kinema::atoms
