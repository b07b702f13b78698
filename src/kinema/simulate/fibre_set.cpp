// Every number is drawn in the order of the fibres, then of the frames.
#include "kinema/simulate/fibre_set.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace kinema::simulate {
namespace {

constexpr double pi = std::numbers::pi;

Fibre draw_fibre(const FibreSettings& settings, Rng& rng) {
  Fibre fibre;
  const double ratio = settings.thickest / settings.thinnest;
  fibre.radius = 0.5 * settings.thinnest * std::pow(ratio, rng.uniform());
  const bool hollow = rng.uniform() < 0.4;
  fibre.core = hollow ? fibre.radius * rng.uniform(0.25, 0.6) : 0.0;
  fibre.absorption = 0.012 * rng.uniform(0.8, 1.25);
  fibre.grain = {rng.uniform(0.0, 2048.0), rng.uniform(0.0, 2048.0)};
  const double diagonal = std::hypot(settings.height, settings.width);
  const bool ends = rng.uniform() < 0.35;
  const double end = rng.uniform(-0.2, 0.4) * diagonal;
  fibre.end = ends ? end : std::numeric_limits<double>::infinity();
  for (std::size_t m = 1; m < fibre_modes; ++m) {
    fibre.wave_number[m] = 2.0 * pi * static_cast<double>(m) / (2.2 * diagonal);
    fibre.phase[m] = rng.uniform(0.0, 2.0 * pi);
  }
  return fibre;
}

/// One fibre from frame to frame, on the sample.
class Swing {
 public:
  Swing(FibrePose start, double speed, Rng& rng) : pose_(start), speed_(speed) {
    for (std::size_t m = 0; m < fibre_modes; ++m) {
      rest_[m] = 60.0 / (1.0 + static_cast<double>(m * m)) * rng.normal();
      pose_.bend[m] = rest_[m];
      velocity_[m] = 0.25 * push(m) * rng.normal();
    }
    spin_ = 0.0004 * speed_ * rng.normal();
  }

  const FibrePose& pose() const { return pose_; }

  void step(Rng& rng) {
    for (std::size_t m = 0; m < fibre_modes; ++m) {
      velocity_[m] =
          0.92 * velocity_[m] - 3e-4 * (pose_.bend[m] - rest_[m]) + 0.1 * push(m) * rng.normal();
      pose_.bend[m] += velocity_[m];
    }
    spin_ = 0.95 * spin_ + 0.000125 * speed_ * rng.normal();
    pose_.angle += spin_;
  }

 private:
  /// Longer waves are the softer ones.
  double push(std::size_t m) const {
    return speed_ / std::max<double>(1.0, static_cast<double>(m));
  }

  FibrePose pose_;
  double speed_;
  std::array<double, fibre_modes> rest_{}, velocity_{};
  double spin_ = 0.0;
};

}  // namespace

FibreSet lay_and_bend(const FibreSettings& settings, const std::vector<Vec2>& drift, Rng rng) {
  const Area area = area_in_view(settings.height, settings.width, drift);
  const double swept =
      (area.extent().x + area.extent().y) / static_cast<double>(settings.height + settings.width);
  const auto count = static_cast<std::size_t>(std::lround(settings.fibres * swept));
  FibreSet set;
  std::vector<Swing> swings;
  for (std::size_t i = 0; i < count; ++i) {
    set.fibres.push_back(draw_fibre(settings, rng));
    FibrePose start;
    start.origin.x = rng.uniform(area.low.x, area.high.x);
    start.origin.y = rng.uniform(area.low.y, area.high.y);
    start.angle = rng.uniform(0.0, 2.0 * pi);
    swings.emplace_back(start, settings.bending, rng);
  }
  set.poses = Array<FibrePose, 2>({static_cast<Index>(drift.size()), static_cast<Index>(count)});
  for (std::size_t t = 0; t < drift.size(); ++t) {
    for (std::size_t i = 0; i < count; ++i) {
      if (t > 0) swings[i].step(rng);
      FibrePose pose = swings[i].pose();
      pose.origin = pose.origin + drift[t];
      set.poses(static_cast<Index>(t), static_cast<Index>(i)) = pose;
    }
  }
  return set;
}

}  // namespace kinema::simulate
