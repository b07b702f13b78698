// brownian.cpp moves the particles; here they are drawn.
#include "kinema/simulate/particles.h"

#include "kinema/base/parallel.h"
#include "kinema/simulate/edge.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace kinema::simulate {
namespace {

ParticleSettings settings_of(const ParticleOptions& options) {
  const auto require = [](bool holds, const char* rule) {
    require_option(holds, "particles", rule);
  };
  const double smallest = options.smallest.value / options.pixel.value;
  const double largest = options.largest.value / options.pixel.value;
  require(smallest >= 3.0, "smallest must be 3 pixels or more");
  require(largest >= smallest, "largest must not be less than smallest");
  require(options.particles.value_or(0.0) >= 0.0 && options.particles.value_or(0.0) <= 2000.0,
          "particles must be in 0..2000");
  require(options.step >= 0.0, "step must be 0 or more");
  require(options.sticking >= 0.0 && options.sticking <= 1.0, "sticking must be in 0..1");
  require(options.liquid >= 0.0 && options.liquid < 1.0, "liquid must be 0 or more, less than 1");
  const double ratio = largest / smallest;  // mean square of a logarithmic spread
  const double square = ratio > 1.0
                            ? (largest * largest - smallest * smallest) / (2.0 * std::log(ratio))
                            : largest * largest;
  const auto area = static_cast<double>(checked_product(options.height, options.width));
  return {.frames = options.frames,
          .height = options.height,
          .width = options.width,
          .particles = options.particles.value_or(std::min(2000.0, 0.18 * area / square)),
          .smallest = smallest,
          .largest = largest,
          .step = options.step,
          .sticking = options.sticking};
}

/// A particle in one frame: an ellipsoid.
struct Placed {
  double x, y, cos, sin;  // centre, direction of the long axis
  double along, across;   // half axes
  double radius, absorption;
};

Placed place(const Particle& particle, const ParticlePose& pose, Vec2 at) {
  const double stretch = std::sqrt(particle.aspect);
  return {at.x,
          at.y,
          std::cos(pose.angle),
          std::sin(pose.angle),
          particle.radius * stretch,
          particle.radius / stretch,
          particle.radius,
          particle.absorption};
}

/// exp(-absorption t) (1 + rim), t = 2 R sqrt(1 - rho^2) pixels of metal; rho = 1 on the outline.
void darken_row(const Placed& particle, double y, std::span<float> row) {
  const double dy = y - particle.y, extent = particle.along + 6.0;
  if (std::abs(dy) > extent) return;
  const auto width = static_cast<double>(row.size());
  const auto first = static_cast<std::size_t>(std::clamp(particle.x - extent, 0.0, width));
  const auto last = static_cast<std::size_t>(std::clamp(particle.x + extent + 1.0, 0.0, width));
  for (std::size_t x = first; x < last; ++x) {
    const double dx = static_cast<double>(x) - particle.x;
    const double a = (dx * particle.cos + dy * particle.sin) / particle.along;
    const double b = (dy * particle.cos - dx * particle.sin) / particle.across;
    const double rho2 = a * a + b * b;
    const double metal = 2.0 * particle.radius * std::sqrt(std::max(0.0, 1.0 - rho2));
    const double inside = particle.radius * (1.0 - std::sqrt(rho2));
    row[x] *= static_cast<float>(std::exp(-particle.absorption * metal)) *
              fresnel_rim(static_cast<float>(inside));
  }
}

/// The windows bulge: the liquid is thickest in the middle of the view.
void darken_by_liquid(double liquid, Index y, const FrameFormat& view, std::span<float> row) {
  const auto from_middle = [](Index i, Index extent) {
    return 2.0 * static_cast<double>(i) / static_cast<double>(extent) - 1.0;
  };
  const double dy = from_middle(y, view.height);
  for (Index x = 0; x < view.width; ++x) {
    const double dx = from_middle(x, view.width);
    row[static_cast<std::size_t>(x)] *=
        static_cast<float>(1.0 - liquid * (1.0 - 0.5 * (dx * dx + dy * dy)));
  }
}

}  // namespace

ParticleMovie::ParticleMovie(const ParticleOptions& options, const Rng& rng)
    : SimulatedMovie(options, "particles", rng),
      liquid_(options.liquid),
      margin_(box_margin(settings_of(options))),
      set_(wander(settings_of(options), scene_rng(rng))) {
  set_exposure(options);
}

void ParticleMovie::shade(Index t, std::span<float> frame) const {
  std::vector<Placed> placed;
  for (std::size_t i = 0; i < set_.particles.size(); ++i) {
    const ParticlePose& pose = set_.poses(t, static_cast<Index>(i));
    placed.push_back(place(set_.particles[i], pose, set_.in_box(pose.centre + drift(t), margin_)));
  }
  const FrameFormat view = format();
  const auto width = static_cast<std::size_t>(view.width);
  parallel_for(view.height, [&](Index y) {
    const auto row = frame.subspan(static_cast<std::size_t>(y) * width, width);
    darken_by_liquid(liquid_, y, view, row);
    for (const Placed& particle : placed) darken_row(particle, static_cast<double>(y), row);
  });
}

}  // namespace kinema::simulate
