#include "kinema/atoms/sheet_prior.h"

#include "kinema/base/linear.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <numeric>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace kinema::atoms {
namespace {

constexpr double pi = std::numbers::pi;
constexpr double boltzmann = 8.617333262e-5;       // eV per kelvin
constexpr double bond_constant = 40.0;             // eV / A^2, graphene's
constexpr double angle_constant = 6.0;             // eV / rad^2
constexpr double height_constant = 15.5;           // eV / A^2: 16 kappa A / b^4, kappa = 1.5 eV
constexpr double change_constant = 96.0;           // eV / A^2: 0.03 A between neighbours
constexpr double bulk_sigma = 0.01 * bond_length;  // of the commonest bonds: the pixel size's error
constexpr double class_sigma = 0.06 * bond_length;  // of bonds at edges and defects
constexpr double bulk_angle_sigma = 0.005;          // radian, of the commonest angles
constexpr double angle_sigma = 0.15;                // radian, of angles at edges and defects
constexpr double anchor = 1e-3 * bond_constant;  // eV / A^2: keeps K definite under rigid motions

/// What an atom sees around itself: the degrees of its neighbours, the sizes of its rings.
using Surroundings = std::vector<int>;

std::vector<Surroundings> surroundings(const Topology& topology) {
  std::vector<Surroundings> all(topology.neighbours.size()), sizes(all.size());
  for (const Ring& ring : topology.rings) {
    for (const int atom : ring.atoms) sizes[atom].push_back(static_cast<int>(ring.atoms.size()));
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const int j : topology.neighbours[i]) {
      all[i].push_back(static_cast<int>(topology.neighbours[j].size()));
    }
    std::sort(all[i].begin(), all[i].end());
    std::sort(sizes[i].begin(), sizes[i].end());
    all[i].push_back(-1);
    all[i].insert(all[i].end(), sizes[i].begin(), sizes[i].end());
  }
  return all;
}

/// The number of atoms of the smallest ring that holds a - centre - b; 0 where there is none.
class RingSizes {
 public:
  explicit RingSizes(const Topology& topology) {
    for (const Ring& ring : topology.rings) {
      const int n = static_cast<int>(ring.atoms.size());
      for (int i = 0; i < n; ++i) {
        int& size =
            sizes_[key(ring.atoms[i], ring.atoms[(i + n - 1) % n], ring.atoms[(i + 1) % n])];
        size = size == 0 ? n : std::min(size, n);
      }
    }
  }
  int at(int centre, int a, int b) const {
    const auto found = sizes_.find(key(centre, a, b));
    return found == sizes_.end() ? 0 : found->second;
  }

 private:
  static std::array<int, 3> key(int centre, int a, int b) {
    return {centre, std::min(a, b), std::max(a, b)};
  }
  std::map<std::array<int, 3>, int> sizes_;
};

double ring_angle(int ring) {
  return ring < 3 ? 2.0 * pi / 3.0 : pi * (1.0 - 2.0 / ring);
}

double dot(const Vec3& a, const Vec3& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/// Numbers classes in the order in which they are met, and counts their members.
template <class Key>
struct Classes {
  std::map<Key, int> number;
  std::vector<int> members;
  int add(const Key& key) {
    const auto [place, fresh] = number.try_emplace(key, static_cast<int>(members.size()));
    if (fresh) members.push_back(0);
    ++members[place->second];
    return place->second;
  }
  std::size_t commonest() const {
    return std::max_element(members.begin(), members.end()) - members.begin();
  }
};

double weight_of(double sigma) {
  return 1.0 / (sigma * sigma);
}

/// Atoms within two bonds of `atom`, without itself.
std::vector<int> atoms_around(const Topology& topology, int atom) {
  std::set<int> found;
  for (const int j : topology.neighbours[atom]) {
    found.insert(j);
    found.insert(topology.neighbours[j].begin(), topology.neighbours[j].end());
  }
  found.erase(atom);
  return {found.begin(), found.end()};
}

/// Weights with which the values at `around` (relative to the atom) give that of their plane at the
/// atom; empty where they lie on a line.
std::vector<double> plane_weights(const std::vector<Vec2>& around) {
  Array<double, 2> normal({3, 3});
  for (const Vec2& p : around) {
    const double terms[] = {1.0, p[0], p[1]};
    for (int a = 0; a < 3; ++a) {
      for (int b = 0; b < 3; ++b) normal(a, b) += terms[a] * terms[b];
    }
  }
  for (int a = 0; a < 3; ++a) normal(a, a) += 1e-9;
  if (around.size() < 3 || !cholesky(normal.view()) || normal(2, 2) < 0.3 || normal(1, 1) < 0.3)
    return {};
  std::vector<double> first{1.0, 0.0, 0.0};
  cholesky_solve(std::as_const(normal).view(), std::span<double>(first));
  std::vector<double> weights;
  for (const Vec2& p : around) weights.push_back(first[0] + first[1] * p[0] + first[2] * p[1]);
  return weights;
}

/// Atoms with three neighbours and rings of six alone.
std::vector<bool> perfect_atoms(const Topology& topology) {
  std::vector<bool> perfect;
  for (const auto& next : topology.neighbours) perfect.push_back(next.size() == 3);
  for (const Ring& ring : topology.rings) {
    if (ring.atoms.size() == 6) continue;
    for (const int atom : ring.atoms) perfect[atom] = false;
  }
  return perfect;
}

}  // namespace

