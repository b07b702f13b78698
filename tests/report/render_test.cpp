// 3D pictures against geometry: where things are seen, how large, and what hides what.
#include "kinema/report/scene.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace kinema::report {
namespace {

constexpr double degree = std::numbers::pi / 180.0;

/// 20 pixels an angstrom, the target in the middle.
Camera camera_of(double field_of_view, const Rotation& direction = {}) {
  Camera camera;
  camera.view_from_world = direction;
  camera.target = {1.0, -2.0, 3.0};
  camera.scale = 20.0;
  camera.field_of_view = field_of_view;
  camera.width = 400;
  camera.height = 300;
  camera.centre = {210.0, 140.0};
  return camera;
}

Ball ball_at_target(double radius) {
  return {{1.0, -2.0, 3.0}, radius, {1.0F, 0.0F, 0.0F}};
}

Index seen_pixels(const Array<float, 2>& depth) {
  return std::count_if(
      depth.flat().begin(), depth.flat().end(), [](float z) { return std::isfinite(z); });
}

TEST(Camera, UnprojectingWhatIsProjectedGoesBack) {
  for (const double field_of_view : {0.0, 30.0 * degree, 70.0 * degree}) {
    const Camera camera = camera_of(field_of_view, orbit(37.0 * degree, 24.0 * degree));
    for (const Vec3& place : {Vec3{0.0, 0.0, 0.0}, Vec3{1.0, -2.0, 3.0}, Vec3{-4.0, 2.5, 1.5}}) {
      const Vec3 back = unproject(camera, project(camera, place));
      for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(back[i], place[i], 1e-12);
    }
  }
}

TEST(Camera, LooksAlongTheBeamAsFramesAreShown) {
  const Rotation beam = orbit(0.0, -90.0 * degree);
  const Vec3 x = beam * Vec3{1.0, 0.0, 0.0}, y = beam * Vec3{0.0, 1.0, 0.0};
  EXPECT_NEAR(x[0], 1.0, 1e-12);   // to the right
  EXPECT_NEAR(y[1], -1.0, 1e-12);  // down
  const Vec3 up = orbit(1.1, 0.4) * Vec3{0.0, 0.0, 1.0};
  EXPECT_NEAR(up[0], 0.0, 1e-12);  // z stays upright from every azimuth
  EXPECT_GT(up[1], 0.0);
}

TEST(Camera, FramesPointsFromEveryDirection) {
  std::vector<Vec3> points;
  for (int i = 0; i < 50; ++i) points.push_back({2.0 * i, 0.1 * i * i, std::sin(0.5 * i)});
  std::vector<Rotation> directions;
  for (int i = 0; i < 12; ++i) directions.push_back(orbit(30.0 * degree * i, 25.0 * degree));
  const Margins margins{10.0, 60.0, 20.0, 30.0};
  Camera camera = camera_of(25.0 * degree);
  frame_points(camera, points, 0.5, directions, margins);
  double tightest = 1e9;
  for (const Rotation& direction : directions) {
    camera.view_from_world = direction;
    for (const Vec3& point : points) {
      const Seen seen = project(camera, point);
      for (const double room : {seen.x - 10.0, 340.0 - seen.x, seen.y - 20.0, 270.0 - seen.y}) {
        EXPECT_GT(room, 0.0);
        tightest = std::min(tightest, room);
      }
    }
  }
  EXPECT_LT(tightest, 2.0 * 0.5 * camera.scale);
}

TEST(Render, ABallCoversTheAreaAndReachesTheHeightThatGeometrySays) {
  Scene scene;
  scene.balls.push_back(ball_at_target(3.0));
  const Array<float, 2> flat = depth_map(scene, camera_of(0.0));
  const double area = std::numbers::pi * 60.0 * 60.0;  // pixels
  EXPECT_NEAR(static_cast<double>(seen_pixels(flat)), area, 0.005 * area);
  EXPECT_NEAR(flat(140, 210), 3.0, 1e-3);
  EXPECT_NEAR(flat(140, 240), std::sqrt(9.0 - 1.525 * 1.525), 2e-3);

  // From an eye at distance d the outline is the cone that touches the ball.
  const Camera near = camera_of(50.0 * degree);
  const double d = 1.0 / near.nearness();
  const double outline = 20.0 * 3.0 * d / std::sqrt(d * d - 9.0);
  const Array<float, 2> seen = depth_map(scene, near);
  const double larger = std::numbers::pi * outline * outline;
  EXPECT_NEAR(static_cast<double>(seen_pixels(seen)), larger, 0.005 * larger);
  EXPECT_NEAR(seen(140, 210), 3.0, 1e-3);
}

TEST(Render, WhatIsNearerHidesWhatIsBehindWhateverTheOrder) {
  const Ball front{{1.0, -2.0, 8.0}, 1.0, {0.0F, 0.0F, 1.0F}};
  const Ball back{{1.0, -2.0, -2.0}, 3.0, {1.0F, 0.0F, 0.0F}};
  for (const auto& balls : {std::vector{front, back}, std::vector{back, front}}) {
    Scene scene;
    scene.balls = balls;
    const Picture picture = render(scene, camera_of(0.0));
    EXPECT_GT(picture(140, 210, 2), 2 * picture(140, 210, 0));  // blue in the middle
    EXPECT_GT(picture(140, 250, 0), 2 * picture(140, 250, 2));  // red around it
    EXPECT_EQ(picture(5, 5, 0), 255);                           // white elsewhere
  }
}

TEST(Render, AStickHasItsThicknessAndTwoColours) {
  Scene scene;
  scene.sticks.push_back(
      {{-4.0, -2.0, 3.0}, {6.0, -2.0, 3.0}, 0.5, {1.0F, 0.0F, 0.0F}, {0.0F, 0.0F, 1.0F}});
  const Array<float, 2> depth = depth_map(scene, camera_of(0.0));
  EXPECT_NEAR(static_cast<double>(seen_pixels(depth)), 200.0 * 20.0, 0.02 * 4000.0);
  EXPECT_NEAR(depth(140, 210), 0.5, 2e-3);
  const Picture picture = render(scene, camera_of(0.0));
  EXPECT_GT(picture(140, 150, 0), picture(140, 150, 2));
  EXPECT_GT(picture(140, 270, 2), picture(140, 270, 0));
}

TEST(Render, CrevicesAreDarkerThanOpenGround) {
  Scene scene;
  for (int i = -6; i <= 6; ++i) {
    for (int j = -6; j <= 6; ++j) {
      if (i == 0 && j == 0) continue;  // a hole, its floor below
      scene.balls.push_back({{1.0 + i, -2.0 + j, 3.0}, 0.7, {0.8F, 0.8F, 0.8F}});
    }
  }
  scene.balls.push_back({{1.0, -2.0, 2.0}, 0.7, {0.8F, 0.8F, 0.8F}});
  const Picture with = render(scene, camera_of(0.0), {.edges = 0.0});
  const Picture without = render(scene, camera_of(0.0), {.occlusion = 0.0, .edges = 0.0});
  EXPECT_LT(with(140, 210, 0), 0.8 * without(140, 210, 0));  // the floor
  EXPECT_GT(with(140, 230, 0), 0.9 * without(140, 230, 0));  // on top of its neighbour
}

/// A density that falls by 1 an angstrom from the middle of the box, where it is `radius`.
Volume cone(Index size, double voxel, double radius) {
  Volume volume{Array<float, 3>({size, size, size}), {voxel}, {-3.0, 5.0, 1.0}};
  const double middle = 0.5 * static_cast<double>(size - 1);
  for (Index z = 0; z < size; ++z) {
    for (Index y = 0; y < size; ++y) {
      for (Index x = 0; x < size; ++x) {
        const double r = voxel * std::hypot(x - middle, y - middle, z - middle);
        volume.density(z, y, x) = static_cast<float>(radius - r);
      }
    }
  }
  return volume;
}

/// Sum of the signed volumes of tetrahedra between the origin and the triangles.
double enclosed(const Surface& surface) {
  double sum = 0.0;
  for (const auto& [i, j, k] : surface.triangles) {
    const Vec3 &a = surface.points[i], &b = surface.points[j], &c = surface.points[k];
    sum += a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) +
           a[2] * (b[0] * c[1] - b[1] * c[0]);
  }
  return sum / 6.0;
}

