// Bonds by distance, across the borders of cells of any size and shape.
#include "kinema/md/bonds.h"

#include "sheets.h"
#include <gmock/gmock.h>

namespace kinema::md {
namespace {

using testing::Each;

TEST(Bonds, EveryAtomOfASheetHasThree) {
  for (const int size : {1, 2, 5}) {
    const AtomicModel sheet = test::periodic_sheet(size, size, 1.42);
    const std::vector<Bond> bonds = bonds_of(sheet);
    EXPECT_EQ(bonds.size(), sheet.positions.size() * 3 / 2);
    EXPECT_THAT(coordination(sheet.size(), bonds), Each(3));
    for (const Bond& bond : bonds) EXPECT_NEAR(bond.length(), 1.42, 1e-9);
  }
}

TEST(Bonds, ThePrimitiveCellLeansAndCountsTheSame) {
  const double a = 1.42 * std::sqrt(3.0);
  AtomicModel sheet;
  sheet.atomic_numbers = {6, 6};
  sheet.positions = {{7 * a, 0, 0}, {7 * a, 1.42, 0}};  // far outside the cell
  sheet.cell = Cell{{{{a, 0, 0}, {a / 2, 2.13, 0}, {0, 0, 9}}}, {true, true, true}, {1, 2, 3}};
  const std::vector<Bond> bonds = bonds_of(sheet);
  EXPECT_EQ(bonds.size(), 3U);
  EXPECT_THAT(coordination(2, bonds), Each(3));
  EXPECT_EQ(bonds_of(sheet, 2.5).size(), 3U + 6U);  // second neighbours are the atoms' own images
}

TEST(Bonds, AFreeFlakeHasEdges) {
  const AtomicModel flake = test::without_cell(test::periodic_sheet(3, 2, 1.42));
  const std::vector<int> counts = coordination(flake.size(), bonds_of(flake));
  EXPECT_THAT(counts, testing::Contains(1));
  EXPECT_THAT(counts, testing::Contains(3));
  EXPECT_TRUE(bonds_of(AtomicModel{}).empty());
}

TEST(Bonds, ABondBreaksWhenItsEndsPart) {
  const AtomicModel sheet = test::periodic_sheet(2, 2, 1.42);
  const std::vector<Bond> bonds = bonds_of(sheet);
  std::vector<Vec3> still(sheet.positions.size());
  EXPECT_TRUE(broken_bonds(bonds, still).empty());
  still[0] = {0, 0, 2};  // out of the sheet: its three bonds are 2.45 long
  EXPECT_EQ(broken_bonds(bonds, still).size(), 3U);
}

}  // namespace
}  // namespace kinema::md
