// Laws of motion.
#include "kinema/simulate/molecule_motion.h"

#include "kinema/data/pose.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kinema::simulate {
namespace {

using std::numbers::pi;

Vec3 mix(const Vec3& a, const Vec3& b, double share) {
  return {a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]), a[2] + share * (b[2] - a[2])};
}

Vec3 minus(const Vec3& a, const Vec3& b) {
  return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}

/// Between 0 and 1 at random, `cycles` there and backs on average.
std::vector<double> jumps(Index frames, double cycles, Rng rng) {
  const double chance = std::min(0.5, 2.0 * cycles / static_cast<double>(frames));
  std::vector<double> coordinate;
  double state = 0.0;
  for (Index t = 0; t < frames; ++t) {
    if (rng.uniform() < chance) state = 1.0 - state;
    coordinate.push_back(state);
  }
  return coordinate;
}

/// Overdamped motion in U = 8 barrier kT x^2 (x^2 / 2 - 1) ..., wells at -1 and 1, as 0 and 1; the
/// step is such that the mean time between the wells is that of `cycles`.
std::vector<double> langevin(Index frames, double cycles, Rng rng) {
  constexpr double barrier = 2.5;  // kT
  // Kramers: rate = sqrt(8) barrier... / pi exp(-barrier) per unit of time and direction.
  const double rate = 4.0 * barrier * std::sqrt(2.0) / (2.0 * pi) * std::exp(-barrier);
  const double per_frame = 2.0 * cycles / static_cast<double>(frames) / rate;
  constexpr int substeps = 20;
  const double dt = std::min(per_frame, 0.5) / substeps;
  std::vector<double> coordinate;
  double x = -1.0;
  for (Index t = 0; t < frames; ++t) {
    for (int i = 0; i < substeps; ++i) {
      x += 4.0 * barrier * x * (1.0 - x * x) * dt + std::sqrt(2.0 * dt) * rng.normal();
    }
    coordinate.push_back(std::clamp(0.5 + 0.4 * x, 0.0, 1.0));
  }
  return coordinate;
}

/// "first:last", both included.
std::pair<int, int> residue_range(const std::string& text) {
  const std::size_t colon = text.find(':');
  std::pair<int, int> range;
  try {
    if (colon == std::string::npos) throw InputError("");
    from_text(std::string_view(text).substr(0, colon), range.first);
    from_text(std::string_view(text).substr(colon + 1), range.second);
  } catch (const InputError&) {
    throw InputError("option 'domain': '" + text +
                     "' is no range of residues; give \"first:last\"");
  }
  return range;
}

}  // namespace

std::vector<Vec3> MoleculeModel::at(double coordinate) const {
  const double place = std::clamp(coordinate, 0.0, 1.0) * static_cast<double>(states.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(place), states.size() - 1);
  const std::size_t above = std::min(below + 1, states.size() - 1);
  std::vector<Vec3> atoms(states[below].size());
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    atoms[i] = mix(states[below][i], states[above][i], place - static_cast<double>(below));
  }
  return atoms;
}

void centre(MoleculeModel& model) {
  Vec3 mean{};
  double count = 0.0;
  for (const auto& state : model.states) {
    for (const Vec3& atom : state) {
      mean = {mean[0] + atom[0], mean[1] + atom[1], mean[2] + atom[2]};
      count += 1.0;
    }
  }
  for (double& m : mean) m /= count;
  for (auto& state : model.states) {
    for (Vec3& atom : state) atom = minus(atom, mean);
  }
}

void add_domain_turn(MoleculeModel& model,
                     const std::vector<int>& residues,
                     const MotionOptions& options) {
  const auto [first, last] = residue_range(options.domain);
  const auto turns = [&](std::size_t i) { return residues[i] >= first && residues[i] <= last; };
  const std::vector<Vec3> start = model.states.at(0);
  Vec3 in{}, out{};
  double ins = 0.0, outs = 0.0;
  for (std::size_t i = 0; i < start.size(); ++i) {
    Vec3& sum = turns(i) ? in : out;
    (turns(i) ? ins : outs) += 1.0;
    for (std::size_t axis = 0; axis < 3; ++axis) sum[axis] += start[i][axis];
  }
  if (ins == 0.0 || outs == 0.0) {
    throw InputError("option 'domain': residues " + options.domain +
                     " are none or all of the molecule's; name a part of it");
  }
  for (std::size_t axis = 0; axis < 3; ++axis) {
    in[axis] /= ins;
    out[axis] /= outs;
  }
  const Vec3 along = minus(in, out), hinge = mix(in, out, 0.5);
  const Vec3 other = std::abs(along[2]) < std::abs(along[0]) ? Vec3{0, 0, 1} : Vec3{1, 0, 0};
  Vec3 axis{along[1] * other[2] - along[2] * other[1],
            along[2] * other[0] - along[0] * other[2],
            along[0] * other[1] - along[1] * other[0]};
  const double length = std::hypot(axis[0], axis[1], axis[2]);
  constexpr int steps = 60;
  model.states.clear();
  for (int step = 0; step <= steps; ++step) {
    const double angle = options.domain_turn * pi / 180.0 * step / steps / length;
    const Rotation turn = rotation_about({axis[0] * angle, axis[1] * angle, axis[2] * angle});
    std::vector<Vec3>& state = model.states.emplace_back(start);
    for (std::size_t i = 0; i < state.size(); ++i) {
      if (!turns(i)) continue;
      const Vec3 turned = turn * minus(state[i], hinge);
      for (std::size_t a = 0; a < 3; ++a) state[i][a] = hinge[a] + turned[a];
    }
  }
}

std::vector<double> coordinates(const MotionOptions& options, Rng rng) {
  const Index frames = options.frames;
  if (options.motion == Motion::jump) return jumps(frames, options.cycles, rng);
  if (options.motion == Motion::langevin) return langevin(frames, options.cycles, rng);
  std::vector<double> coordinate;
  for (Index t = 0; t < frames; ++t) {
    const double time =
        static_cast<double>(t) / static_cast<double>(std::max<Index>(1, frames - 1));
    const double cycle = options.cycles * time;
    switch (options.motion) {
      case Motion::path:
        coordinate.push_back(time);
        break;
      case Motion::sine:
        coordinate.push_back(0.5 - 0.5 * std::cos(2.0 * pi * cycle));
        break;
      case Motion::saw:
        coordinate.push_back(cycle - std::floor(cycle));
        break;
      default:
        coordinate.push_back(0.5);
    }
  }
  return coordinate;
}

}  // namespace kinema::simulate
