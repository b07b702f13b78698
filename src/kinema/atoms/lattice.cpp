#include "kinema/atoms/lattice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kinema::atoms {
namespace {

constexpr double ring = 2.0 / (3.0 * bond_length);  // 1/angstrom: d = 2.13 A
constexpr double spot_radius = 0.02;                // 1/angstrom, within which a spot spreads
constexpr double least_contrast = 5.0;              // of spots; random atoms stay below 3
constexpr double patch_sigma = 3.0;                 // angstrom
constexpr double patch_step = 4.0;                  // angstrom between patches
constexpr double sample_step = 0.4;                 // angstrom between samples of a patch

using Complex64 = std::complex<double>;

double dot(const Vec2& a, const Vec2& b) {
  return a[0] * b[0] + a[1] * b[1];
}

/// Power of the spectrum of c summed over the cells within `spot_radius`.
class Power {
 public:
  explicit Power(const Evidence& evidence) : evidence_(evidence) {
    const Grid& grid = evidence.correlation.grid();
    cell_ = {1.0 / (grid.step[0] * static_cast<double>(grid.width)),
             1.0 / (grid.step[1] * static_cast<double>(grid.height))};
  }

  /// Sum over the spot at k, and its centre of mass.
  std::pair<double, Vec2> spot(const Vec2& k, double radius = spot_radius) const {
    double sum = 0.0;
    Vec2 centre{};
    const auto at = [&](std::size_t axis) {
      return static_cast<Index>(std::round(k[axis] / cell_[axis]));
    };
    const auto reach = [&](std::size_t axis) {
      return static_cast<Index>(std::ceil(radius / cell_[axis]));
    };
    for (Index y = at(1) - reach(1); y <= at(1) + reach(1); ++y) {
      for (Index x = at(0) - reach(0); x <= at(0) + reach(0); ++x) {
        const Vec2 here{static_cast<double>(x) * cell_[0], static_cast<double>(y) * cell_[1]};
        const double distance = std::hypot(here[0] - k[0], here[1] - k[1]);
        if (distance > radius) continue;
        const double power = cell(y, x);
        sum += power;
        centre[0] += power * here[0];
        centre[1] += power * here[1];
      }
    }
    if (sum > 0.0) centre = {centre[0] / sum, centre[1] / sum};
    return {sum, centre};
  }

  /// Mean of spots on the ring's surroundings that are none of the six spots.
  double surroundings(const std::array<Vec2, 3>& spots) const {
    double sum = 0.0;
    int count = 0;
    for (double k = 0.34; k < 0.62; k += 0.02) {
      for (double angle = 0.0; angle < std::numbers::pi; angle += 0.02 / k) {
        const Vec2 here{k * std::cos(angle), k * std::sin(angle)};
        const bool near_spot = std::ranges::any_of(spots, [&](const Vec2& g) {
          return std::min(std::hypot(here[0] - g[0], here[1] - g[1]),
                          std::hypot(here[0] + g[0], here[1] + g[1])) < 3.5 * spot_radius;
        });
        if (near_spot) continue;
        sum += spot(here).first;
        ++count;
      }
    }
    return sum / std::max(count, 1);
  }

 private:
  double cell(Index y, Index x) const {
    const Grid& grid = evidence_.correlation.grid();
    if (2 * std::abs(y) >= grid.height || 2 * std::abs(x) >= grid.width) return 0.0;
    return std::norm(evidence_.spectrum(y < 0 ? y + grid.height : y, x < 0 ? x + grid.width : x));
  }