SheetPrior::SheetPrior(const Topology& topology,
                       std::span<const Vec2> flat,
                       Vec2 period,
                       const Stiffness& given)
    : stiffness(given), atoms_(static_cast<Index>(topology.neighbours.size())), period_(period) {
  add_bonds(topology);
  add_angles(topology);
  add_heights(topology, flat);
  order_atoms(topology);
}

void SheetPrior::add_bonds(const Topology& topology) {
  const auto around = surroundings(topology);
  Classes<std::pair<Surroundings, Surroundings>> classes;
  for (int i = 0; i < static_cast<int>(atoms_); ++i) {
    for (const int j : topology.neighbours[i]) {
      if (j > i)
        bonds_.push_back({i, j, 3 * atoms_ + classes.add(std::minmax(around[i], around[j]))});
    }
  }
  for (std::size_t kind = 0; kind < classes.members.size(); ++kind) {
    expected_.push_back(bond_length);
    reference_weight_.push_back(weight_of(kind == classes.commonest() ? bulk_sigma : class_sigma));
  }
}

void SheetPrior::add_angles(const Topology& topology) {
  const auto around = surroundings(topology);
  const RingSizes sizes(topology);
  Classes<std::tuple<Surroundings, Surroundings, Surroundings, int>> classes;
  std::vector<double> angles;
  const Index first = 3 * atoms_ + static_cast<Index>(expected_.size());
  for (int i = 0; i < static_cast<int>(atoms_); ++i) {
    const auto& next = topology.neighbours[i];
    for (std::size_t a = 0; a < next.size(); ++a) {
      for (std::size_t b = a + 1; b < next.size(); ++b) {
        const int ring = sizes.at(i, next[a], next[b]);
        const auto ends = std::minmax(around[next[a]], around[next[b]]);
        const int kind = classes.add({around[i], ends.first, ends.second, ring});
        if (kind == static_cast<int>(angles.size())) angles.push_back(ring_angle(ring));
        angles_.push_back({i, next[a], next[b], first + kind});
      }
    }
  }
  for (std::size_t kind = 0; kind < angles.size(); ++kind) {
    expected_.push_back(angles[kind]);
    reference_weight_.push_back(
        weight_of(kind == classes.commonest() ? bulk_angle_sigma : angle_sigma));
  }
}

SheetPrior::Row SheetPrior::difference_of(const Row& a, const Row& b) {
  std::map<Index, double> sum;
  for (const Slope& slope : a) sum[slope.unknown] += slope.value;
  for (const Slope& slope : b) sum[slope.unknown] -= slope.value;
  Row row;
  for (const auto& [unknown, value] : sum) row.push_back({unknown, value});
  return row;
}

/// The height of an atom over the plane of the atoms around it; empty where there is none.
SheetPrior::Row SheetPrior::height_row(const Topology& topology,
                                       std::span<const Vec2> flat,
                                       int atom) const {
  const bool inside = topology.neighbours[atom].size() == 3;
  const std::vector<int> around = inside ? topology.neighbours[atom] : atoms_around(topology, atom);
  std::vector<Vec2> places;
  for (const int j : around) places.push_back(nearest_shift(flat[j], flat[atom], period_));
  const std::vector<double> weights = plane_weights(places);
  if (weights.empty()) return {};
  // What a sheet curved alike in both directions gives, against b^2 / 2 of an atom inside.
  double bowl = 0.0;
  for (std::size_t n = 0; n < places.size(); ++n) {
    bowl += weights[n] * 0.5 * (places[n][0] * places[n][0] + places[n][1] * places[n][1]);
  }
  const double scale =
      inside ? 1.0 : std::min(1.0, 0.5 * bond_length * bond_length / std::abs(bowl));
  Row row{{3 * atom + 2, scale}};
  for (std::size_t n = 0; n < places.size(); ++n)
    row.push_back({3 * around[n] + 2, -scale * weights[n]});
  return row;
}

