// Honeycombs, changes of bonds, and the rings of a net.
#include "kinema/simulate/carbon_net.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <set>
#include <stdexcept>

namespace kinema::simulate {
namespace {

void bond(CarbonNet& net, int a, int b) {
  net.bonded[a].push_back(b);
  net.bonded[b].push_back(a);
}

void unbond(CarbonNet& net, int a, int b) {
  std::erase(net.bonded[a], b);
  std::erase(net.bonded[b], a);
}

/// Bonds of a net whose atoms are not yet bonded: every pair nearer than `reach`.
void bond_neighbours(CarbonNet& net, double reach) {
  std::vector<int> order(net.at.size());
  for (int i = 0; i < net.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](int a, int b) { return net.at[a].x < net.at[b].x; });
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = i + 1; j < order.size(); ++j) {
      const Vec2 way = net.at[order[j]] - net.at[order[i]];
      if (way.x > reach) break;
      if (norm(way) < reach) bond(net, order[i], order[j]);
    }
  }
}

double cross(Vec2 a, Vec2 b) {
  return a.x * b.y - a.y * b.x;
}

double dot(Vec2 a, Vec2 b) {
  return a.x * b.x + a.y * b.y;
}

/// Neighbours of `atom` but `other`, the one to the left of `axis` first.
std::array<int, 2> sides(const CarbonNet& net, int atom, int other, Vec2 axis) {
  std::vector<int> rest;
  for (const int n : net.bonded[atom]) {
    if (n != other) rest.push_back(n);
  }
  if (rest.size() != 2) throw std::logic_error("this bond has not three bonds at each end");
  if (cross(axis, net.way(atom, rest[0])) < cross(axis, net.way(atom, rest[1]))) {
    std::swap(rest[0], rest[1]);
  }
  return {rest[0], rest[1]};
}

}  // namespace

int CarbonNet::count() const {
  return static_cast<int>(std::count(present.begin(), present.end(), true));
}

int CarbonNet::bonds() const {
  std::size_t ends = 0;
  for (const auto& list : bonded) ends += list.size();
  return static_cast<int>(ends / 2);
}

Vec2 CarbonNet::way(int a, int b) const {
  Vec2 way = at[b] - at[a];
  if (period) {
    way.x -= period->x * std::nearbyint(way.x / period->x);
    way.y -= period->y * std::nearbyint(way.y / period->y);
  }
  return way;
}

CarbonNet honeycomb(Vec2 low, Vec2 high, double angle) {
  const double a = bond_length * std::numbers::sqrt3, c = std::cos(angle), s = std::sin(angle);
  const Vec2 middle = 0.5 * (low + high);
  const double reach = 0.5 * norm(high - low) + 2.0 * a;
  const int cells = static_cast<int>(std::ceil(reach / (1.5 * bond_length))) + 1;
  CarbonNet net;
  for (int row = -cells; row <= cells; ++row) {
    for (int column = -2 * cells; column <= 2 * cells; ++column) {
      for (const double up : {0.0, 0.5}) {
        const Vec2 p{a * (column + 0.5 * (row % 2) + 0.5 - up), bond_length * (1.5 * row + up)};
        const Vec2 at{middle.x + c * p.x - s * p.y, middle.y + s * p.x + c * p.y};
        if (at.x < low.x || at.x > high.x || at.y < low.y || at.y > high.y) continue;
        net.at.push_back(at);
      }
    }
  }
  net.present.assign(net.at.size(), true);
  net.bonded.resize(net.at.size());
  bond_neighbours(net, 1.2 * bond_length);
  return net;
}

