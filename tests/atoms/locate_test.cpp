// Truths of locating: every atom and no other, in sheets with and without edges, defects, tilt.
#include "kinema/atoms/locate.h"

#include <gtest/gtest.h>

#include "atoms/sheets.h"

namespace kinema::atoms {
namespace {

using test::compare;
using test::counts_of;
using test::flat_sheet;
using test::Found;
using test::inside;
using test::practice_optics;

constexpr PixelSize pixel{{0.2}, {0.2}};

Located locate_in(const Array<float, 2>& counts, const Optics& optics, double dose) {
  return locate(counts.view(), pixel, optics, Fluence{dose});
}

TEST(Locate, AFlakeIsFoundWhole) {
  std::vector<Vec3> flake = flat_sheet({20.0, 20.0, 0.0}, 13.0, 0.2);
  test::ripple(flake, 0.8, 20.0);
  const Located located =
      locate_in(counts_of(flake, practice_optics(), 8000.0, 200, 1), practice_optics(), 8000.0);
  const Found found = compare(located.positions, flake);
  EXPECT_EQ(found.lost + found.spurious, 0);
  EXPECT_LT(found.rms, 0.05);
  EXPECT_NEAR(located.strength, 1.0, 0.1);
  EXPECT_EQ(located.topology.vacancies.size(), 0U);
}

TEST(Locate, ASheetThatFillsTheViewIsFoundToItsBorder) {
  std::vector<Vec3> sheet = flat_sheet({16.0, 16.0, 0.0}, 25.0, 0.3);
  test::ripple(sheet, 0.8, 25.0);
  const Located located =
      locate_in(counts_of(sheet, practice_optics(), 8000.0, 160, 2), practice_optics(), 8000.0);
  // An atom on the very border may fall to either side of it.
  const std::vector<Vec3> seen = inside(sheet, 32.0);
  std::vector<Vec3> clear;
  for (const Vec3& at : seen) {
    if (std::min({at[0], at[1], 31.8 - at[0], 31.8 - at[1]}) > 0.3) clear.push_back(at);
  }
  EXPECT_EQ(compare(located.positions, clear).lost, 0);
  std::vector<Vec3> generous;
  for (const Vec3& at : sheet) {
    if (std::min({at[0], at[1], 31.8 - at[0], 31.8 - at[1]}) > -0.5) generous.push_back(at);
  }
  EXPECT_EQ(compare(located.positions, generous).spurious, 0);
}

}  // namespace
}  // namespace kinema::atoms
