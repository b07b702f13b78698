// Growth and motion of grains; every number is drawn in the order of the frames.
#include "kinema/simulate/grains.h"

#include "kinema/base/error.h"
#include "kinema/base/units.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

namespace kinema::simulate {
namespace {

constexpr double pi = std::numbers::pi;
constexpr double degree = pi / 180.0;
constexpr double finest_spacing = 2.2;  // pixels; finer planes would alias

/// Lattice planes of a face-centred cubic crystal that are edge-on along one axis.
struct PlaneSet {
  double angle;    // degree
  double spacing;  // in units of the cell's edge
};
struct ZoneAxis {
  int facets;
  std::vector<PlaneSet> planes;
};

const std::vector<ZoneAxis>& zone_axes() {
  static const double d111 = 1.0 / std::sqrt(3.0), d200 = 0.5, d220 = 1.0 / std::sqrt(8.0);
  static const std::vector<ZoneAxis> axes = {
      {6, {{35.26, d111}, {144.74, d111}, {90.0, d200}}},  // [110]; angles from its (200) planes
      {8, {{0.0, d200}, {90.0, d200}}},                    // [100]
      {6, {{0.0, d220}, {60.0, d220}, {120.0, d220}}},     // [111]
      {7, {{0.0, d111}}},                                  // one systematic row
  };
  return axes;
}

Grain grow(const GrainSettings& settings, Rng& rng) {
  const ZoneAxis& axis =
      zone_axes()[std::min<std::size_t>(3, rng.bits() % 6)];  // half are off axis
  Grain grain;
  grain.radius = settings.radius * rng.uniform(0.65, 1.35);
  grain.ramp = grain.radius * rng.uniform(0.3, 1.0);
  grain.absorption = rng.uniform(0.12, 0.38);
  const double turn = rng.uniform(0.0, 60.0) * degree;
  for (int i = 0; i < axis.facets; ++i) {
    grain.facets.push_back({turn + 2.0 * pi * (i + rng.uniform(-0.12, 0.12)) / axis.facets,
                            grain.radius * rng.uniform(0.78, 1.12)});
  }
  const double thickness = rng.uniform(0.4, 1.6);
  for (const PlaneSet& planes : axis.planes) {
    const double spacing = planes.spacing * settings.lattice;
    if (spacing < finest_spacing) continue;
    grain.reflections.push_back({planes.angle * degree,
                                 spacing,
                                 rng.uniform(0.18, 0.4) / std::sqrt(axis.planes.size()),
                                 thickness * rng.uniform(0.8, 1.2),
                                 rng.uniform()});
  }
  return grain;
}

/// A place for the next grain, apart from the others; every fourth may lie over another one (a
/// Moire pattern shows there).
Vec2 place(const Area& area,
           const std::vector<Grain>& grains,
           const std::vector<Vec2>& centres,
           const Grain& grain,
           Rng& rng) {
  const double wanted_gap = (centres.size() % 4 == 3 ? -0.8 : 0.06) * grain.radius;
  Vec2 best;
  double best_gap = -1e300;
  for (int attempt = 0; attempt < 40 && best_gap < wanted_gap; ++attempt) {
    const double x = rng.uniform(area.low.x, area.high.x);
    const Vec2 at{x, rng.uniform(area.low.y, area.high.y)};
    double gap = 1e299;
    for (std::size_t i = 0; i < centres.size(); ++i) {
      gap = std::min(gap, norm(at - centres[i]) - grains[i].radius - grain.radius);
    }
    if (gap > best_gap) {
      best = at;
      best_gap = gap;
    }
  }
  return best;
}

/// The neighbour that each grain sinters to: nearest first, each grain once, none that overlap.
std::vector<std::optional<std::size_t>> pair_up(const std::vector<Grain>& grains,
                                                const std::vector<Vec2>& centres) {
  struct Near {
    double gap;
    std::size_t i, j;
  };
  std::vector<Near> pairs;
  for (std::size_t i = 0; i < grains.size(); ++i) {
    for (std::size_t j = i + 1; j < grains.size(); ++j) {
      const double reach = grains[i].radius + grains[j].radius;
      const double gap = norm(centres[i] - centres[j]) - reach;
      if (gap > -0.1 * reach && gap < 0.4 * reach) pairs.push_back({gap, i, j});
    }
  }
  std::sort(pairs.begin(), pairs.end(), [](const Near& a, const Near& b) { return a.gap < b.gap; });
  std::vector<std::optional<std::size_t>> partner(grains.size());
  for (const Near& pair : pairs) {
    if (partner[pair.i] || partner[pair.j]) continue;
    partner[pair.i] = pair.j;
    partner[pair.j] = pair.i;
  }
  return partner;
}

/// All grains between two frames, in the coordinates of the sample.
class Motion {
 public:
  Motion(const std::vector<Grain>& grains, std::vector<Vec2> centres, double speed, Rng rng)
      : grains_(grains),
        partner_(pair_up(grains, centres)),
        velocity_(grains.size()),
        spin_(grains.size()),
        speed_(speed),
        rng_(rng) {
    for (std::size_t i = 0; i < grains.size(); ++i) {
      poses_.push_back({centres[i], rng_.uniform(0.0, 2.0 * pi), {}, 0.0});
      velocity_[i] = 0.15 * speed_ * normal_pair(rng_);
      spin_[i] = 0.4 * degree * speed_ * rng_.normal();
    }
    for (std::size_t i = 0; i < grains.size(); ++i) find_boundary(i);
  }