void SheetPrior::add_heights(const Topology& topology, std::span<const Vec2> flat) {
  const std::vector<bool> inside = perfect_atoms(topology);
  std::vector<Row> rows;
  for (int i = 0; i < static_cast<int>(atoms_); ++i) {
    rows.push_back(height_row(topology, flat, i));
    const auto& next = topology.neighbours[i];
    const bool smooth =
        inside[i] && std::all_of(next.begin(), next.end(), [&](int j) { return inside[j]; });
    if (!smooth && !rows.back().empty()) heights_.push_back(rows.back());
  }
  for (const Bond& bond : bonds_) {
    if (inside[bond.a] && inside[bond.b]) {
      changes_.push_back(difference_of(rows[bond.a], rows[bond.b]));
    }
  }
}

/// Cuthill and McKee: breadth first from an atom at the rim, so that atoms two bonds apart are
/// near.
void SheetPrior::order_atoms(const Topology& topology) {
  order_.assign(static_cast<std::size_t>(atoms_), -1);
  int count = 0;
  const auto flood = [&](int first, bool keep) {
    std::vector<int> queue{first};
    std::set<int> seen{first};
    for (std::size_t at = 0; at < queue.size(); ++at) {
      if (keep) order_[queue[at]] = count++;
      for (const int j : topology.neighbours[queue[at]]) {
        if (seen.insert(j).second) queue.push_back(j);
      }
    }
    return queue.back();
  };
  for (int i = 0; i < static_cast<int>(atoms_); ++i) {
    if (order_[i] < 0) flood(flood(flood(i, false), false), true);
  }
  const auto widen = [&](int a, int b) {
    band_ = std::max<Index>(band_, 2 * std::abs(order_[a] - order_[b]) + 1);
  };
  for (const Bond& bond : bonds_) widen(bond.a, bond.b);
  for (const Angle& angle : angles_) widen(angle.a, angle.b);
}

Index SheetPrior::plane_index(Index unknown) const {
  if (unknown >= 3 * atoms_ || unknown % 3 == 2) return -1;
  return 2 * order_[static_cast<std::size_t>(unknown / 3)] + unknown % 3;
}

void SheetPrior::set_references(std::span<double> unknowns) const {
  std::copy(expected_.begin(), expected_.end(), unknowns.begin() + 3 * atoms_);
}

Vec3 SheetPrior::difference(std::span<const double> at, int a, int b) const {
  const double* const p = at.data() + 3 * a;
  const double* const q = at.data() + 3 * b;
  Vec3 d{p[0] - q[0], p[1] - q[1], p[2] - q[2]};
  for (int axis = 0; axis < 2; ++axis) {
    if (period_[axis] > 0.0) d[axis] -= period_[axis] * std::round(d[axis] / period_[axis]);
  }
  return d;
}

double SheetPrior::bond_misfit(const Bond& bond,
                               std::span<const double> at,
                               std::span<Slope> slopes) const {
  const Vec3 along = difference(at, bond.a, bond.b);
  const double length = std::sqrt(dot(along, along));
  for (int axis = 0; axis < 3; ++axis) {
    const double unit = along[axis] / length;
    slopes[axis] = {3 * bond.a + axis, unit};
    slopes[3 + axis] = {3 * bond.b + axis, -unit};
  }
  slopes[6] = {bond.reference, -1.0};
  return length - at[static_cast<std::size_t>(bond.reference)];
}

double SheetPrior::angle_misfit(const Angle& angle,
                                std::span<const double> at,
                                std::span<Slope> slopes) const {
  const Vec3 u = difference(at, angle.a, angle.centre), v = difference(at, angle.b, angle.centre);
  const double lu = std::sqrt(dot(u, u)), lv = std::sqrt(dot(v, v));
  const double cosine = std::clamp(dot(u, v) / (lu * lv), -0.99999, 0.99999);
  const double sine = std::sqrt(1.0 - cosine * cosine);
  for (int axis = 0; axis < 3; ++axis) {
    const double by_a = -(v[axis] / lv - cosine * u[axis] / lu) / (lu * sine);
    const double by_b = -(u[axis] / lu - cosine * v[axis] / lv) / (lv * sine);
    slopes[axis] = {3 * angle.a + axis, by_a};
    slopes[3 + axis] = {3 * angle.b + axis, by_b};
    slopes[6 + axis] = {3 * angle.centre + axis, -by_a - by_b};
  }
  slopes[9] = {angle.reference, -1.0};
  return std::acos(cosine) - at[static_cast<std::size_t>(angle.reference)];
}

