// Every number is drawn in the order of the particles, then of the frames.
#include "kinema/simulate/brownian.h"

#include <cmath>
#include <numbers>
#include <numeric>

namespace kinema::simulate {
namespace {

constexpr double pi = std::numbers::pi;

Particle draw_particle(const ParticleSettings& settings, Rng& rng) {
  const double ratio = settings.largest / settings.smallest;
  const double diameter = settings.smallest * std::pow(ratio, rng.uniform());
  const double aspect = rng.uniform(1.0, 1.35);
  return {0.5 * diameter, aspect, 0.025 * rng.uniform(0.8, 1.25)};
}

double wrapped(double x, double period) {
  return x - period * std::floor(x / period);
}

class Liquid {
 public:
  Liquid(const ParticleSettings& settings, ParticleSet& set, Rng rng)
      : settings_(settings), set_(set), rng_(rng), cluster_(set.particles.size()) {
    std::iota(cluster_.begin(), cluster_.end(), std::size_t{0});
    const std::size_t count = set.particles.size();
    touched_.assign(count * count, false);
    for (std::size_t i = 0; i < count; ++i) {
      const double x = rng_.uniform(0.0, set.box.x);
      poses_.push_back({{x, rng_.uniform(0.0, set.box.y)}, rng_.uniform(0.0, 2.0 * pi)});
    }
    stick();
  }

  const std::vector<ParticlePose>& poses() const { return poses_; }

  void step() {
    for (std::size_t c = 0; c < cluster_.size(); ++c) {
      if (cluster_[c] == c) step_cluster(c);
    }
    stick();
  }

 private:
  /// Shifts and turns all of a cluster as one body.
  void step_cluster(std::size_t c) {
    double squares = 0.0, weight = 0.0;
    Vec2 middle;
    for (std::size_t i = c; i < cluster_.size(); ++i) {
      if (cluster_[i] != c) continue;
      const double area = std::pow(2.0 * set_.particles[i].radius, 2);
      squares += area;
      weight += area;
      middle = middle + area * poses_[i].centre;
    }
    middle = (1.0 / weight) * middle;
    const double diameter = std::sqrt(squares);
    const double typical = std::sqrt(settings_.smallest * settings_.largest);
    const Vec2 shift = settings_.step * std::sqrt(typical / diameter) * normal_pair(rng_);
    const double turn =
        std::min(0.3, settings_.step / typical * std::pow(typical / diameter, 1.5)) * rng_.normal();
    const double cos = std::cos(turn), sin = std::sin(turn);
    for (std::size_t i = c; i < cluster_.size(); ++i) {
      if (cluster_[i] != c) continue;
      const Vec2 arm = poses_[i].centre - middle;
      const Vec2 turned{cos * arm.x - sin * arm.y, sin * arm.x + cos * arm.y};
      poses_[i].centre = middle + turned + shift;
      poses_[i].angle += turn;
    }
  }

  /// Joins pairs that begin to touch, by chance.
  void stick() {
    if (settings_.sticking <= 0.0) return;
    const std::size_t count = poses_.size();
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = i + 1; j < count; ++j) {
        if (cluster_[i] == cluster_[j]) continue;
        const Vec2 apart = nearest_apart(i, j);
        const bool touch =
            norm(apart) < 0.9 * (set_.particles[i].radius + set_.particles[j].radius);
        const bool begins = touch && !touched_[i * count + j];
        touched_[i * count + j] = touch;
        if (begins && rng_.uniform() < settings_.sticking) join(i, j, apart);
      }
    }
  }

  Vec2 nearest_apart(std::size_t i, std::size_t j) const {
    const Vec2 apart = poses_[j].centre - poses_[i].centre;
    return {std::remainder(apart.x, set_.box.x), std::remainder(apart.y, set_.box.y)};
  }

  /// j's cluster becomes part of i's, brought to the copy of the box that i is in.
  void join(std::size_t i, std::size_t j, Vec2 apart) {
    const std::size_t kept = std::min(cluster_[i], cluster_[j]);
    const std::size_t gone = std::max(cluster_[i], cluster_[j]);
    Vec2 shift = poses_[i].centre + apart - poses_[j].centre;
    if (cluster_[i] == gone) shift = -1.0 * shift;
    for (std::size_t k = 0; k < cluster_.size(); ++k) {
      if (cluster_[k] != gone) continue;
      cluster_[k] = kept;
      poses_[k].centre = poses_[k].centre + shift;
    }
  }

  const ParticleSettings& settings_;
  const ParticleSet& set_;
  Rng rng_;
  std::vector<std::size_t> cluster_;  // by particle: the first particle of its cluster
  std::vector<bool> touched_;         // (N, N), in the frame before
  std::vector<ParticlePose> poses_;
};

}  // namespace

double box_margin(const ParticleSettings& settings) {
  return 1.35 * settings.largest + 16.0;
}

Vec2 ParticleSet::in_box(Vec2 at, double margin) const {
  const double half = 0.5 * margin;
  return {wrapped(at.x + half, box.x) - half, wrapped(at.y + half, box.y) - half};
}

ParticleSet wander(const ParticleSettings& settings, Rng rng) {
  ParticleSet set;
  const double margin = box_margin(settings);
  const auto height = static_cast<double>(settings.height);
  const auto width = static_cast<double>(settings.width);
  set.box = {width + margin, height + margin};
  const double crowd = set.box.x * set.box.y / (height * width);
  const auto count = static_cast<std::size_t>(std::lround(settings.particles * crowd));
  for (std::size_t i = 0; i < count; ++i) set.particles.push_back(draw_particle(settings, rng));
  set.poses = Array<ParticlePose, 2>({settings.frames, static_cast<Index>(count)});
  Liquid liquid(settings, set, rng);
  for (Index t = 0; t < settings.frames; ++t) {
    if (t > 0) liquid.step();
    for (std::size_t i = 0; i < count; ++i) set.poses(t, static_cast<Index>(i)) = liquid.poses()[i];
  }
  return set;
}

}  // namespace kinema::simulate