CarbonNet periodic_honeycomb(int columns, int rows, Period period) {
  CarbonNet net;
  net.period = period;
  const double width = period.x / columns, height = period.y / rows;
  constexpr std::array<Vec2, 4> cell{
      Vec2{0.0, 0.0}, Vec2{0.5, 1.0 / 6}, Vec2{0.5, 0.5}, Vec2{0.0, 2.0 / 3}};
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      for (const Vec2 at : cell) {
        net.at.push_back({width * (column + at.x), height * (row + at.y)});
      }
    }
  }
  net.present.assign(net.at.size(), true);
  net.bonded.resize(net.at.size());
  for (int a = 0; a < net.size(); ++a) {
    for (int b = a + 1; b < net.size(); ++b) {
      if (norm(net.way(a, b)) < 1.2 * bond_length) bond(net, a, b);
    }
  }
  return net;
}

void remove_atom(CarbonNet& net, int atom) {
  const std::vector<int> neighbours = net.bonded[atom];
  for (const int n : neighbours) unbond(net, atom, n);
  net.present[atom] = false;
}

void trim(CarbonNet& net) {
  for (bool again = true; again;) {
    again = false;
    for (int i = 0; i < net.size(); ++i) {
      if (!net.present[i] || net.coordination(i) >= 2) continue;
      remove_atom(net, i);
      again = true;
    }
  }
}

CarbonNet compact(const CarbonNet& net) {
  std::vector<int> number(net.at.size(), -1);
  CarbonNet out;
  out.period = net.period;
  for (int i = 0; i < net.size(); ++i) {
    if (!net.present[i]) continue;
    number[i] = out.size();
    out.at.push_back(net.at[i]);
  }
  out.present.assign(out.at.size(), true);
  for (int i = 0; i < net.size(); ++i) {
    if (!net.present[i]) continue;
    out.bonded.emplace_back();
    for (const int n : net.bonded[i]) out.bonded.back().push_back(number[n]);
  }
  return out;
}

void rotate_bond(CarbonNet& net, int a, int b) {
  const Vec2 axis = net.way(a, b);
  const auto [a_left, a_right] = sides(net, a, b, axis);
  const auto [b_left, b_right] = sides(net, b, a, axis);
  unbond(net, a, a_right);
  unbond(net, b, b_left);
  bond(net, a, b_left);
  bond(net, b, a_right);
  const Vec2 middle = net.at[a] + 0.5 * axis;
  const Vec2 left{-0.5 * axis.y, 0.5 * axis.x};
  net.at[a] = middle + left;
  net.at[b] = middle - left;
}

void remove_pair(CarbonNet& net, int a, int b) {
  const Vec2 axis = net.way(a, b);
  const auto [a_left, a_right] = sides(net, a, b, axis);
  const auto [b_left, b_right] = sides(net, b, a, axis);
  remove_atom(net, a);
  remove_atom(net, b);
  bond(net, a_left, a_right);
  bond(net, b_left, b_right);
}

std::vector<int> ring_sizes(const CarbonNet& net) {
  // Walk every bond in both directions, turning as sharply as possible: each face once.
  constexpr int largest = 12;
  std::vector<int> counts(largest + 1, 0);
  std::set<std::pair<int, int>> walked;
  const auto next_of = [&](int from, int at) {
    const Vec2 back = net.way(at, from);
    int best = from;
    double smallest = 2.0 * std::numbers::pi;
    for (const int n : net.bonded[at]) {
      if (n == from) continue;
      const Vec2 on = net.way(at, n);
      double angle = std::atan2(cross(back, on), dot(back, on));
      if (angle <= 0.0) angle += 2.0 * std::numbers::pi;
      if (angle < smallest) {
        smallest = angle;
        best = n;
      }
    }
    return best;
  };
  for (int i = 0; i < net.size(); ++i) {
    for (const int j : net.bonded[i]) {
      int from = i, at = j, length = 0;
      double area = 0.0;
      Vec2 place{0.0, 0.0};
      while (walked.insert({from, at}).second) {
        const Vec2 step = net.way(from, at);
        area += cross(place, place + step);
        place = place + step;
        ++length;
        const int next = next_of(from, at);
        from = at;
        at = next;
      }
      // Sharp turns to one side go round a face in one sense, and round the outside in the other.
      if (length > 2 && length <= largest && area < 0.0) ++counts[length];
    }
  }
  return counts;
}

}  // namespace kinema::simulate
