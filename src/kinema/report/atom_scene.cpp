#include "kinema/report/atom_scene.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace kinema::report {
namespace {

double distance2(const Vec3& a, const Vec3& b) {
  const double x = a[0] - b[0], y = a[1] - b[1], z = a[2] - b[2];
  return x * x + y * y + z * z;
}

/// Atoms sorted into cubes, to find those nearby.
class Neighbourhood {
 public:
  Neighbourhood(const std::vector<Vec3>& positions, double side)
      : positions_(positions), side_(side) {
    for (std::size_t i = 0; i < positions.size(); ++i) {
      cubes_[key(positions[i], 0, 0, 0)].push_back(i);
    }
  }

  /// Calls visit(j, squared distance) for every other atom of the 27 cubes around atom i.
  template <class Visit>
  void around(std::size_t i, Visit visit) const {
    for (int dz = -1; dz <= 1; ++dz) {
      for (int dy = -1; dy <= 1; ++dy) {
        for (int dx = -1; dx <= 1; ++dx) {
          const auto found = cubes_.find(key(positions_[i], dx, dy, dz));
          if (found == cubes_.end()) continue;
          for (const std::size_t j : found->second) {
            if (j != i) visit(j, distance2(positions_[i], positions_[j]));
          }
        }
      }
    }
  }

 private:
  std::int64_t key(const Vec3& at, int dx, int dy, int dz) const {
    const auto cube = [this](double v, int step) {
      const double number = std::clamp(std::floor(v / side_) + step, -1e6, 1e6);
      return static_cast<std::int64_t>(number) + 1000000;
    };
    return (cube(at[2], dz) * 2000003 + cube(at[1], dy)) * 2000003 + cube(at[0], dx);
  }

  const std::vector<Vec3>& positions_;
  double side_;
  std::unordered_map<std::int64_t, std::vector<std::size_t>> cubes_;
};

/// The median distance of an atom to its nearest neighbour within 4 angstrom; 1.5 where none has
/// any.
double usual_distance(const std::vector<Vec3>& positions) {
  const Neighbourhood neighbourhood(positions, 4.0);
  std::vector<double> nearest;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    double least = 16.0;
    neighbourhood.around(i, [&](std::size_t, double d2) { least = std::min(least, d2); });
    if (least < 16.0) nearest.push_back(std::sqrt(least));
  }
  if (nearest.empty()) return 1.5;
  const auto middle = nearest.begin() + static_cast<std::ptrdiff_t>(nearest.size() / 2);
  std::nth_element(nearest.begin(), middle, nearest.end());
  return std::max(*middle, 0.1);
}

std::vector<std::pair<std::size_t, std::size_t>> pairs_within(const std::vector<Vec3>& positions,
                                                              double reach) {
  const Neighbourhood neighbourhood(positions, reach);
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    neighbourhood.around(i, [&](std::size_t j, double d2) {
      if (j > i && d2 < reach * reach) pairs.emplace_back(i, j);
    });
  }
  return pairs;
}

constexpr double bond_reach = 1.3;

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> near_pairs(const AtomicModel& atoms) {
  return pairs_within(atoms.positions, bond_reach * usual_distance(atoms.positions));
}

Scene atom_scene(const AtomicModel& atoms,
                 const std::vector<double>& values,
                 const ColourScale& scale,
                 double size) {
  const double unit = usual_distance(atoms.positions);
  Scene scene;
  for (std::size_t i = 0; i < atoms.positions.size(); ++i) {
    scene.balls.push_back({atoms.positions[i], 0.28 * size * unit, scale.colour(values[i])});
  }
  for (const auto& [i, j] : pairs_within(atoms.positions, bond_reach * unit)) {
    scene.sticks.push_back({atoms.positions[i],
                            atoms.positions[j],
                            0.10 * size * unit,
                            scene.balls[i].colour,
                            scene.balls[j].colour});
  }
  return scene;
}

std::vector<double> values_at(const Trajectory& trajectory, Index t, const std::string& name) {
  const bool height = name == "height", sigma = name == "sigma";
  const auto found = trajectory.values.find(name);
  if ((sigma && trajectory.sigmas.empty()) ||
      (!height && !sigma && found == trajectory.values.end())) {
    std::string known = trajectory.sigmas.empty() ? "height" : "height, sigma";
    for (const auto& [other, values] : trajectory.values) known += ", " + other;
    throw InputError("option 'colour': the atoms have no '" + name + "'; they have " + known);
  }
  std::vector<double> values;
  double sum = 0.0;
  for (Index i = 0; i < trajectory.atoms(); ++i) {
    if (trajectory.present(t, i) == 0) continue;
    values.push_back(height  ? trajectory.positions(t, i, 2)
                     : sigma ? trajectory.sigmas(t, i, 2)
                             : found->second(t, i));
    sum += values.back();
  }
  if (height) {
    for (double& value : values) value -= sum / static_cast<double>(values.size());
  }
  return values;
}

ColourScale scale_of(const Trajectory& trajectory, const std::string& name, ColourMap map) {
  std::vector<double> all;
  for (Index t = 0; t < trajectory.frames(); ++t) {
    for (const double value : values_at(trajectory, t, name)) {
      if (std::isfinite(value)) all.push_back(value);
    }
  }
  ColourScale scale{.map = map, .low = 0.0, .high = 1.0, .title = name};
  if (name == "height") scale.title = "height (Å)";
  if (name == "sigma") scale.title = "standard error of z (Å)";
  if (all.empty()) return scale;
  const auto rank = [&](double share) {
    const auto place =
        all.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(all.size() - 1));
    std::nth_element(all.begin(), place, all.end());
    return *place;
  };
  scale.low = rank(0.01);
  scale.high = rank(0.99);
  if (!(scale.high > scale.low)) scale.high = scale.low + 1.0;
  return scale;
}

}  // namespace kinema::report
