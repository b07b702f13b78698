// Truths of bonds, rings and vacancies of ideal nets.
#include "kinema/atoms/topology.h"

#include <gtest/gtest.h>

#include "atoms/sheets.h"

namespace kinema::atoms {
namespace {

std::vector<Vec2> flat(const std::vector<Vec3>& sites) {
  std::vector<Vec2> positions;
  for (const Vec3& at : sites) positions.push_back({at[0], at[1]});
  return positions;
}

/// A periodic net of m x n rectangular cells of four atoms.
std::vector<Vec2> periodic_net(int m, int n) {
  std::vector<Vec2> positions;
  const double b = bond_length, h = 0.5 * std::numbers::sqrt3 * b;
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < n; ++j) {
      for (const Vec2& at : {Vec2{0.0, 0.0}, Vec2{b, 0.0}, Vec2{1.5 * b, h}, Vec2{2.5 * b, h}}) {
        positions.push_back({at[0] + 3.0 * b * i, at[1] + 2.0 * h * j});
      }
    }
  }
  return positions;
}

Bounds periodic_bounds(int m, int n) {
  return {{3.0 * bond_length * m, std::numbers::sqrt3 * bond_length * n}, {}};
}

TEST(Topology, APeriodicNetHasHalfAsManyHexagonsAsAtoms) {
  const Topology net = connect(periodic_net(4, 6), periodic_bounds(4, 6));
  EXPECT_EQ(net.count_rings(6), 48);
  EXPECT_EQ(net.rings.size(), 48U);
  EXPECT_TRUE(net.vacancies.empty());
  for (const auto& neighbours : net.neighbours) EXPECT_EQ(neighbours.size(), 3U);
  for (const Place place : net.places) EXPECT_EQ(place, Place::inside);
}

TEST(Topology, MissingAtomsAreCountedByTheHole) {
  for (int missing = 1; missing <= 3; ++missing) {
    std::vector<Vec2> net = periodic_net(5, 8);
    const Vec2 at = net[70];
    for (int k = 0; k < missing; ++k) {
      // Each next one is a neighbour of the first.
      net.erase(std::ranges::min_element(net, {}, [&](const Vec2& p) {
        return std::hypot(p[0] - at[0] - 1e-3, p[1] - at[1] - 2e-3);
      }));
    }
    const Topology topology = connect(net, periodic_bounds(5, 8));
    ASSERT_EQ(topology.vacancies.size(), 1U) << missing;
    EXPECT_EQ(topology.vacancies[0].missing, missing);
  }
}

TEST(Topology, AFlakeHasEdgesAndAViewCuts) {
  const std::vector<Vec2> sites = flat(test::flat_sheet({0.0, 0.0, 0.0}, 10.0, 0.0));
  const Topology flake = connect(sites);
  const Topology cut = connect(sites, {{}, [](const Vec2& at) {
                                         return 10.5 - std::max(std::abs(at[0]), std::abs(at[1]));
                                       }});
  EXPECT_GT(std::ranges::count(flake.places, Place::edge), 20);
  EXPECT_EQ(std::ranges::count(flake.places, Place::cut), 0);
  EXPECT_EQ(std::ranges::count(cut.places, Place::cut),
            std::ranges::count(flake.places, Place::edge));
  // Euler: atoms - bonds + rings = 1 for a flake in one piece.
  Index bonds = 0;
  for (const auto& neighbours : flake.neighbours) bonds += static_cast<Index>(neighbours.size());
  EXPECT_EQ(static_cast<Index>(sites.size()) - bonds / 2 + static_cast<Index>(flake.rings.size()),
            1);
}

}  // namespace
}  // namespace kinema::atoms
