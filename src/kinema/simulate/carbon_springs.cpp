// The springs of a carbon net, and how it comes to rest on them.
#include "kinema/simulate/carbon_net.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace kinema::simulate {
namespace {

double dot(Vec2 a, Vec2 b) {
  return a.x * b.x + a.y * b.y;
}

/// Forces of the springs in the plane, eV/angstrom.
void spring_forces(const CarbonNet& net, const std::vector<double>& z, std::vector<Vec2>& forces) {
  constexpr double stretch = 40.0;  // eV/angstrom^2, of a bond
  constexpr double bend = 4.0;      // eV, of (cos angle + 1/2)^2 / 2
  std::fill(forces.begin(), forces.end(), Vec2{});
  const auto way = [&](int a, int b) -> Vec3 {
    const Vec2 flat = net.way(a, b);
    return {flat.x, flat.y, z.empty() ? 0.0 : z[b] - z[a]};
  };
  for (int i = 0; i < net.size(); ++i) {
    const std::vector<int>& list = net.bonded[i];
    for (std::size_t p = 0; p < list.size(); ++p) {
      const Vec3 u = way(i, list[p]);
      const double length = std::sqrt(u[0] * u[0] + u[1] * u[1] + u[2] * u[2]);
      if (i < list[p]) {
        const double pull = stretch * (length - bond_length) / length;
        forces[i] = forces[i] + Vec2{pull * u[0], pull * u[1]};
        forces[list[p]] = forces[list[p]] - Vec2{pull * u[0], pull * u[1]};
      }
      for (std::size_t q = p + 1; q < list.size(); ++q) {
        const Vec3 v = way(i, list[q]);
        const double other = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
        const double cosine = (u[0] * v[0] + u[1] * v[1] + u[2] * v[2]) / (length * other);
        const double slope = -bend * (cosine + 0.5);
        const auto gradient = [&](int axis) {
          return std::pair{
              slope * (v[axis] / (length * other) - cosine * u[axis] / (length * length)),
              slope * (u[axis] / (length * other) - cosine * v[axis] / (other * other))};
        };
        const auto [ux, vx] = gradient(0);
        const auto [uy, vy] = gradient(1);
        forces[list[p]] = forces[list[p]] + Vec2{ux, uy};
        forces[list[q]] = forces[list[q]] + Vec2{vx, vy};
        forces[i] = forces[i] - Vec2{ux + vx, uy + vy};
      }
    }
  }
}

}  // namespace

void relax_in_plane(CarbonNet& net, const std::vector<double>& z, int most_steps) {
  constexpr double longest_step = 0.12, enough = 1e-3;  // eV/angstrom
  std::vector<Vec2> velocity(net.at.size()), forces(net.at.size());
  double step = 0.05, mix = 0.1;
  int downhill = 0;
  for (int turn = 0; turn < most_steps; ++turn) {
    spring_forces(net, z, forces);
    double power = 0.0, speed = 0.0, force = 0.0, largest = 0.0;
    for (std::size_t i = 0; i < forces.size(); ++i) {
      power += dot(forces[i], velocity[i]);
      speed += dot(velocity[i], velocity[i]);
      force += dot(forces[i], forces[i]);
      largest = std::max(largest, norm(forces[i]));
    }
    if (largest < enough) return;
    if (power > 0.0) {
      const double along = mix * std::sqrt(speed / force);
      for (std::size_t i = 0; i < forces.size(); ++i) {
        velocity[i] = (1.0 - mix) * velocity[i] + along * forces[i];
      }
      if (++downhill > 5) {
        step = std::min(1.1 * step, longest_step);
        mix *= 0.99;
      }
    } else {
      std::fill(velocity.begin(), velocity.end(), Vec2{});
      step *= 0.5;
      mix = 0.1;
      downhill = 0;
    }
    for (std::size_t i = 0; i < forces.size(); ++i) {
      velocity[i] = velocity[i] + step * forces[i];
      const double length = step * norm(velocity[i]);
      net.at[i] = net.at[i] + (length > 0.1 ? 0.1 / length : 1.0) * (step * velocity[i]);
    }
  }
}

}  // namespace kinema::simulate
