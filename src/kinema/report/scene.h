// What a 3D picture shows: balls, sticks between them, surfaces.
#pragma once

#include "kinema/report/camera.h"
#include "kinema/report/picture.h"
#include "kinema/report/surface.h"

#include <vector>

namespace kinema::report {

struct Ball {
  Vec3 centre{};
  double radius = 1.0;  // angstrom
  Rgb colour;
};

/// A round stick from a to b, half in the one colour and half in the other.
struct Stick {
  Vec3 a{}, b{};
  double radius = 0.1;
  Rgb colour_a, colour_b;
};

struct Scene {
  std::vector<Ball> balls;
  std::vector<Stick> sticks;
  std::vector<Surface> surfaces;
};

/// How a scene is lit: light from the left above, sky light that crevices see less of.
struct Look {
  Index samples = 2;           // along each side of a pixel
  double occlusion = 1.0;      // how much crevices darken; 0: not at all
  double occlusion_reach = 0;  // angstrom; 0: an eighth of the picture's height
  double edges = 0.5;          // how much darker lines along outlines are
  double haze = 0.0;           // white mixed into what is farthest, 0 to 1
};

/// A picture of the scene on white.
Picture render(const Scene& scene, const Camera& camera, const Look& look = {});

/// The nearest of what each pixel's centre sees, z in view coordinates; -infinity where there is
/// nothing (Y, X).
Array<float, 2> depth_map(const Scene& scene, const Camera& camera);

}  // namespace kinema::report
