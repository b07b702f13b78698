#include "kinema/report/camera.h"

#include <algorithm>
#include <cmath>

namespace kinema::report {
namespace {

/// Pixels that something takes from the centre.
struct Extent {
  double left = 1e30, right = -1e30, top = 1e30, bottom = -1e30;
};

Extent extent_of(Camera camera,
                 std::span<const Vec3> points,
                 double radius,
                 std::span<const Rotation> directions) {
  Extent extent;
  for (const Rotation& direction : directions) {
    camera.view_from_world = direction;
    for (const Vec3& point : points) {
      const Seen seen = project(camera, point);
      const double shrink = std::max(1.0 - camera.nearness() * (seen.depth + radius), 0.1);
      const double pixels = radius * camera.scale / shrink;
      extent.left = std::min(extent.left, seen.x - pixels);
      extent.right = std::max(extent.right, seen.x + pixels);
      extent.top = std::min(extent.top, seen.y - pixels);
      extent.bottom = std::max(extent.bottom, seen.y + pixels);
    }
  }
  return extent;
}

}  // namespace

double Camera::nearness() const {
  if (field_of_view <= 0.0) return 0.0;
  return 2.0 * std::tan(0.5 * field_of_view) * scale / static_cast<double>(height);
}

Vec3 to_view(const Camera& camera, const Vec3& world) {
  return camera.view_from_world * Vec3{world[0] - camera.target[0],
                                       world[1] - camera.target[1],
                                       world[2] - camera.target[2]};
}

Seen project(const Camera& camera, const Vec3& world) {
  const Vec3 view = to_view(camera, world);
  const double pixels = camera.scale / (1.0 - camera.nearness() * view[2]);
  return {camera.centre.x + pixels * view[0], camera.centre.y - pixels * view[1], view[2]};
}

Vec3 unproject(const Camera& camera, const Seen& seen) {
  const double angstroms = (1.0 - camera.nearness() * seen.depth) / camera.scale;
  const Vec3 view{
      (seen.x - camera.centre.x) * angstroms, (camera.centre.y - seen.y) * angstroms, seen.depth};
  Vec3 world = camera.view_from_world.inverse() * view;
  for (std::size_t i = 0; i < 3; ++i) world[i] += camera.target[i];
  return world;
}

Rotation orbit(double azimuth, double elevation) {
  const double ca = std::cos(azimuth), sa = std::sin(azimuth);
  const double ce = std::cos(elevation), se = std::sin(elevation);
  return {{ca, sa, 0.0, -se * sa, se * ca, ce, ce * sa, -ce * ca, se}};
}

void frame_points(Camera& camera,
                  std::span<const Vec3> points,
                  double radius,
                  std::span<const Rotation> directions,
                  const Margins& margins) {
  Vec3 low{1e30, 1e30, 1e30}, high{-1e30, -1e30, -1e30};
  for (const Vec3& point : points) {
    for (std::size_t i = 0; i < 3; ++i) {
      low[i] = std::min(low[i], point[i]);
      high[i] = std::max(high[i], point[i]);
    }
  }
  for (std::size_t i = 0; i < 3; ++i) camera.target[i] = 0.5 * (low[i] + high[i]);
  const double room_x = static_cast<double>(camera.width) - margins.left - margins.right;
  const double room_y = static_cast<double>(camera.height) - margins.top - margins.bottom;
  // In perspective what is seen does not grow quite as the scale does: a few steps settle it.
  const double across = std::hypot(high[0] - low[0], high[1] - low[1], high[2] - low[2]);
  camera.scale = 0.5 * std::min(room_x, room_y) / std::max(0.5 * across + radius, 1e-6);
  camera.centre = {};
  for (int step = 0; step < 5; ++step) {
    const Extent extent = extent_of(camera, points, radius, directions);
    camera.scale *=
        std::min(room_x / (extent.right - extent.left), room_y / (extent.bottom - extent.top));
  }
  const Extent extent = extent_of(camera, points, radius, directions);
  camera.centre = {margins.left + 0.5 * (room_x - extent.left - extent.right),
                   margins.top + 0.5 * (room_y - extent.top - extent.bottom)};
}

}  // namespace kinema::report
