// The distance to a bent middle is that to its tangent: bends are long, slopes small.
#include "kinema/simulate/fibre_image.h"

#include "kinema/simulate/edge.h"

#include <algorithm>
#include <cmath>

namespace kinema::simulate {

FibreImage::FibreImage(std::span<const Fibre> fibres,
                       std::span<const FibrePose> poses,
                       Index height,
                       Index width,
                       const SupportFilm& film)
    : film_(film) {
  for (std::size_t i = 0; i < fibres.size(); ++i) {
    fibres_.push_back(place(fibres[i], poses[i], height, width));
  }
}

FibreImage::Placed FibreImage::place(const Fibre& fibre,
                                     const FibrePose& pose,
                                     Index height,
                                     Index width) {
  Placed placed{.fibre = fibre,
                .x = pose.origin.x,
                .y = pose.origin.y,
                .cos = std::cos(pose.angle),
                .sin = std::sin(pose.angle),
                .reach = fibre.radius + 8.0,
                .first = 0.0,
                .middle = {},
                .slope = {}};
  double low = 1e300, high = -1e300;  // s of the view's corners
  for (const double x : {0.0, static_cast<double>(width)}) {
    for (const double y : {0.0, static_cast<double>(height)}) {
      const double s = (x - placed.x) * placed.cos + (y - placed.y) * placed.sin;
      low = std::min(low, s);
      high = std::max(high, s);
    }
  }
  placed.first = std::floor(low) - 1.0;
  for (double s = placed.first; s <= high + 2.0; s += 1.0) {
    double u = 0.0, slope = 0.0;
    for (std::size_t m = 0; m < fibre_modes; ++m) {
      const double turn = fibre.wave_number[m] * s + fibre.phase[m];
      u += pose.bend[m] * std::cos(turn);
      slope -= pose.bend[m] * fibre.wave_number[m] * std::sin(turn);
    }
    placed.middle.push_back(static_cast<float>(u));
    placed.slope.push_back(static_cast<float>(slope));
  }
  for (const double bend : pose.bend) placed.reach += std::abs(bend);
  return placed;
}

/// At s along the axis and v aside of it.
float FibreImage::transmission(const Placed& placed, double s, double v) const {
  const Fibre& fibre = placed.fibre;
  const double at = std::max(0.0, std::min(s, fibre.end) - placed.first);
  const auto i = std::min(static_cast<std::size_t>(at), placed.middle.size() - 1);
  const double slope = placed.slope[i];
  const double u = placed.middle[i] + slope * (at - static_cast<double>(i));
  const double across = (v - u) / std::sqrt(1.0 + slope * slope);
  const double d = s > fibre.end ? std::hypot(across, s - fibre.end) : across;
  const double d2 = d * d, inside = fibre.radius - std::abs(d);
  if (inside < -6.0) return 1.0F;
  const double carbon = 2.0 * (std::sqrt(std::max(0.0, fibre.radius * fibre.radius - d2)) -
                               std::sqrt(std::max(0.0, fibre.core * fibre.core - d2)));
  const float texture = film_.at(across + fibre.grain.y, s + fibre.grain.x) - 1.0F;
  const double share = carbon / (2.0 * fibre.radius);
  return static_cast<float>(std::exp(-fibre.absorption * carbon) * (1.0 + share * texture)) *
         fresnel_rim(static_cast<float>(inside));
}

void FibreImage::darken_row(Index y, std::span<float> row) const {
  for (const Placed& placed : fibres_) {
    const double dy = static_cast<double>(y) - placed.y;
    for (std::size_t x = 0; x < row.size(); ++x) {
      const double dx = static_cast<double>(x) - placed.x;
      const double v = dy * placed.cos - dx * placed.sin;
      if (std::abs(v) > placed.reach) continue;
      row[x] *= transmission(placed, dx * placed.cos + dy * placed.sin, v);
    }
  }
}

}  // namespace kinema::simulate
