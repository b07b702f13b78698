#include "kinema/atoms/topology.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

namespace kinema::atoms {
namespace {

constexpr double area_per_atom = 0.75 * std::numbers::sqrt3 *  // square angstrom
                                 bond_length * bond_length;
constexpr double cut_depth = 3.0;  // angstrom: hexagons are cut by a border so near
constexpr std::size_t largest_ring = 8;
constexpr int largest_vacancy = 6;  // atoms; a larger hole has edges of its own

struct Pair {
  double length;
  int a, b;
};

/// All pairs within the longest bond, by a grid of cells of that size.
std::vector<Pair> close_pairs(const std::vector<Vec2>& positions, const Bounds& bounds) {
  std::map<std::pair<Index, Index>, std::vector<int>> cells;
  std::array<Index, 2> count{};
  Vec2 size{longest_bond, longest_bond};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    if (bounds.period[axis] <= 0.0) continue;
    count[axis] = std::max<Index>(1, static_cast<Index>(bounds.period[axis] / longest_bond));
    size[axis] = bounds.period[axis] / static_cast<double>(count[axis]);
  }
  const auto cell = [&](const Vec2& at, std::size_t axis, Index step) {
    const Index i = static_cast<Index>(std::floor(at[axis] / size[axis])) + step;
    return count[axis] > 0 ? ((i % count[axis]) + count[axis]) % count[axis] : i;
  };
  for (std::size_t i = 0; i < positions.size(); ++i) {
    cells[{cell(positions[i], 1, 0), cell(positions[i], 0, 0)}].push_back(static_cast<int>(i));
  }
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    std::vector<int> others;
    for (Index dy = -1; dy <= 1; ++dy) {
      for (Index dx = -1; dx <= 1; ++dx) {
        const auto found = cells.find({cell(positions[i], 1, dy), cell(positions[i], 0, dx)});
        if (found == cells.end()) continue;
        others.insert(others.end(), found->second.begin(), found->second.end());
      }
    }
    std::ranges::sort(others);
    others.erase(std::unique(others.begin(), others.end()), others.end());
    for (const int j : others) {
      if (j <= static_cast<int>(i)) continue;
      const Vec2 d =
          nearest_shift(positions[static_cast<std::size_t>(j)], positions[i], bounds.period);
      const double length = std::hypot(d[0], d[1]);
      if (length < longest_bond) pairs.push_back({length, static_cast<int>(i), j});
    }
  }
  std::ranges::sort(pairs, {}, &Pair::length);
  return pairs;
}

/// A face of the graph, walked with the face to the left.
struct Face {
  std::vector<int> atoms;
  double area = 0.0;  // signed: negative for the outside
  Vec2 centre{};
};

/// Neighbours of each atom by the angle of their bonds.
std::vector<std::vector<int>> by_angle(const std::vector<Vec2>& positions,
                                       const std::vector<std::vector<int>>& neighbours,
                                       const Vec2& period) {
  std::vector<std::vector<int>> sorted = neighbours;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const auto angle = [&](int j) {
      const Vec2 d = nearest_shift(positions[static_cast<std::size_t>(j)], positions[i], period);
      return std::atan2(d[1], d[0]);
    };
    std::ranges::sort(sorted[i], {}, angle);
  }
  return sorted;
}

/// Walks along the half bond `from` -> `to` and on until it comes round.
Face walk(const std::vector<Vec2>& positions,
          const std::vector<std::vector<int>>& around,
          const Vec2& period,
          std::map<std::pair<int, int>, bool>& walked,
          int from,
          int to) {
  Face face;
  Vec2 here{}, sum{};
  const Vec2 origin = positions[static_cast<std::size_t>(from)];
  while (!walked[{from, to}]) {
    walked[{from, to}] = true;
    face.atoms.push_back(from);
    sum = {sum[0] + here[0], sum[1] + here[1]};
    const Vec2 d = nearest_shift(
        positions[static_cast<std::size_t>(to)], positions[static_cast<std::size_t>(from)], period);
    face.area += 0.5 * (here[0] * d[1] - here[1] * d[0]);
    here = {here[0] + d[0], here[1] + d[1]};
    const auto& turn = around[static_cast<std::size_t>(to)];
    const auto back = std::ranges::find(turn, from) - turn.begin();
    const auto size = static_cast<std::ptrdiff_t>(turn.size());
    from = std::exchange(to, turn[static_cast<std::size_t>((back + size - 1) % size)]);
  }
  const double count = static_cast<double>(face.atoms.size());
  face.centre = {origin[0] + sum[0] / count, origin[1] + sum[1] / count};
  return face;
}

