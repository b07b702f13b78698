#include "kinema/atoms/grow.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <queue>

namespace kinema::atoms {
namespace {

constexpr double closest = 0.95;       // angstrom between two sites
constexpr double noise_sigmas = 2.6;   // above what vacuum shows
constexpr double least_gain = -0.3;    // of an atom's energy; half of the neighbours lack as yet
constexpr double clear_patch = 0.35;   // of the clearest
constexpr double beside_border = 4.0;  // angstrom
constexpr std::size_t judged_patches = 9;

struct Candidate {
  double gain = 0.0;
  Vec2 place{};
  bool operator<(const Candidate& other) const { return gain < other.gain; }
};

Vec2 turned(const Vec2& v, double angle) {
  const double c = std::cos(angle), s = std::sin(angle);
  return {c * v[0] - s * v[1], s * v[0] + c * v[1]};
}

/// Least squares of the strength over the ideal lattice around a hexagon.
double strength_at(const Evidence& evidence, const LatticeFit& lattice, const Vec2& hollow) {
  constexpr double inner = 4.0;
  const double outer = inner + evidence.reach;
  const auto corners = lattice.corners();
  std::vector<Vec2> disc;
  const auto span = static_cast<int>(outer / lattice.bond) + 2;
  for (int m = -span; m <= span; ++m) {
    for (int n = -span; n <= span; ++n) {
      for (const Vec2& corner : {corners[0], corners[1]}) {
        const Vec2 at{m * lattice.vectors[0][0] + n * lattice.vectors[1][0] + corner[0],
                      m * lattice.vectors[0][1] + n * lattice.vectors[1][1] + corner[1]};
        if (length(at) < outer) disc.push_back(at);
      }
    }
  }
  double correlation = 0.0, overlap = 0.0;
  for (const Vec2& i : disc) {
    if (length(i) > inner) continue;
    correlation += evidence.correlation.value(hollow[0] + i[0], hollow[1] + i[1]);
    for (const Vec2& j : disc) {
      const double x = i[0] - j[0], y = i[1] - j[1];
      if (std::hypot(x, y) < evidence.reach) overlap += evidence.overlap.value(x, y);
    }
  }
  return correlation / overlap;
}

/// Grows from the candidates of `front` until none is supported.
class Growth {
 public:
  explicit Growth(Sites& sites) : sites_(sites) {}

  void propose_around(int id) {
    if (sites_.frame().depth(sites_.at(id)[0], sites_.at(id)[1]) < 0.0) return;
    for (const Vec2& place : expected_neighbours(sites_, id)) {
      if (!sites_.near(place, closest).empty()) continue;
      queue_.push({sites_.gain(sites_.climb(place)), place});
    }
  }

  void run() {
    while (!queue_.empty()) {
      const Candidate next = queue_.top();
      queue_.pop();
      if (!sites_.near(next.place, 0.6).empty()) continue;
      const Vec2 place = sites_.climb(next.place);
      if (!sites_.near(place, closest).empty()) continue;
      if (sites_.frame().depth(place[0], place[1]) < 0.0) continue;
      const double gain = sites_.gain(place);
      if (gain < least_supported()) continue;
      if (!queue_.empty() && gain < queue_.top().gain - 1.0) {
        queue_.push({gain, next.place});
        continue;
      }
      sites_.add(place);
      const std::vector<int> group = sites_.near(place, longest_bond);
      sites_.settle(group, 2);
      for (const int member : group) propose_around(member);
    }
  }

 private:
  /// Over vacuum the gain is -E on average with a spread of sqrt(2 E), E the energy of an atom.
  double least_supported() const {
    const double energy = sites_.atom_energy();
    return std::max(least_gain * energy, noise_sigmas * std::sqrt(2.0 * energy) - energy);
  }

  Sites& sites_;
  std::priority_queue<Candidate> queue_;
};

}  // namespace

std::vector<Vec2> expected_neighbours(const Sites& sites, int id) {
  std::vector<Vec2> bonds;
  for (const int other : sites.bonded(id)) {
    Vec2 d = sites.evidence().shift(sites.at(other), sites.at(id));
    const double distance = length(d);
    bonds.push_back({d[0] / distance, d[1] / distance});
  }
  std::vector<Vec2> places;
  const auto expect = [&](const Vec2& direction) {
    const double bond = sites.lattice().bond_along(direction[0], direction[1]);
    const double scale = bond / length(direction);
    places.push_back(
        {sites.at(id)[0] + direction[0] * scale, sites.at(id)[1] + direction[1] * scale});
  };
  constexpr double third = 2.0 * std::numbers::pi / 3.0;
  if (bonds.size() == 1) {
    expect(turned(bonds[0], third));
    expect(turned(bonds[0], -third));
  } else if (bonds.size() == 2) {
    const Vec2 away{-bonds[0][0] - bonds[1][0], -bonds[0][1] - bonds[1][1]};
    if (length(away) > 0.3) expect(away);
  }
  return places;
}

bool reaches_border(const Frame& frame, const std::vector<Patch>& patches) {
  return std::ranges::any_of(patches, [&](const Patch& patch) {
    return patch.clarity > clear_patch * patches.front().clarity &&
           frame.depth(patch.hollow[0], patch.hollow[1]) < beside_border;
  });
}

double patch_strength(const Evidence& evidence, const LatticeSearch& search) {
  std::vector<double> strengths;
  for (const Patch& patch : search.patches) {
    if (strengths.size() == judged_patches) break;
    strengths.push_back(strength_at(evidence, search.lattice, patch.hollow));
  }
  std::ranges::nth_element(strengths, strengths.begin() + static_cast<Index>(strengths.size() / 2));
  return strengths[strengths.size() / 2];
}

void grow(Sites& sites, const std::vector<Patch>& patches) {
  for (const Patch& patch : patches) {
    if (patch.clarity < clear_patch * patches.front().clarity) break;
    if (!sites.near(patch.hollow, 2.5).empty()) continue;
    std::vector<int> seed;
    for (const Vec2& corner : sites.lattice().corners()) {
      const Vec2 place{patch.hollow[0] + corner[0], patch.hollow[1] + corner[1]};
      if (sites.frame().depth(place[0], place[1]) > 0.0) seed.push_back(sites.add(place));
    }
    Growth growth(sites);
    for (const int id : seed) growth.propose_around(id);
    growth.run();
  }
}

void grow_beyond_view(Sites& sites, double margin) {
  const auto outside = [&](int id) {
    return sites.frame().depth(sites.at(id)[0], sites.at(id)[1]);
  };
  for (const int id : sites.ids()) {
    if (outside(id) < 0.0) sites.remove(id);
  }
  std::vector<int> front = sites.ids();
  while (!front.empty()) {
    std::vector<int> next;
    for (const int id : front) {
      if (outside(id) > 2.0 || outside(id) < -margin) continue;
      for (const Vec2& place : expected_neighbours(sites, id)) {
        const double depth = sites.frame().depth(place[0], place[1]);
        if (depth >= 0.0 || !sites.near(place, closest).empty()) continue;
        next.push_back(sites.add(place));
      }
    }
    front = std::move(next);
  }
}

}  // namespace kinema::atoms