/// visit(number, slopes, misfit, stiffness in eV) for each bond, then each angle.
template <class Visit>
void SheetPrior::visit_stretching(std::span<const double> at, Visit&& visit) const {
  std::array<Slope, 10> slopes;
  std::size_t number = 0;
  for (const Bond& bond : bonds_) {
    const double misfit = bond_misfit(bond, at, slopes);
    visit(number++, std::span<const Slope>(slopes.data(), 7), misfit, bond_constant);
  }
  for (const Angle& angle : angles_) {
    const double misfit = angle_misfit(angle, at, slopes);
    visit(number++, std::span<const Slope>(slopes), misfit, angle_constant);
  }
}

/// visit(slopes, misfit, weight) for each height and each class.
template <class Visit>
void SheetPrior::visit_others(std::span<const double> at, Visit&& visit) const {
  const double per_kt = 1.0 / (boltzmann * stiffness.bend_temperature);
  const auto visit_rows = [&](const std::vector<Row>& rows, double constant) {
    for (const Row& row : rows) {
      double value = 0.0;
      for (const Slope& slope : row)
        value += slope.value * at[static_cast<std::size_t>(slope.unknown)];
      visit(std::span<const Slope>(row), value, constant * per_kt);
    }
  };
  visit_rows(heights_, height_constant);
  visit_rows(changes_, change_constant);
  for (std::size_t kind = 0; kind < expected_.size(); ++kind) {
    const Index place = 3 * atoms_ + static_cast<Index>(kind);
    const Slope slope{place, 1.0};
    visit(std::span<const Slope>(&slope, 1),
          at[static_cast<std::size_t>(place)] - expected_[kind],
          reference_weight_[kind]);
  }
}

void SheetPrior::freeze(std::span<const double> at) {
  frozen_.assign(bonds_.size() + angles_.size(), {});
  plane_factor_ = Array<double, 2>({2 * atoms_, band_ + 1});
  for (Index i = 0; i < 2 * atoms_; ++i) plane_factor_(i, band_) = anchor;
  visit_stretching(at,
                   [&](std::size_t number, std::span<const Slope> slopes, double, double constant) {
                     Row& row = frozen_[number];
                     for (const Slope& slope : slopes) {
                       const Index place = plane_index(slope.unknown);
                       if (place >= 0) row.push_back({place, slope.value});
                     }
                     for (const Slope& a : row) {
                       for (const Slope& b : row) {
                         if (b.unknown <= a.unknown) {
                           plane_factor_(a.unknown, band_ - (a.unknown - b.unknown)) +=
                               constant * a.value * b.value;
                         }
                       }
                     }
                   });
  if (!band_cholesky(plane_factor_.view()))
    throw std::logic_error("the in-plane stiffness is not definite");
}

/// Forces along x and y, and the shifts to where they would vanish: rows of (2, 2 N).
Array<double, 2> SheetPrior::relaxation(std::span<const double> at) const {
  Array<double, 2> rows({2, 2 * atoms_});
  visit_stretching(at,
                   [&](std::size_t number, std::span<const Slope>, double misfit, double constant) {
                     for (const Slope& slope : frozen_[number])
                       rows(0, slope.unknown) += constant * misfit * slope.value;
                   });
  std::copy_n(&rows(0, 0), 2 * atoms_, &rows(1, 0));
  band_cholesky_solve(std::as_const(plane_factor_).view(), rows.view().slice(1, 1));
  return rows;
}

double SheetPrior::energy(std::span<const double> at, std::span<double> gradient) const {
  const Array<double, 2> rows = relaxation(at);
  const double* const f = &rows(0, 0);
  const double* const u = &rows(1, 0);
  const double per_kt = 1.0 / (boltzmann * stiffness.temperature);
  double total = 0.5 * per_kt * std::inner_product(f, f + 2 * atoms_, u, 0.0);
  visit_stretching(at,
                   [&](std::size_t number, std::span<const Slope> slopes, double, double constant) {
                     double part = 0.0;
                     for (const Slope& slope : frozen_[number])
                       part += slope.value * u[slope.unknown];
                     for (const Slope& slope : slopes) {
                       gradient[static_cast<std::size_t>(slope.unknown)] +=
                           per_kt * constant * part * slope.value;
                     }
                   });
  visit_others(at, [&](std::span<const Slope> slopes, double misfit, double weight) {
    total += 0.5 * weight * misfit * misfit;
    for (const Slope& slope : slopes) {
      gradient[static_cast<std::size_t>(slope.unknown)] += weight * misfit * slope.value;
    }
  });
  return total;
}