  const std::vector<GrainPose>& poses() const { return poses_; }

  void step() {
    for (std::size_t i = 0; i < poses_.size(); ++i) {
      velocity_[i] = 0.9 * velocity_[i] + 0.065 * speed_ * normal_pair(rng_);
      spin_[i] = 0.95 * spin_[i] + 0.125 * degree * speed_ * rng_.normal();
      poses_[i].centre = poses_[i].centre + velocity_[i];
      poses_[i].angle += spin_[i];
    }
    for (std::size_t i = 0; i < poses_.size(); ++i) {
      if (partner_[i] && *partner_[i] > i) sinter(i, *partner_[i]);
    }
    for (std::size_t i = 0; i < poses_.size(); ++i) find_boundary(i);
  }

 private:
  /// Attraction until contact; then one body, a growing neck, and lattices that turn into line.
  void sinter(std::size_t i, std::size_t j) {
    const double reach = grains_[i].radius + grains_[j].radius;
    const Vec2 apart = poses_[j].centre - poses_[i].centre;
    const double distance = std::max(norm(apart), 1e-6);
    const double gap = distance - 0.9 * reach;
    const double range = 0.5 * reach;
    if (gap > 0.0) {
      const double pull = std::min(0.5 * speed_ * std::max(0.1, 1.0 - gap / range), 0.5 * gap);
      move_together(i, j, (pull / distance) * apart);
      return;
    }
    const Vec2 common = 0.5 * (velocity_[i] + velocity_[j]);
    velocity_[i] = velocity_[j] = 0.9 * common;
    move_together(i, j, (0.05 * gap / distance) * apart);
    spin_[i] *= 0.8;
    spin_[j] *= 0.8;
    const double misfit = std::remainder(poses_[i].angle - poses_[j].angle, pi / 3.0);
    const double align = std::min(0.012 * speed_, 0.2) * misfit;
    poses_[i].angle -= align;
    poses_[j].angle += align;
    const double grown = 0.75 * std::min(grains_[i].radius, grains_[j].radius);
    const double growth = std::min(0.04 * speed_, 0.5) * (grown - poses_[i].neck_radius);
    poses_[i].neck_radius += growth;
    poses_[j].neck_radius += growth;
  }

  void move_together(std::size_t i, std::size_t j, Vec2 closer) {
    poses_[i].centre = poses_[i].centre + 0.5 * closer;
    poses_[j].centre = poses_[j].centre - 0.5 * closer;
  }

  void find_boundary(std::size_t i) {
    if (!partner_[i]) return;
    const double share = grains_[i].radius / (grains_[i].radius + grains_[*partner_[i]].radius);
    poses_[i].to_boundary = share * (poses_[*partner_[i]].centre - poses_[i].centre);
  }

  const std::vector<Grain>& grains_;
  std::vector<std::optional<std::size_t>> partner_;
  std::vector<GrainPose> poses_;
  std::vector<Vec2> velocity_;  // pixels a frame
  std::vector<double> spin_;    // radian a frame
  double speed_;
  Rng rng_;
};

}  // namespace

GrainMovie grow_and_move(const GrainSettings& settings, const std::vector<Vec2>& drift, Rng rng) {
  if (settings.lattice / std::sqrt(8.0) < finest_spacing) {
    throw InputError(
        "nanocrystals: lattice planes are " +
        shortest_text(std::round(100.0 * settings.lattice / std::sqrt(8.0)) / 100.0) +
        " pixels apart and need 2.2 or more; take a smaller pixel or a larger lattice");
  }
  const Area area = area_in_view(settings.height, settings.width, drift);
  const auto view = static_cast<double>(checked_product(settings.height, settings.width));
  const auto count = static_cast<std::size_t>(std::lround(settings.crystals * area.size() / view));
  GrainMovie movie;
  std::vector<Vec2> centres;
  for (std::size_t i = 0; i < count; ++i) {
    const Grain grain = grow(settings, rng);
    centres.push_back(place(area, movie.grains, centres, grain, rng));
    movie.grains.push_back(grain);
  }
  movie.poses = Array<GrainPose, 2>({settings.frames, static_cast<Index>(count)});
  Motion motion(movie.grains, centres, settings.motion, rng);
  for (Index t = 0; t < settings.frames; ++t) {
    if (t > 0) motion.step();
    for (std::size_t i = 0; i < count; ++i) {
      GrainPose pose = motion.poses()[i];
      pose.centre = pose.centre + drift[static_cast<std::size_t>(t)];
      movie.poses(t, static_cast<Index>(i)) = pose;
    }
  }
  return movie;
}

}  // namespace kinema::simulate