TEST(Isosurface, OfABallHasItsRadiusItsNormalsAndItsVolume) {
  constexpr double radius = 14.0, voxel = 1.5;
  // Between voxels a ball's trilinear density lies below its own by up to h^2 / 8 of each axis'
  // curvature.
  constexpr double bulge = voxel * voxel / 8.0 * 2.0 / radius;
  const Volume volume = cone(32, voxel, radius);
  for (const Index factor : {1, 2}) {
    const Surface surface = isosurface(factor == 1 ? volume : refined(volume, factor), 0.0);
    ASSERT_GT(surface.points.size(), 1000U);
    const double middle = 0.5 * 31.0 * voxel;
    for (std::size_t i = 0; i < surface.points.size(); ++i) {
      const Vec3& p = surface.points[i];
      const Vec3 from{p[0] + 3.0 - middle, p[1] - 5.0 - middle, p[2] - 1.0 - middle};
      const double r = std::hypot(from[0], from[1], from[2]);
      EXPECT_NEAR(r, radius, 1.05 * bulge);
      const Vec3& n = surface.normals[i];
      EXPECT_GT((n[0] * from[0] + n[1] * from[1] + n[2] * from[2]) / r, 0.995);
    }
    const double ball = 4.0 / 3.0 * std::numbers::pi * radius * radius * radius;
    EXPECT_NEAR(enclosed(surface), ball, 0.015 * ball);  // closed, and turned outwards
  }
}

