#include "kinema/atoms/local_shape.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <set>

namespace kinema::atoms {
namespace {

double dot(const Vec3& a, const Vec3& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

Vec3 cross(const Vec3& a, const Vec3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

Vec3 unit(const Vec3& v) {
  const double size = std::sqrt(dot(v, v));
  return {v[0] / size, v[1] / size, v[2] / size};
}

Vec3 shift(const Vec3& from, const Vec3& to, const Vec2& period) {
  const Vec2 d = nearest_shift({to[0], to[1]}, {from[0], from[1]}, period);
  return {d[0], d[1], to[2] - from[2]};
}

/// The plane that touches the sheet at an atom: its normal (upwards) and axes along the
/// projections of x and y.
struct Tangent {
  Vec3 normal, along_x, along_y;
};

Tangent tangent(const std::vector<Vec3>& bonds) {
  Vec3 normal =
      unit({cross(unit(bonds[0]), unit(bonds[1]))[0] + cross(unit(bonds[1]), unit(bonds[2]))[0] +
                cross(unit(bonds[2]), unit(bonds[0]))[0],
            cross(unit(bonds[0]), unit(bonds[1]))[1] + cross(unit(bonds[1]), unit(bonds[2]))[1] +
                cross(unit(bonds[2]), unit(bonds[0]))[1],
            cross(unit(bonds[0]), unit(bonds[1]))[2] + cross(unit(bonds[1]), unit(bonds[2]))[2] +
                cross(unit(bonds[2]), unit(bonds[0]))[2]});
  if (normal[2] < 0.0) normal = {-normal[0], -normal[1], -normal[2]};
  const Vec3 y = unit(cross(normal, {1.0, 0.0, 0.0}));
  return {normal, cross(y, normal), y};
}

/// Green strain of three bonds (in the tangent plane, as complex numbers) against three bonds of
/// length `reference` 120 degrees apart that are turned to fit best. A shift of the atom against
/// its neighbours, which is no strain, drops out with the mean.
void set_strain(LocalShape& shape, std::vector<std::complex<double>> bonds, double reference) {
  std::ranges::sort(bonds, {}, [](const auto& u) { return std::arg(u); });
  const std::complex<double> mean = (bonds[0] + bonds[1] + bonds[2]) / 3.0;
  std::complex<double> turn = 0.0;
  std::array<std::complex<double>, 3> ideal;
  for (std::size_t k = 0; k < 3; ++k) {
    ideal[k] = std::polar(reference, 2.0 * std::numbers::pi * static_cast<double>(k) / 3.0);
    turn += (bonds[k] - mean) * std::conj(ideal[k]);
  }
  turn /= std::abs(turn);
  double f[2][2] = {{0.0, 0.0}, {0.0, 0.0}};  // sum u e^T over 3/2 reference^2
  for (std::size_t k = 0; k < 3; ++k) {
    const std::complex<double> u = bonds[k] - mean, e = turn * ideal[k];
    const double scale = 1.0 / (1.5 * reference * reference);
    f[0][0] += scale * u.real() * e.real();
    f[0][1] += scale * u.real() * e.imag();
    f[1][0] += scale * u.imag() * e.real();
    f[1][1] += scale * u.imag() * e.imag();
  }
  shape.xx = 0.5 * (f[0][0] * f[0][0] + f[1][0] * f[1][0] - 1.0);
  shape.yy = 0.5 * (f[0][1] * f[0][1] + f[1][1] * f[1][1] - 1.0);
  shape.xy = 0.5 * (f[0][0] * f[0][1] + f[1][0] * f[1][1]);
}

double pyramidalisation(const std::vector<Vec3>& bonds) {
  const Vec3 a = unit(bonds[0]), b = unit(bonds[1]), c = unit(bonds[2]);
  // The axis that makes one angle with all three bonds is normal to their differences.
  Vec3 axis =
      unit(cross({b[0] - a[0], b[1] - a[1], b[2] - a[2]}, {c[0] - a[0], c[1] - a[1], c[2] - a[2]}));
  if (axis[2] < 0.0) axis = {-axis[0], -axis[1], -axis[2]};
  return std::acos(std::clamp(dot(axis, a), -1.0, 1.0)) - 0.5 * std::numbers::pi;
}

/// Solves the normal equations of n unknowns by elimination; false where they are singular.
template <std::size_t n>
bool solve(std::array<std::array<double, n + 1>, n>& m) {
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k; i < n; ++i) {
      if (std::abs(m[i][k]) > std::abs(m[pivot][k])) pivot = i;
    }
    if (std::abs(m[pivot][k]) < 1e-9) return false;
    std::swap(m[k], m[pivot]);
    for (std::size_t i = 0; i < n; ++i) {
      if (i == k) continue;
      const double factor = m[i][k] / m[k][k];
      for (std::size_t j = k; j <= n; ++j) m[i][j] -= factor * m[k][j];
    }
  }
  for (std::size_t k = 0; k < n; ++k) m[k][n] /= m[k][k];
  return true;
}

/// Mean curvature of h = p0 u^2 + p1 u v + p2 v^2 + p3 u + p4 v + p5 over the tangent plane.
double mean_curvature(const std::vector<Vec3>& around, const Tangent& plane) {
  std::array<std::array<double, 7>, 6> m{};
  for (const Vec3& d : around) {
    const double u = dot(d, plane.along_x), v = dot(d, plane.along_y), h = dot(d, plane.normal);
    const std::array<double, 7> row{u * u, u * v, v * v, u, v, 1.0, h};
    for (std::size_t i = 0; i < 6; ++i) {
      for (std::size_t j = 0; j < 7; ++j) m[i][j] += row[i] * row[j];
    }
  }
  if (!solve(m)) return LocalShape::unknown;
  const double uu = 2.0 * m[0][6], uv = m[1][6], vv = 2.0 * m[2][6], u = m[3][6], v = m[4][6];
  return 0.5 * ((1.0 + v * v) * uu - 2.0 * u * v * uv + (1.0 + u * u) * vv) /
         std::pow(1.0 + u * u + v * v, 1.5);
}

}  // namespace

std::vector<LocalShape> local_shapes(const std::vector<Vec3>& positions,
                                     const Topology& topology,
                                     const Vec2& period,
                                     double reference) {
  std::vector<LocalShape> shapes(positions.size());
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const auto& neighbours = topology.neighbours[i];
    if (neighbours.size() < 3) continue;
    std::vector<Vec3> bonds, around{{0.0, 0.0, 0.0}};
    std::set<int> close(neighbours.begin(), neighbours.end());
    double sum = 0.0;
    for (const int j : neighbours) {
      bonds.push_back(shift(positions[i], positions[static_cast<std::size_t>(j)], period));
      sum += std::sqrt(dot(bonds.back(), bonds.back()));
      const auto& further = topology.neighbours[static_cast<std::size_t>(j)];
      close.insert(further.begin(), further.end());
    }
    close.erase(static_cast<int>(i));
    for (const int j : close) {
      around.push_back(shift(positions[i], positions[static_cast<std::size_t>(j)], period));
    }
    const Tangent plane = tangent(bonds);
    std::vector<std::complex<double>> flat;
    for (const Vec3& bond : bonds)
      flat.emplace_back(dot(bond, plane.along_x), dot(bond, plane.along_y));
    LocalShape& shape = shapes[i];
    shape.bond = sum / 3.0;
    set_strain(shape, flat, reference);
    shape.pyramid = pyramidalisation(bonds);
    shape.curvature = mean_curvature(around, plane);
  }
  return shapes;
}

BondsAndAngles bonds_and_angles(const std::vector<Vec3>& positions,
                                const Topology& topology,
                                const Vec2& period) {
  BondsAndAngles found;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const auto& neighbours = topology.neighbours[i];
    for (std::size_t a = 0; a < neighbours.size(); ++a) {
      const Vec3 u =
          shift(positions[i], positions[static_cast<std::size_t>(neighbours[a])], period);
      if (neighbours[a] > static_cast<int>(i)) found.lengths.push_back(std::sqrt(dot(u, u)));
      for (std::size_t b = 0; b < a; ++b) {
        const Vec3 v =
            shift(positions[i], positions[static_cast<std::size_t>(neighbours[b])], period);
        found.angles.push_back(std::acos(std::clamp(dot(unit(u), unit(v)), -1.0, 1.0)));
      }
    }
  }
  return found;
}

}  // namespace kinema::atoms
