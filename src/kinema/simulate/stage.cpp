// Drift is a steady velocity with a slow random part.
#include "kinema/simulate/stage.h"

#include <algorithm>
#include <numbers>

namespace kinema::simulate {

std::vector<Vec2> drift_path(Index frames, double motion, Rng rng) {
  constexpr double pi = std::numbers::pi;
  const double direction = rng.uniform(0.0, 2.0 * pi);
  const double turn = 2.0 * pi / 600.0;  // a frame: a long movie comes back instead of leaving
  Vec2 velocity{0.6 * motion * std::cos(direction), 0.6 * motion * std::sin(direction)};
  std::vector<Vec2> path(static_cast<std::size_t>(frames));
  for (std::size_t t = 1; t < path.size(); ++t) {
    const double now = direction + turn * static_cast<double>(t);
    const Vec2 steady{0.6 * motion * std::cos(now), 0.6 * motion * std::sin(now)};
    velocity = velocity + 0.08 * (steady - velocity) + 0.1 * motion * normal_pair(rng);
    const double fastest = 2.0 * motion;
    if (norm(velocity) > fastest) velocity = (fastest / norm(velocity)) * velocity;
    path[t] = path[t - 1] + velocity;
  }
  return path;
}

std::vector<Vec2> shaken_path(Index frames, double motion, double vibration, const Rng& rng) {
  std::vector<Vec2> path = drift_path(frames, motion, rng);
  Rng jumps = rng.stream(1);
  for (Vec2& at : path) {
    const double x = jumps.normal();
    at = {at.x + vibration * x, at.y + vibration * jumps.normal()};
  }
  return path;
}

Area area_in_view(Index height, Index width, const std::vector<Vec2>& drift) {
  Area area{{0.0, 0.0}, {static_cast<double>(width), static_cast<double>(height)}};
  const Vec2 extent = area.high;
  for (const Vec2& at : drift) {
    area.low = {std::min(area.low.x, -at.x), std::min(area.low.y, -at.y)};
    area.high = {std::max(area.high.x, extent.x - at.x), std::max(area.high.y, extent.y - at.y)};
  }
  return area;
}

}  // namespace kinema::simulate