void SheetPrior::add_curvature(std::span<const double> at, ArrayView<float, 2> matrix) const {
  // In the order (x and y; z and references): [K, B^T; B, B K^-1 B^T] / k T.
  const double per_kt = 1.0 / (boltzmann * stiffness.temperature);
  const Index others = size() - 2 * atoms_;
  const auto other_index = [&](Index unknown) {
    return unknown < 3 * atoms_ ? unknown / 3 : unknown - 2 * atoms_;
  };
  const auto add = [&](Index row, Index column, double value) {
    matrix(row, column) += static_cast<float>(value);
  };
  std::vector<std::map<Index, double>> mixed(static_cast<std::size_t>(others));  // rows of B
  std::vector<Index> unknown_of(static_cast<std::size_t>(2 * atoms_));
  visit_stretching(at,
                   [&](std::size_t number, std::span<const Slope> slopes, double, double constant) {
                     for (const Slope& a : slopes) {
                       const Index place = plane_index(a.unknown);
                       if (place >= 0) unknown_of[static_cast<std::size_t>(place)] = a.unknown;
                       for (const Slope& b : slopes) {
                         const double value = per_kt * constant * a.value * b.value;
                         if (place >= 0 && plane_index(b.unknown) >= 0)
                           add(a.unknown, b.unknown, value);
                       }
                       if (place >= 0) continue;
                       auto& row = mixed[static_cast<std::size_t>(other_index(a.unknown))];
                       for (const Slope& b : frozen_[number])
                         row[b.unknown] += constant * a.value * b.value;
                     }
                   });
  Array<double, 2> relaxed({others, 2 * atoms_});
  for (Index r = 0; r < others; ++r) {
    for (const auto& [place, value] : mixed[static_cast<std::size_t>(r)]) relaxed(r, place) = value;
  }
  band_cholesky_solve(std::as_const(plane_factor_).view(), relaxed.view());
  auto by_place = Array<double, 2>::uninitialised({2 * atoms_, others});  // rows that run together
  for (Index r = 0; r < others; ++r) {
    for (Index place = 0; place < 2 * atoms_; ++place) by_place(place, r) = relaxed(r, place);
  }
  std::vector<double> sum(static_cast<std::size_t>(others));
  for (Index r = 0; r < others; ++r) {
    std::fill(sum.begin(), sum.end(), 0.0);
    const Index row = r < atoms_ ? 3 * r + 2 : r + 2 * atoms_;
    for (const auto& [place, value] : mixed[static_cast<std::size_t>(r)]) {
      const Index column = unknown_of[static_cast<std::size_t>(place)];
      add(row, column, per_kt * value);
      add(column, row, per_kt * value);
      for (Index c = 0; c < others; ++c)
        sum[static_cast<std::size_t>(c)] += value * by_place(place, c);
    }
    for (Index c = 0; c < others; ++c) {
      add(row, c < atoms_ ? 3 * c + 2 : c + 2 * atoms_, per_kt * sum[static_cast<std::size_t>(c)]);
    }
  }
  visit_others(at, [&](std::span<const Slope> slopes, double, double weight) {
    for (const Slope& a : slopes) {
      for (const Slope& b : slopes) add(a.unknown, b.unknown, weight * a.value * b.value);
    }
  });
}

double SheetPrior::stretching(std::span<const double> at) const {
  const Array<double, 2> rows = relaxation(at);
  return std::inner_product(&rows(0, 0), &rows(0, 0) + 2 * atoms_, &rows(1, 0), 0.0);
}

std::array<double, 2> SheetPrior::bond_statistics(std::span<const double> at) const {
  std::array<Slope, 10> slopes;
  double sum = 0.0, square = 0.0;
  for (const Bond& bond : bonds_) {
    const double length =
        bond_misfit(bond, at, slopes) + at[static_cast<std::size_t>(bond.reference)];
    sum += length;
    square += length * length;
  }
  const double count = std::max<double>(1.0, static_cast<double>(bonds_.size()));
  const double mean = sum / count;
  return {mean, std::sqrt(std::max(0.0, square / count - mean * mean))};
}

}  // namespace kinema::atoms