TEST(Isosurface, IsSeenWithItsRadius) {
  const Volume volume = cone(32, 1.5, 14.0);
  Scene scene;
  scene.surfaces.push_back(isosurface(volume, 4.0));  // where the radius is 10
  Camera camera = camera_of(0.0, orbit(0.3, 0.5));
  camera.scale = 8.0;
  for (std::size_t i = 0; i < 3; ++i) camera.target[i] = volume.origin[i] + 0.5 * 31.0 * 1.5;
  const Array<float, 2> depth = depth_map(scene, camera);
  const double area = std::numbers::pi * 80.0 * 80.0;
  EXPECT_NEAR(static_cast<double>(seen_pixels(depth)), area, 0.015 * area);
  EXPECT_NEAR(depth(140, 210), 10.0, 0.08);
}

TEST(Isosurface, OfNothingIsEmpty) {
  const Volume flat{Array<float, 3>({8, 8, 8}), {1.0}, {}};
  EXPECT_TRUE(isosurface(flat, 0.5).triangles.empty());
  const Volume thin{Array<float, 3>({1, 8, 8}), {1.0}, {}};
  EXPECT_TRUE(isosurface(thin, 0.5).triangles.empty());
}

TEST(Refined, KeepsTheValuesThatWereThere) {
  const Volume coarse = cone(6, 2.0, 5.0);
  const Volume fine = refined(coarse, 3);
  ASSERT_EQ(fine.density.shape(), (Shape<3>{16, 16, 16}));
  EXPECT_DOUBLE_EQ(fine.voxel_size.value, 2.0 / 3.0);
  for (Index z = 0; z < 6; ++z) {
    for (Index y = 0; y < 6; ++y) {
      for (Index x = 0; x < 6; ++x) {
        EXPECT_NEAR(fine.density(3 * z, 3 * y, 3 * x), coarse.density(z, y, x), 1e-5);
      }
    }
  }
}

}  // namespace
}  // namespace kinema::report