std::vector<Face> faces(const std::vector<Vec2>& positions,
                        const std::vector<std::vector<int>>& neighbours,
                        const Vec2& period) {
  const auto around = by_angle(positions, neighbours, period);
  std::map<std::pair<int, int>, bool> walked;
  std::vector<Face> found;
  for (std::size_t i = 0; i < around.size(); ++i) {
    for (const int j : around[i]) {
      const int from = static_cast<int>(i);
      if (!walked[{from, j}]) found.push_back(walk(positions, around, period, walked, from, j));
    }
  }
  return found;
}

/// Atoms missing from a face: what its area holds beyond its own share of its corners.
int missing_in(const Face& face) {
  const double held =
      face.area / area_per_atom - 0.5 * static_cast<double>(face.atoms.size()) + 1.0;
  return static_cast<int>(std::lround(held));
}

bool is_simple(const Face& face) {
  std::vector<int> atoms = face.atoms;
  std::ranges::sort(atoms);
  return std::ranges::adjacent_find(atoms) == atoms.end();
}

/// Two vacancies that closed into a ring of eight between pentagons left no hole to measure.
bool is_closed_divacancy(const Ring& octagon, const std::vector<Ring>& rings) {
  return std::ranges::count_if(rings, [&](const Ring& ring) {
           return ring.atoms.size() == 5 && std::ranges::count_if(ring.atoms, [&](int atom) {
                                              return std::ranges::count(octagon.atoms, atom) > 0;
                                            }) >= 2;
         }) >= 2;
}

void mark_edge(Topology& topology,
               const Face& face,
               const std::vector<Vec2>& positions,
               const Bounds& bounds) {
  for (const int atom : face.atoms) {
    const auto i = static_cast<std::size_t>(atom);
    const bool cut = bounds.depth && bounds.depth(positions[i]) < cut_depth;
    topology.places[i] = cut ? Place::cut : Place::edge;
  }
}

}  // namespace

Index Topology::count_rings(std::size_t atoms) const {
  return std::ranges::count_if(rings, [&](const Ring& ring) { return ring.atoms.size() == atoms; });
}

Vec2 nearest_shift(const Vec2& a, const Vec2& b, const Vec2& period) {
  Vec2 d{a[0] - b[0], a[1] - b[1]};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    if (period[axis] > 0.0) d[axis] -= period[axis] * std::round(d[axis] / period[axis]);
  }
  return d;
}

Topology connect(const std::vector<Vec2>& positions, const Bounds& bounds) {
  Topology topology;
  topology.neighbours.resize(positions.size());
  topology.places.assign(positions.size(), Place::inside);
  for (const Pair& pair : close_pairs(positions, bounds)) {
    auto& a = topology.neighbours[static_cast<std::size_t>(pair.a)];
    auto& b = topology.neighbours[static_cast<std::size_t>(pair.b)];
    if (a.size() >= 3 || b.size() >= 3) continue;
    a.push_back(pair.b);
    b.push_back(pair.a);
  }
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (topology.neighbours[i].empty()) topology.places[i] = Place::edge;
  }
  for (Face& face : faces(positions, topology.neighbours, bounds.period)) {
    const int missing = missing_in(face);
    if (face.area <= 0.0 || missing > largest_vacancy) {
      mark_edge(topology, face, positions, bounds);
    } else if (face.atoms.size() <= largest_ring && is_simple(face)) {
      topology.rings.push_back({std::move(face.atoms), face.centre});
    } else if (missing > 0) {
      topology.vacancies.push_back({std::move(face.atoms), face.centre, missing});
    }
  }
  for (const Ring& ring : topology.rings) {
    if (ring.atoms.size() == 8 && is_closed_divacancy(ring, topology.rings)) {
      topology.vacancies.push_back({ring.atoms, ring.centre, 2});
    }
  }
  return topology;
}

}  // namespace kinema::atoms
