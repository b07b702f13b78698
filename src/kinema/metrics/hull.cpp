#include "kinema/metrics/hull.h"

#include <algorithm>
#include <cmath>

namespace kinema::metrics {
namespace {

using Point = std::array<double, 2>;

double turn(const Point& a, const Point& b, const Point& c) {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

}  // namespace

std::vector<Point> convex_hull(std::span<const Vec3> positions) {
  std::vector<Point> points;
  for (const Vec3& at : positions) points.push_back({at[0], at[1]});
  std::ranges::sort(points);
  points.erase(std::unique(points.begin(), points.end()), points.end());
  if (points.size() < 3) return points;
  std::vector<Point> hull;
  const auto chain = [&](auto first, auto last) {
    const std::size_t base = hull.size();
    for (auto at = first; at != last; ++at) {
      while (hull.size() >= base + 2 && turn(hull[hull.size() - 2], hull.back(), *at) <= 0.0) {
        hull.pop_back();
      }
      hull.push_back(*at);
    }
    hull.pop_back();  // it begins the next chain
  };
  chain(points.begin(), points.end());
  chain(points.rbegin(), points.rend());
  return hull;
}

std::vector<char> inside_hull(std::span<const Vec3> positions, double margin) {
  const std::vector<Point> hull = convex_hull(positions);
  std::vector<char> inside(positions.size(), hull.size() >= 3 ? 1 : 0);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    for (std::size_t a = 0; a < hull.size() && inside[i] != 0; ++a) {
      const Point& p = hull[a];
      const Point& q = hull[(a + 1) % hull.size()];
      const double depth =
          turn(p, q, {positions[i][0], positions[i][1]}) / std::hypot(q[0] - p[0], q[1] - p[1]);
      if (depth <= margin) inside[i] = 0;
    }
  }
  return inside;
}

std::vector<std::array<Index, 2>> close_pairs(std::span<const Vec3> positions,
                                              double distance,
                                              const std::array<double, 2>& period) {
  // Sorted by y, a window of rows holds all partners; with a period it wraps once.
  std::vector<std::pair<double, Index>> rows;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    double y = positions[i][1];
    if (period[1] > 0.0) y -= period[1] * std::floor(y / period[1]);
    rows.emplace_back(y, static_cast<Index>(i));
  }
  std::ranges::sort(rows);
  std::vector<std::array<Index, 2>> pairs;
  const auto consider = [&](Index i, Index j) {
    double squared = 0.0;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      double d = positions[static_cast<std::size_t>(i)][axis] -
                 positions[static_cast<std::size_t>(j)][axis];
      if (axis < 2 && period[axis] > 0.0) d -= period[axis] * std::round(d / period[axis]);
      squared += d * d;
    }
    if (squared < distance * distance) pairs.push_back({std::min(i, j), std::max(i, j)});
  };
  for (std::size_t a = 0; a < rows.size(); ++a) {
    for (std::size_t b = a + 1; b < rows.size() && rows[b].first - rows[a].first < distance; ++b) {
      consider(rows[a].second, rows[b].second);
    }
    if (period[1] <= 0.0) continue;
    for (std::size_t b = 0; b < a && rows[b].first + period[1] - rows[a].first < distance; ++b) {
      if (rows[a].first - rows[b].first >= distance) consider(rows[a].second, rows[b].second);
    }
  }
  std::ranges::sort(pairs);
  return pairs;
}

}  // namespace kinema::metrics
