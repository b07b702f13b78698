// Truths of tracking: names last through drift, gaps and false detections; what happens is named.
#include "kinema/atoms/track.h"

#include <gtest/gtest.h>

#include "atoms/sheets.h"

namespace kinema::atoms {
namespace {

/// Frames of a flat flake that drifts by `step` a frame, with noise of `sigma`, in mixed order.
std::vector<io::AtomFrame> drifting(const std::vector<Vec3>& sites, Index frames, Vec2 step) {
  Rng rng(7);
  std::vector<io::AtomFrame> movie;
  for (Index t = 0; t < frames; ++t) {
    io::AtomFrame frame;
    for (const Vec3& at : sites) {
      frame.atoms.positions.push_back(
          {at[0] + step[0] * static_cast<double>(t) + 0.05 * rng.normal(),
           at[1] + step[1] * static_cast<double>(t) + 0.05 * rng.normal(),
           at[2]});
    }
    for (std::size_t i = sites.size(); i > 1; --i) {
      std::swap(
          frame.atoms.positions[i - 1],
          frame.atoms.positions[static_cast<std::size_t>(rng.uniform() * static_cast<double>(i))]);
    }
    frame.atoms.atomic_numbers.assign(sites.size(), 6);
    movie.push_back(std::move(frame));
  }
  return movie;
}

/// Takes the atom nearest to a place out of a frame.
void take_out(io::AtomFrame& frame, const Vec2& at) {
  auto& positions = frame.atoms.positions;
  const auto nearest = std::ranges::min_element(
      positions, {}, [&](const Vec3& p) { return std::hypot(p[0] - at[0], p[1] - at[1]); });
  positions.erase(nearest);
  frame.atoms.atomic_numbers.pop_back();
}

const std::vector<Vec3>& flake() {
  static const std::vector<Vec3> sites = test::flat_sheet({20.0, 20.0, 0.0}, 10.0, 0.1);
  return sites;
}

TEST(Track, NamesLastThroughDriftAndMixedOrder) {
  const Vec2 step{0.5, -0.9};  // more than half a bond in a frame
  const Tracked tracked = track(drifting(flake(), 8, step));
  ASSERT_EQ(tracked.trajectory.atoms(), static_cast<Index>(flake().size()));
  EXPECT_NEAR(tracked.drift.back()[0], 3.5, 0.05);
  EXPECT_NEAR(tracked.drift.back()[1], -6.3, 0.05);
  EXPECT_TRUE(tracked.events.empty());
  EXPECT_EQ(tracked.gaps, 0);
  const auto& at = tracked.trajectory.positions;
  for (Index i = 0; i < tracked.trajectory.atoms(); ++i) {
    EXPECT_NEAR(at(7, i, 0) - at(0, i, 0), 3.5, 0.4);
    EXPECT_NEAR(at(7, i, 1) - at(0, i, 1), -6.3, 0.4);
  }
}

TEST(Track, AtomsPassTheBorderOfACellThatRepeats) {
  constexpr double edge = 40.0;
  std::vector<Vec3> sites = flake();
  for (Vec3& at : sites) at[0] += 9.0;
  auto movie = drifting(sites, 8, {0.9, 0.1});
  for (io::AtomFrame& frame : movie) {
    for (Vec3& at : frame.atoms.positions) at[0] -= edge * std::floor(at[0] / edge);
    frame.atoms.cell = Cell{{{{edge, 0, 0}, {0, edge, 0}, {0, 0, 20}}}, {true, true, false}, {}};
  }
  const Tracked tracked = track(movie);
  EXPECT_EQ(tracked.trajectory.atoms(), static_cast<Index>(sites.size()));
  EXPECT_EQ(tracked.gaps, 0);
  EXPECT_TRUE(tracked.events.empty());
  EXPECT_NEAR(tracked.drift.back()[0], 7 * 0.9, 0.1);
}

TEST(Track, AMissedAndAFalseDetectionAreNoEvents) {
  std::vector<io::AtomFrame> movie = drifting(flake(), 9, {0.1, 0.0});
  take_out(movie[4], {20.4, 20.0});
  movie[6].atoms.positions.push_back({33.0, 33.0, 0.0});
  movie[6].atoms.atomic_numbers.push_back(6);
  const Tracked tracked = track(movie);
  EXPECT_EQ(tracked.trajectory.atoms(), static_cast<Index>(flake().size()));
  EXPECT_TRUE(tracked.events.empty());
  EXPECT_EQ(tracked.gaps, 1);
  EXPECT_EQ(tracked.dropped, 1);
  for (const std::uint8_t present : tracked.trajectory.present.flat()) EXPECT_EQ(present, 1);
}

TEST(Track, AKnockedOutAtomLeavesAVacancy) {
  std::vector<io::AtomFrame> movie = drifting(flake(), 10, {0.0, 0.0});
  for (Index t = 5; t < 10; ++t) take_out(movie[static_cast<std::size_t>(t)], {20.0, 20.0});
  const Tracked tracked = track(movie);
  ASSERT_EQ(tracked.events.size(), 2U);
  EXPECT_EQ(tracked.events[0].kind, EventKind::atom_lost);
  EXPECT_EQ(tracked.events[0].frame, 5);
  EXPECT_EQ(tracked.events[1].kind, EventKind::vacancy_formed);
  EXPECT_EQ(tracked.events[1].atoms, tracked.events[0].atoms);
  EXPECT_EQ(tracked.trajectory.present(4, tracked.events[0].atoms[0]), 1);
  EXPECT_EQ(tracked.trajectory.present(5, tracked.events[0].atoms[0]), 0);
}

TEST(Track, ARotatedBondIsNamedWithItsRings) {
  // Stone and Wales: the bond nearest to the middle turns by 90 degrees about its centre.
  std::vector<Vec3> turned = flake();
  std::ranges::sort(turned, {}, [](const Vec3& p) { return std::hypot(p[0] - 20.0, p[1] - 20.0); });
  std::vector<Vec3> sites = turned;
  const auto partner = std::find_if(turned.begin() + 1, turned.end(), [&](const Vec3& p) {
    return std::hypot(p[0] - turned[0][0], p[1] - turned[0][1]) < 1.5;
  });
  Vec3 &a = turned[0], &b = *partner;
  const Vec2 middle{0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])};
  for (Vec3* p : {&a, &b}) {
    const Vec2 d{(*p)[0] - middle[0], (*p)[1] - middle[1]};
    *p = {middle[0] - d[1], middle[1] + d[0], 0.0};
  }
  std::vector<io::AtomFrame> movie = drifting(sites, 5, {0.0, 0.0});
  for (io::AtomFrame& frame : drifting(turned, 5, {0.0, 0.0})) movie.push_back(std::move(frame));
  const Tracked tracked = track(movie);
  EXPECT_EQ(tracked.trajectory.atoms(), static_cast<Index>(sites.size()));
  ASSERT_EQ(tracked.events.size(), 1U);
  EXPECT_EQ(tracked.events[0].kind, EventKind::bond_rotated);
  EXPECT_EQ(tracked.events[0].frame, 5);
  EXPECT_EQ(tracked.events[0].rings, (std::vector<Index>{5, 5, 7, 7}));
  EXPECT_NEAR(tracked.events[0].place[0], middle[0], 0.1);
}

TEST(Track, WhatCannotBeTrackedIsRefused) {
  EXPECT_THROW(track({}), InputError);
  TrackOptions wide;
  wide.gate = 3.0_A;
  EXPECT_THROW(track(drifting(flake(), 2, {0.0, 0.0}), wide), InputError);
}

}  // namespace
}  // namespace kinema::atoms
