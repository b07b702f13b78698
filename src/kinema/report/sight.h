// What every ray of a picture meets first: the step of a rendering before any light.
#pragma once

#include "kinema/report/scene.h"

#include <cmath>
#include <cstdint>
#include <limits>

namespace kinema::report {

/// A direction or a place in view coordinates.
struct View3 {
  float x = 0.0F, y = 0.0F, z = 0.0F;
  friend View3 operator+(View3 a, View3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
  friend View3 operator-(View3 a, View3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
  friend View3 operator*(View3 a, float s) { return {a.x * s, a.y * s, a.z * s}; }
};
inline float dot(View3 a, View3 b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
inline float length(View3 a) {
  return std::sqrt(dot(a, a));
}

/// Rays through a grid of pixels. The point that ray (column, row) passes at height z is
/// (x - x w z, y - y w z, z) with w = nearness: a straight line in z, orthographic or not.
struct RayGrid {
  Index height = 0, width = 0;
  float scale = 1.0F, angstroms = 1.0F;  // pixels of an angstrom, angstroms of a pixel
  float centre_x = 0.0F, centre_y = 0.0F, nearness = 0.0F;

  float x_of(Index column) const {
    return (static_cast<float>(column) + 0.5F - centre_x) * angstroms;
  }
  float y_of(Index row) const { return (centre_y - static_cast<float>(row) - 0.5F) * angstroms; }
  View3 place(Index row, Index column, float z) const {
    const float shrink = 1.0F - nearness * z;
    return {x_of(column) * shrink, y_of(row) * shrink, z};
  }
};

/// The rays of a camera, `samples` along each side of a pixel.
RayGrid rays_of(const Camera& camera, Index samples);

inline constexpr float nothing_seen = -std::numeric_limits<float>::infinity();

/// Depth, normal and colour of what the rays meet. Normals have length 1 and face the viewer.
struct Sight {
  struct Skin {
    std::int16_t normal_x = 0, normal_y = 0;  // times 32767; z is what is left, >= 0
    std::uint8_t red = 0, green = 0, blue = 0, spare = 0;
  };
  RayGrid rays;
  Array<float, 2> depth;  // (Y, X), nothing_seen where a ray meets nothing
  Array<Skin, 2> skin;    // (Y, X), undefined there

  View3 normal(Index row, Index column) const {
    const Skin& at = skin(row, column);
    const float x = static_cast<float>(at.normal_x) / 32767.0F;
    const float y = static_cast<float>(at.normal_y) / 32767.0F;
    return {x, y, std::sqrt(std::max(0.0F, 1.0F - x * x - y * y))};
  }
};

Sight look_at(const Scene& scene, const Camera& camera, Index samples);

}  // namespace kinema::report
