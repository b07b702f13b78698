// Truths of rotations and RELION's angles.
#include "kinema/data/pose.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace kinema {
namespace {

constexpr double right_angle = std::numbers::pi / 2;

TEST(Pose, AnglesOfARotationGiveItBack) {
  Rng rng(1);
  for (int i = 0; i < 100; ++i) {
    const Rotation rotation = random_rotation(rng);
    EXPECT_NEAR(angle_between(rotation, rotation_of(euler_angles(rotation))), 0.0, 1e-7);
  }
  const Rotation flat = rotation_of({.rot = 0.4, .tilt = 0.0, .psi = 0.3});
  EXPECT_NEAR(angle_between(flat, rotation_of(euler_angles(flat))), 0.0, 1e-7);
}

TEST(Pose, PsiTurnsInThePlaneAndTiltShowsTheSide) {
  const Vec3 x{1, 0, 0}, z{0, 0, 1};
  const Vec3 turned = rotation_of({.psi = right_angle}) * x;
  EXPECT_NEAR(turned[1], -1.0, 1e-12);  // as RELION has it: the axes turn, not the body
  const Vec3 tilted = rotation_of({.tilt = right_angle}) * z;
  EXPECT_NEAR(tilted[0], -1.0, 1e-12);
}

TEST(Pose, ATurnAboutAnAxisHasItsAngle) {
  const Rotation turn = rotation_about({0.0, 0.3, 0.4});
  EXPECT_NEAR(angle_between(turn, Rotation{}), 0.5, 1e-12);
  EXPECT_NEAR(angle_between(turn * turn.inverse(), Rotation{}), 0.0, 1e-7);
}

TEST(Pose, RandomRotationsFavourNoDirection) {
  Rng rng(2);
  Vec3 mean{};
  constexpr int count = 4000;
  for (int i = 0; i < count; ++i) {
    const Vec3 v = random_rotation(rng) * Vec3{0, 0, 1};
    for (std::size_t axis = 0; axis < 3; ++axis) mean[axis] += v[axis] / count;
  }
  for (const double m : mean) EXPECT_NEAR(m, 0.0, 4.0 / std::sqrt(3.0 * count));
}

}  // namespace
}  // namespace kinema
