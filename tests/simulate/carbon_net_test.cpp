// Nets of carbon: defects make the rings that they are known by, and flakes have no loose ends.
#include "kinema/simulate/carbon_net.h"

#include "kinema/simulate/graphene_structure.h"

#include <gtest/gtest.h>

#include <cmath>
#include <gmock/gmock.h>

namespace kinema::simulate {
namespace {

using testing::Each;
using testing::Pair;
using testing::UnorderedElementsAre;

CarbonNet whole() {
  constexpr double a = 2.4595;
  return periodic_honeycomb(12, 7, {12 * a, 7 * 3 * bond_length});
}

std::vector<std::pair<int, int>> rings(const CarbonNet& net) {
  std::vector<std::pair<int, int>> found;
  const std::vector<int> sizes = ring_sizes(net);
  for (std::size_t n = 0; n < sizes.size(); ++n) {
    if (sizes[n] > 0) found.emplace_back(static_cast<int>(n), sizes[n]);
  }
  return found;
}

std::pair<double, double> shortest_and_longest_bond(const CarbonNet& net) {
  double low = 9.0, high = 0.0;
  for (int i = 0; i < net.size(); ++i) {
    for (const int n : net.bonded[i]) {
      low = std::min(low, norm(net.way(i, n)));
      high = std::max(high, norm(net.way(i, n)));
    }
  }
  return {low, high};
}

TEST(CarbonNet, APeriodicSheetIsAllHexagons) {
  const CarbonNet net = whole();
  EXPECT_EQ(net.count(), 12 * 7 * 4);
  EXPECT_EQ(net.bonds(), net.count() * 3 / 2);
  EXPECT_THAT(rings(net), UnorderedElementsAre(Pair(6, net.count() / 2)));
}

TEST(CarbonNet, ATurnedBondMakesTwoPentagonsAndTwoHeptagons) {
  CarbonNet net = whole();
  rotate_bond(net, 100, net.bonded[100][1]);
  EXPECT_THAT(rings(net), UnorderedElementsAre(Pair(5, 2), Pair(6, 164), Pair(7, 2)));
  EXPECT_EQ(net.bonds(), 504);
  relax_in_plane(net);
  const auto [low, high] = shortest_and_longest_bond(net);
  EXPECT_GT(low, 1.3);
  EXPECT_LT(high, 1.5);
}

TEST(CarbonNet, AMissingPairMakesRingsOfFiveEightFive) {
  CarbonNet net = whole();
  remove_pair(net, 100, net.bonded[100][0]);
  EXPECT_THAT(rings(net), UnorderedElementsAre(Pair(5, 2), Pair(6, 164), Pair(8, 1)));
  EXPECT_EQ(net.count(), 334);
}

TEST(CarbonNet, AMissingAtomMakesARingOfTwelve) {
  CarbonNet net = whole();
  remove_atom(net, 100);
  EXPECT_THAT(rings(net), UnorderedElementsAre(Pair(6, 165), Pair(12, 1)));
}

TEST(CarbonNet, SpringsBringBondsOverRipplesToTheirLength) {
  CarbonNet net = honeycomb({0.0, 0.0}, {30.0, 30.0}, 0.2);
  trim(net);
  net = compact(net);
  std::vector<double> z;
  for (const Vec2 at : net.at) z.push_back(std::sin(at.x / 4.0) + 0.5 * std::cos(at.y / 5.0));
  relax_in_plane(net, z, 2000);
  double worst = 0.0;
  for (int i = 0; i < net.size(); ++i) {
    for (const int n : net.bonded[i]) {
      worst = std::max(worst, std::abs(std::hypot(norm(net.way(i, n)), z[i] - z[n]) - bond_length));
    }
  }
  EXPECT_LT(worst, 0.02);
}

TEST(Flake, HasTheAtomsAskedForAndNoLooseEnds) {
  for (const FlakeEdge edge : {FlakeEdge::irregular, FlakeEdge::round}) {
    for (const Index atoms : {96, 250, 747}) {
      const CarbonNet flake = cut_flake(atoms, edge, 0.3, Rng(11));
      EXPECT_EQ(flake.count(), atoms);
      for (int i = 0; i < flake.size(); ++i) {
        EXPECT_GE(flake.coordination(i), 2);
        EXPECT_LE(flake.coordination(i), 3);
      }
      EXPECT_THAT(rings(flake), Each(Pair(6, testing::_)));
    }
  }
}

TEST(StructureEvents, ReadBackWhatTheyWrite) {
  StructureEvents events;
  from_text("rotation@20,vacancy@12, edge@30", events);
  EXPECT_EQ(to_text(events), "vacancy@12, rotation@20, edge@30");
  EXPECT_THROW(from_text("explosion@3", events), InputError);
  EXPECT_THROW(from_text("vacancy", events), InputError);
}

}  // namespace
}  // namespace kinema::simulate
