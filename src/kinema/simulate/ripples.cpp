// Drawing waves, and adding them up.
#include "kinema/simulate/ripples.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kinema::simulate {
namespace {

constexpr double pi = std::numbers::pi;

/// The wave vector nearest to `wished` that repeats with the field, not zero.
Vec2 repeating(Vec2 wished, Period period) {
  const double x = 2.0 * pi / period.x, y = 2.0 * pi / period.y;
  Vec2 nearest{x * std::nearbyint(wished.x / x), y * std::nearbyint(wished.y / y)};
  if (norm(nearest) == 0.0) nearest.x = x;
  return nearest;
}

}  // namespace

Ripples::Ripples(const RippleOptions& options, const std::optional<Period>& period, Rng rng) {
  const double first = rng.uniform(0.0, 2.0 * pi);
  for (Index i = 0; i < options.waves; ++i) {
    const double length = options.wavelength * rng.uniform(0.7, 1.5);
    const double spread = pi * (static_cast<double>(i) + rng.uniform(-0.3, 0.3));
    const double direction = first + spread / static_cast<double>(options.waves);
    const double sense = rng.uniform() < 0.5 ? -1.0 : 1.0;
    Vec2 k{2.0 * pi / length * std::cos(direction), 2.0 * pi / length * std::sin(direction)};
    if (period) k = repeating(k, *period);
    const double speed = sense * options.speed * rng.uniform(0.5, 1.5);
    waves_.push_back({k, rng.uniform(0.0, 2.0 * pi), speed * norm(k), 2.0 * pi / norm(k)});
  }
}

double Ripples::height(Vec2 at, double time) const {
  double sum = 0.0;
  for (const Wave& wave : waves_) {
    const double along = wave.wave_vector.x * at.x + wave.wave_vector.y * at.y;
    sum += wave.size * std::sin(along - wave.turn * time + wave.phase);
  }
  return sum;
}

std::vector<double> Ripples::heights(const std::vector<Vec2>& places, double time) const {
  std::vector<double> heights;
  double sum = 0.0;
  for (const Vec2 at : places) {
    heights.push_back(height(at, time));
    sum += heights.back();
  }
  const double mean = sum / static_cast<double>(std::max<std::size_t>(places.size(), 1));
  for (double& z : heights) z -= mean;
  return heights;
}

void Ripples::scale_to(double rms, const std::vector<Vec2>& places, Index frames) {
  double power = 0.0;
  for (Index t = 0; t < frames; ++t) {
    for (const double z : heights(places, static_cast<double>(t) + 0.5)) power += z * z;
  }
  if (power == 0.0) return;
  const double scale =
      rms / std::sqrt(power / static_cast<double>(frames) / static_cast<double>(places.size()));
  for (Wave& wave : waves_) wave.size *= scale;
}

}  // namespace kinema::simulate
