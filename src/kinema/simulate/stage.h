// The stage under the specimen: how the view drifts and shakes.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/rng.h"

#include <cmath>
#include <vector>

namespace kinema::simulate {

/// A place or a displacement in the image, pixels: x right, y down.
struct Vec2 {
  double x = 0.0, y = 0.0;
};

inline Vec2 operator+(Vec2 a, Vec2 b) {
  return {a.x + b.x, a.y + b.y};
}
inline Vec2 operator-(Vec2 a, Vec2 b) {
  return {a.x - b.x, a.y - b.y};
}
inline Vec2 operator*(double s, Vec2 a) {
  return {s * a.x, s * a.y};
}
inline double norm(Vec2 a) {
  return std::hypot(a.x, a.y);
}
/// Both components normal, of standard deviation 1.
inline Vec2 normal_pair(Rng& rng) {
  const double x = rng.normal();
  return {x, rng.normal()};
}

/// Stage position by frame, in pixels: (0, 0) in frame 0. A motion of 1 drifts about 0.6 pixel a
/// frame.
std::vector<Vec2> drift_path(Index frames, double motion, Rng rng);

/// The drift with a jump of its own in every frame, of standard deviation `vibration` in pixels
/// along x and y.
std::vector<Vec2> shaken_path(Index frames, double motion, double vibration, const Rng& rng);

/// The rectangle that the drifting field of view sweeps over, in the coordinates of frame 0.
struct Area {
  Vec2 low, high;
  Vec2 extent() const { return high - low; }
  double size() const { return extent().x * extent().y; }
};
Area area_in_view(Index height, Index width, const std::vector<Vec2>& drift);

}  // namespace kinema::simulate
