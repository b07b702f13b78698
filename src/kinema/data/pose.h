// How a molecule lies in a frame, and how the lens imaged that frame.
//
// Angles are RELION's: rot, tilt, psi about Z, Y, Z (Heymann et al., J. Struct. Biol. 151, 2005),
// and a projection runs along the z of the laboratory.
#pragma once

#include "kinema/base/rng.h"
#include "kinema/base/units.h"
#include "kinema/data/atomic_model.h"

#include <array>

namespace kinema {

/// RELION's three angles, in radian.
struct EulerAngles {
  double rot = 0.0, tilt = 0.0, psi = 0.0;
};

/// An orthogonal matrix of determinant 1, row by row.
struct Rotation {
  std::array<double, 9> rows{1, 0, 0, 0, 1, 0, 0, 0, 1};

  double at(int row, int column) const { return rows[static_cast<std::size_t>(3 * row + column)]; }
  Vec3 operator*(const Vec3& v) const;
  Rotation operator*(const Rotation& other) const;
  Rotation inverse() const;
};

/// lab_from_body of RELION's angles, and the angles of a rotation: tilt in [0, pi], rot and psi in
/// (-pi, pi], rot 0 where the two cannot be told apart.
Rotation rotation_of(const EulerAngles& angles);
EulerAngles euler_angles(const Rotation& rotation);

/// The rotation about the direction of `turn` by its length in radian.
Rotation rotation_about(const Vec3& turn);

/// The angle of the rotation between two, in [0, pi].
double angle_between(const Rotation& a, const Rotation& b);

/// Every orientation equally likely.
Rotation random_rotation(Rng& rng);

struct Pose {
  Rotation lab_from_body;
  /// RELION's origin, angstrom (x, y): the shift that brings the particle to the centre. The
  /// particle lies at minus this from pixel (Y/2, X/2).
  std::array<double, 2> shift{};
};

/// The contrast transfer of one frame, as a STAR file tells it.
struct FrameCtf {
  double defocus_u = 0.0, defocus_v = 0.0;  // angstrom, > 0 is underfocus
  double defocus_angle = 0.0;               // radian, of defocus_u from x
  double phase_shift = 0.0;                 // radian, of a phase plate
  double voltage = 300.0;                   // kV
  double cs = 0.0;                          // angstrom
  double amplitude_contrast = 0.1;
  double b_factor = 0.0;  // angstrom^2: times exp(-b_factor k^2 / 4)
  double scale = 1.0;
};

}  // namespace kinema