  const Evidence& evidence_;
  Vec2 cell_{};
};

Vec2 polar(double k, double angle) {
  return {k * std::cos(angle), k * std::sin(angle)};
}

/// Three spots 60 degrees apart with the largest power, each at its centre of mass.
std::array<Vec2, 3> strongest_triple(const Power& power) {
  constexpr double third = std::numbers::pi / 3.0;
  double best = -1.0;
  std::array<Vec2, 3> spots{};
  for (double k = 0.92 * ring; k < 1.13 * ring; k += 0.01 * ring) {
    for (double angle = 0.0; angle < third; angle += 0.5 * std::numbers::pi / 180.0) {
      const std::array<Vec2, 3> trial{
          polar(k, angle), polar(k, angle + third), polar(k, angle + 2.0 * third)};
      // The weakest counts too, or one streak would stand for three spots.
      double sum = 0.0, weakest = 1e300;
      for (const Vec2& g : trial) {
        const double here = power.spot(g).first;
        sum += here;
        weakest = std::min(weakest, here);
      }
      if (sum + 3.0 * weakest <= best) continue;
      best = sum + 3.0 * weakest;
      spots = trial;
    }
  }
  for (int round = 0; round < 3; ++round) {
    for (Vec2& g : spots) g = power.spot(g, 1.5 * spot_radius).second;
  }
  return spots;
}

/// g1 and g2 that with g2 - g1 are nearest to the three spots, and the lattice that they span.
LatticeFit lattice_from(const std::array<Vec2, 3>& p) {
  LatticeFit fit;
  auto& [g1, g2] = fit.reciprocal;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    g1[axis] = (2.0 * p[0][axis] + p[1][axis] - p[2][axis]) / 3.0;
    g2[axis] = (p[0][axis] + 2.0 * p[1][axis] + p[2][axis]) / 3.0;
  }
  const double determinant = g1[0] * g2[1] - g1[1] * g2[0];
  fit.vectors = {Vec2{g2[1] / determinant, -g2[0] / determinant},
                 Vec2{-g1[1] / determinant, g1[0] / determinant}};
  fit.bond = std::sqrt(2.0 / (3.0 * std::numbers::sqrt3 * std::abs(determinant)));
  fit.angle = std::fmod(std::atan2(g1[1], g1[0]) + 2.0 * std::numbers::pi, std::numbers::pi / 3.0);
  double shortest = 1e300, longest = 0.0;
  for (int direction = 0; direction < 36; ++direction) {
    const Vec2 u = polar(1.0, direction * std::numbers::pi / 36.0);
    const double length = fit.bond_along(u[0], u[1]);
    shortest = std::min(shortest, length);
    longest = std::max(longest, length);
  }
  fit.anisotropy = longest / shortest - 1.0;
  return fit;
}

/// A Gaussian window with the three waves of the lattice in it, sampled once for all places.
class Window {
 public:
  explicit Window(const std::array<Vec2, 3>& g) {
    const double reach = 2.5 * patch_sigma;
    for (double dy = -reach; dy <= reach; dy += sample_step) {
      for (double dx = -reach; dx <= reach; dx += sample_step) {
        const double height = std::exp(-(dx * dx + dy * dy) / (2.0 * patch_sigma * patch_sigma));
        Sample sample{{dx, dy}, {}};
        for (std::size_t i = 0; i < 3; ++i) {
          sample.waves[i] = std::polar(height, -2.0 * std::numbers::pi * dot(g[i], {dx, dy}));
        }
        samples_.push_back(sample);
      }
    }
  }

  /// Amplitudes of the waves around `place`, with phases from there.
  std::array<Complex64, 3> waves(const SplineMap& map, const Vec2& place) const {
    std::array<Complex64, 3> sums{};
    for (const Sample& sample : samples_) {
      const double value = map.value(place[0] + sample.shift[0], place[1] + sample.shift[1]);
      for (std::size_t i = 0; i < 3; ++i) sums[i] += value * sample.waves[i];
    }
    return sums;
  }

 private:
  struct Sample {
    Vec2 shift;
    std::array<Complex64, 3> waves;
  };
  std::vector<Sample> samples_;
};

