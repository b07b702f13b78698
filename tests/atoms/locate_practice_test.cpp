// Locating in the practice frames (abTEM, another potential), with their truth beside.
#include "kinema/atoms/locate.h"
#include "kinema/io/extxyz.h"
#include "kinema/io/npy.h"

#include <gtest/gtest.h>

#include "atoms/sheets.h"
#include "test_data.h"

namespace kinema::atoms {
namespace {

/// Frame `t` of the practice movie at a dose, as floats.
Array<float, 2> practice_frame(int dose, Index t) {
  const io::NpyArray movie =
      io::read_npy(test::test_data("graphene/flake12_counts_" + std::to_string(dose) + ".npy"));
  Array<float, 2> frame({movie.shape[1], movie.shape[2]});
  const auto counts = movie.elements<std::uint16_t>();
  for (Index i = 0; i < frame.size(); ++i) {
    frame.data()[i] = counts[static_cast<std::size_t>(t * frame.size() + i)];
  }
  return frame;
}

void expect_whole(int dose, Index t, double rms) {
  const Trajectory truth = io::read_extxyz(test::test_data("graphene/flake12_truth.extxyz"));
  const Located located = locate(practice_frame(dose, t).view(),
                                 PixelSize{{0.2}, {0.2}},
                                 test::practice_optics(),
                                 Fluence{static_cast<double>(dose)});
  const test::Found found = test::compare(located.positions, atoms_at(truth, t).positions);
  EXPECT_EQ(found.lost, 0) << "frame " << t << " at " << dose;
  EXPECT_EQ(found.spurious, 0) << "frame " << t << " at " << dose;
  EXPECT_LT(found.rms, rms);
  // 747 atoms and 338 hexagons of a simply connected flake: V - E + F = 1 with the face inside.
  EXPECT_EQ(located.topology.count_rings(6), 338);
  EXPECT_EQ(located.topology.rings.size(), 338U);
}

TEST(LocatePractice, NoAtomIsLostAndNoneInvented) {
  KINEMA_REQUIRE_DATA(test::test_data("graphene/flake12_counts_8000.npy"));
  for (const Index t : {0, 6, 11}) expect_whole(8000, t, 0.045);
  expect_whole(27000, 3, 0.032);
}

}  // namespace
}  // namespace kinema::atoms
