// A box stood upright is the same box.
#include "kinema/data/upright_cell.h"

#include "kinema/base/error.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kinema {
namespace {

TEST(UprightCell, TurningKeepsLengthsAndComesBack) {
  const Cell cell{{{{1, 2, 0.5}, {-3, 1, 2}, {0.3, -1, 4}}}, {true, true, true}, {7, -8, 9}};
  const UprightCell box = upright(cell);
  EXPECT_NEAR(box.lx, std::sqrt(5.25), 1e-12);
  EXPECT_NEAR(std::hypot(box.xy, box.ly), std::sqrt(14.0), 1e-12);
  EXPECT_NEAR(
      std::sqrt(box.xz * box.xz + box.yz * box.yz + box.lz * box.lz), std::sqrt(17.09), 1e-12);
  const double volume = 1 * (1 * 4 + 1 * 2) - 2 * (-3 * 4 - 2 * 0.3) + 0.5 * (-3 * -1 - 1 * 0.3);
  EXPECT_NEAR(box.lx * box.ly * box.lz, volume, 1e-12);
  const Vec3 place{0.1, 0.2, -5};
  const Vec3 back = from_upright(box, to_upright(box, place));
  for (std::size_t axis = 0; axis < 3; ++axis) EXPECT_NEAR(back[axis], place[axis], 1e-12);
}

TEST(UprightCell, AnUprightBoxStaysAsItIs) {
  const Cell cell{{{{2.46, 0, 0}, {1.23, 2.13, 0}, {0, 0, 20}}}, {true, true, false}, {1, 2, 3}};
  const UprightCell box = upright(cell);
  EXPECT_EQ(box.xy, 1.23);
  EXPECT_EQ(box.ly, 2.13);
  EXPECT_EQ(box.xz, 0.0);
  EXPECT_EQ(box.low, cell.origin);
  EXPECT_EQ(to_upright(box, {4, 5, 6}), (Vec3{4, 5, 6}));
}

TEST(UprightCell, FlatAndLeftHandedBoxesAreRefused) {
  EXPECT_THROW(upright(Cell{{{{1, 0, 0}, {2, 0, 0}, {0, 0, 1}}}, {}, {}}), InputError);
  EXPECT_THROW(upright(Cell{{{{0, 1, 0}, {1, 0, 0}, {0, 0, 1}}}, {}, {}}), InputError);
  EXPECT_THROW(upright(Cell{{{{NAN, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, {}, {}}), InputError);
}

}  // namespace
}  // namespace kinema
