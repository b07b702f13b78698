// Where a scene is seen from: orthographic or in perspective, orbiting its centre.
#pragma once

#include "kinema/data/pose.h"
#include "kinema/report/drawing.h"

#include <span>
#include <vector>

namespace kinema::report {

/// A look at `target`. View coordinates: x to the right, y up, z towards the viewer, angstrom from
/// the target.
struct Camera {
  Rotation view_from_world;
  Vec3 target{};
  double scale = 1.0;          // pixels of an angstrom at the target
  double field_of_view = 0.0;  // radian from top to bottom; 0: orthographic
  Index width = 1280, height = 720;
  Point centre{640.0, 360.0};  // where the target is seen, pixels

  /// 1 over the distance of the eye from the target, per angstrom; 0: orthographic.
  double nearness() const;
};

/// Where something is seen: pixels from the upper left corner, and its z in view coordinates.
struct Seen {
  double x = 0.0, y = 0.0, depth = 0.0;
};

Vec3 to_view(const Camera& camera, const Vec3& world);
Seen project(const Camera& camera, const Vec3& world);
Vec3 unproject(const Camera& camera, const Seen& seen);

/// view_from_world of a viewer at an azimuth (0: from -y, x to the right) and an elevation above
/// the plane of x and y, radian, with z upwards. An elevation of -90 degrees looks along the beam,
/// x to the right and y down, as frames are shown.
Rotation orbit(double azimuth, double elevation);

/// Pixels of a picture that an object must stay out of.
struct Margins {
  double left = 0.0, right = 0.0, top = 0.0, bottom = 0.0;
};

/// Sets scale, target and centre so that balls of `radius` around the points stay within the
/// margins from every one of the directions.
void frame_points(Camera& camera,
                  std::span<const Vec3> points,
                  double radius,
                  std::span<const Rotation> directions,
                  const Margins& margins);

}  // namespace kinema::report
