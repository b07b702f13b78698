#include "kinema/atoms/bonding.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kinema::atoms {
namespace {

// Slopes, strain and thermal waves of the sheet leave these spreads to bonds and to the scalar
// product of two of them.
constexpr double bond_sigma = 0.08;  // angstrom
constexpr double bend_sigma = 0.30;  // square angstrom; 9 degrees
constexpr double rarities[] = {14.0, 8.0, 3.0, 0.0};

double dot(const Vec2& a, const Vec2& b) {
  return a[0] * b[0] + a[1] * b[1];
}

}  // namespace

void Pull::add(double misfit, const Vec2& gradient) {
  force[0] -= misfit * gradient[0];
  force[1] -= misfit * gradient[1];
  xx += gradient[0] * gradient[0];
  xy += gradient[0] * gradient[1];
  yy += gradient[1] * gradient[1];
}

Bonding::Bonding(const LatticeFit& lattice) {
  const auto& [g1, g2] = lattice.reciprocal;
  const double edge = std::numbers::sqrt3 * bond_length;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    row_x_[axis] = edge * (g1[axis] - 0.5 * g2[axis]);
    row_y_[axis] = edge * 0.5 * std::numbers::sqrt3 * g2[axis];
  }
}

Vec2 Bonding::ideal(const Vec2& shift) const {
  return {dot(row_x_, shift), dot(row_y_, shift)};
}

Vec2 Bonding::back(const Vec2& gradient) const {
  return {row_x_[0] * gradient[0] + row_y_[0] * gradient[1],
          row_x_[1] * gradient[0] + row_y_[1] * gradient[1]};
}

double Bonding::stretch(const Vec2& bond) const {
  const Vec2 u = ideal(bond);
  return (length(u) - bond_length) / bond_sigma;
}

double Bonding::bend(const Vec2& bond, const Vec2& other) const {
  return (dot(ideal(bond), ideal(other)) + 0.5 * bond_length * bond_length) / bend_sigma;
}

void Bonding::pull_stretch(Pull& pull, const Vec2& bond) const {
  const Vec2 u = ideal(bond);
  const double scale = -1.0 / (std::max(length(u), 1e-6) * bond_sigma);
  pull.add(stretch(bond), back({scale * u[0], scale * u[1]}));
}

void Bonding::pull_bend_middle(Pull& pull, const Vec2& bond, const Vec2& other) const {
  const Vec2 u = ideal(bond), v = ideal(other);
  pull.add(bend(bond, other), back({-(u[0] + v[0]) / bend_sigma, -(u[1] + v[1]) / bend_sigma}));
}

void Bonding::pull_bend_end(Pull& pull, const Vec2& bond, const Vec2& other) const {
  const Vec2 v = ideal(other);
  pull.add(bend(bond, other), back({v[0] / bend_sigma, v[1] / bend_sigma}));
}

double Bonding::rarity(std::size_t bonds) {
  return rarities[std::min<std::size_t>(bonds, 3)];
}

}  // namespace kinema::atoms
