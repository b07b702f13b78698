// Rotations: products, RELION's angles, random ones.
#include "kinema/data/pose.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kinema {
namespace {

/// The rotation of a unit quaternion (w, x, y, z).
Rotation from_quaternion(double w, double x, double y, double z) {
  return {{1 - 2 * (y * y + z * z),
           2 * (x * y - w * z),
           2 * (x * z + w * y),
           2 * (x * y + w * z),
           1 - 2 * (x * x + z * z),
           2 * (y * z - w * x),
           2 * (x * z - w * y),
           2 * (y * z + w * x),
           1 - 2 * (x * x + y * y)}};
}

}  // namespace

Vec3 Rotation::operator*(const Vec3& v) const {
  Vec3 out{};
  for (int i = 0; i < 3; ++i) {
    out[static_cast<std::size_t>(i)] = at(i, 0) * v[0] + at(i, 1) * v[1] + at(i, 2) * v[2];
  }
  return out;
}

Rotation Rotation::operator*(const Rotation& other) const {
  Rotation out;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      out.rows[static_cast<std::size_t>(3 * i + j)] =
          at(i, 0) * other.at(0, j) + at(i, 1) * other.at(1, j) + at(i, 2) * other.at(2, j);
    }
  }
  return out;
}

Rotation Rotation::inverse() const {
  return {{rows[0], rows[3], rows[6], rows[1], rows[4], rows[7], rows[2], rows[5], rows[8]}};
}

Rotation rotation_of(const EulerAngles& angles) {
  const double ca = std::cos(angles.rot), sa = std::sin(angles.rot);
  const double cb = std::cos(angles.tilt), sb = std::sin(angles.tilt);
  const double cg = std::cos(angles.psi), sg = std::sin(angles.psi);
  return {{cg * cb * ca - sg * sa,
           cg * cb * sa + sg * ca,
           -cg * sb,
           -sg * cb * ca - cg * sa,
           -sg * cb * sa + cg * ca,
           sg * sb,
           sb * ca,
           sb * sa,
           cb}};
}

EulerAngles euler_angles(const Rotation& rotation) {
  const double sine = std::hypot(rotation.at(2, 0), rotation.at(2, 1));
  EulerAngles angles{.tilt = std::atan2(sine, rotation.at(2, 2))};
  if (sine > 1e-8) {
    angles.rot = std::atan2(rotation.at(2, 1), rotation.at(2, 0));
    angles.psi = std::atan2(rotation.at(1, 2), -rotation.at(0, 2));
  } else {
    angles.psi = std::atan2(-rotation.at(1, 0), rotation.at(1, 1));
  }
  return angles;
}

Rotation rotation_about(const Vec3& turn) {
  const double angle = std::hypot(turn[0], turn[1], turn[2]);
  const double s = angle > 1e-12 ? std::sin(angle / 2) / angle : 0.5;
  return from_quaternion(std::cos(angle / 2), s * turn[0], s * turn[1], s * turn[2]);
}

double angle_between(const Rotation& a, const Rotation& b) {
  double trace = 0.0;
  for (std::size_t i = 0; i < 9; ++i) trace += a.rows[i] * b.rows[i];
  return std::acos(std::clamp((trace - 1.0) / 2.0, -1.0, 1.0));
}

Rotation random_rotation(Rng& rng) {
  // Shoemake, Graphics Gems III (1992): a uniform unit quaternion.
  const double u = rng.uniform(), v = 2 * std::numbers::pi * rng.uniform(),
               w = 2 * std::numbers::pi * rng.uniform();
  const double a = std::sqrt(1 - u), b = std::sqrt(u);
  return from_quaternion(a * std::sin(v), a * std::cos(v), b * std::sin(w), b * std::cos(w));
}

}  // namespace kinema