/// Centre of the hexagon nearest to `place`: there all three waves are at their lowest.
Vec2 hollow_near(const LatticeFit& lattice,
                 const std::array<Complex64, 3>& waves,
                 const Vec2& place) {
  std::array<double, 2> turns{};
  for (std::size_t i = 0; i < 2; ++i) {
    turns[i] = 0.5 - std::arg(waves[i]) / (2.0 * std::numbers::pi);
    turns[i] -= std::round(turns[i]);
  }
  const auto& [a1, a2] = lattice.vectors;
  return {place[0] + turns[0] * a1[0] + turns[1] * a2[0],
          place[1] + turns[0] * a1[1] + turns[1] * a2[1]};
}

/// Finds the patches, and from the sum of their phases whether atoms are bright or dark.
void find_patches(const Frame& frame, const Evidence& evidence, LatticeSearch& search) {
  const auto& [g1, g2] = search.lattice.reciprocal;
  const std::array<Vec2, 3> g{g1, g2, Vec2{g2[0] - g1[0], g2[1] - g1[1]}};
  const Window window(g);
  std::vector<std::pair<Vec2, std::array<Complex64, 3>>> places;
  Complex64 triple = 0.0;  // g1 - g2 + g3 = 0: the phase does not depend on the place
  for (double y = 0.5 * patch_step; y < frame.height(); y += patch_step) {
    for (double x = 0.5 * patch_step; x < frame.width(); x += patch_step) {
      places.push_back({{x, y}, window.waves(evidence.correlation, {x, y})});
      const auto& w = places.back().second;
      triple += w[0] * std::conj(w[1]) * w[2];
    }
  }
  search.lattice.inverted = triple.real() > 0.0;
  for (auto& [place, w] : places) {
    if (search.lattice.inverted) {
      for (Complex64& wave : w) wave = -wave;
    }
    search.patches.push_back({hollow_near(search.lattice, w, place),
                              std::min({std::abs(w[0]), std::abs(w[1]), std::abs(w[2])})});
  }
  std::ranges::sort(search.patches, std::greater{}, &Patch::clarity);
}

}  // namespace

double LatticeFit::bond_along(double dx, double dy) const {
  // The ideal lattice that this one is a deformation of has the same g1, g2 up to a turn; the
  // components along a1 and a2 give the direction's length in it.
  const double length = std::hypot(dx, dy);
  if (length < 1e-12) return bond;
  const double u = dot(reciprocal[0], {dx, dy}) / length, v = dot(reciprocal[1], {dx, dy}) / length;
  const double edge = std::numbers::sqrt3 * bond_length;  // a1 and a2 are 120 degrees apart
  return bond_length / (edge * std::sqrt(u * u + v * v - u * v));
}

std::array<Vec2, 6> LatticeFit::corners() const {
  const auto& [a, b] = vectors;
  const auto at = [&](double m, double n) {
    return Vec2{(m * a[0] + n * b[0]) / 3.0, (m * a[1] + n * b[1]) / 3.0};
  };
  return {at(2, 1), at(1, 2), at(-1, 1), at(-2, -1), at(-1, -2), at(1, -1)};
}

LatticeSearch find_lattice(const Frame& frame, const Evidence& evidence) {
  const Power power(evidence);
  const std::array<Vec2, 3> spots = strongest_triple(power);
  LatticeSearch search;
  search.lattice = lattice_from(spots);
  double mean = 0.0;
  for (const Vec2& g : spots) mean += power.spot(g).first / 3.0;
  const double around = power.surroundings(spots);
  search.lattice.contrast = around > 0.0 ? mean / around : 0.0;
  if (!(search.lattice.contrast > least_contrast)) {
    throw InputError(fmt::format(
        "locate: no honeycomb: the six spots at 2.13 angstrom stand {:.1f} times above their "
        "surroundings, and a sheet of graphene reaches {:.0f}; check the pixel size, or sum frames",
        search.lattice.contrast,
        least_contrast));
  }
  find_patches(frame, evidence, search);
  return search;
}

}  // namespace kinema::atoms
