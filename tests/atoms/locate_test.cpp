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

/// The site of `sites` nearest to a place.
std::size_t nearest(const std::vector<Vec3>& sites, double x, double y) {
  return static_cast<std::size_t>(
      std::ranges::min_element(
          sites, {}, [&](const Vec3& at) { return std::hypot(at[0] - x, at[1] - y); }) -
      sites.begin());
}

TEST(Locate, VacanciesAndARotatedBondAreSeenAsTheyAre) {
  std::vector<Vec3> sheet = flat_sheet({20.0, 20.0, 0.0}, 13.5, 0.1);
  sheet.erase(sheet.begin() + static_cast<Index>(nearest(sheet, 14.0, 14.0)));
  // Stone and Wales: the bond in the middle turns by 90 degrees, and is pressed together.
  Vec3& a = sheet[nearest(sheet, 23.0, 23.0)];
  std::vector<Vec3> others = sheet;
  others.erase(others.begin() + (&a - sheet.data()));
  const Vec3 partner = others[nearest(others, a[0], a[1])];
  Vec3& b = sheet[nearest(sheet, partner[0], partner[1])];
  const Vec2 middle{0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])};
  for (Vec3* at : {&a, &b}) {
    const Vec2 d{(*at)[0] - middle[0], (*at)[1] - middle[1]};
    *at = {middle[0] - 0.93 * d[1], middle[1] + 0.93 * d[0], 0.0};
  }
  const Located located =
      locate_in(counts_of(sheet, practice_optics(), 8000.0, 200, 3), practice_optics(), 8000.0);
  // Corners of the flake hold atoms with one bond, which are rare and may be left out.
  std::vector<Vec3> bonded;
  for (const Vec3& at : sheet) {
    const auto bonds = std::ranges::count_if(sheet, [&](const Vec3& other) {
      return std::hypot(other[0] - at[0], other[1] - at[1]) < longest_bond;
    });
    if (bonds > 2) bonded.push_back(at);
  }
  EXPECT_EQ(compare(located.positions, bonded).lost, 0);
  EXPECT_EQ(compare(located.positions, sheet).spurious, 0);
  ASSERT_EQ(located.topology.vacancies.size(), 1U);
  EXPECT_EQ(located.topology.vacancies[0].missing, 1);
  EXPECT_NEAR(located.topology.vacancies[0].centre[0], 14.0, 1.0);
  EXPECT_EQ(located.topology.count_rings(5), 2);
  EXPECT_EQ(located.topology.count_rings(7), 2);
}

TEST(Locate, AtomsAreDarkOrBrightWhateverTheOpticsSay) {
  const std::vector<Vec3> flake = flat_sheet({20.0, 20.0, 0.0}, 12.0, 0.3);
  Optics dark = practice_optics();
  dark.defocus = 36.0_A;
  const Array<float, 2> counts = counts_of(flake, dark, 8000.0, 200, 4);
  const Located told = locate_in(counts, dark, 8000.0);
  const Located untold = locate_in(counts, practice_optics(), 8000.0);
  EXPECT_FALSE(told.lattice.inverted);
  EXPECT_GT(told.strength, 0.0);
  EXPECT_TRUE(untold.lattice.inverted);
  EXPECT_LT(untold.strength, 0.0);
  EXPECT_EQ(told.positions.size(), untold.positions.size());
}

TEST(Locate, StrainOfTheLatticeIsMeasured) {
  std::vector<Vec3> sheet = flat_sheet({16.0, 16.0, 0.0}, 26.0, 0.0);
  for (Vec3& at : sheet) at[0] = 16.0 + 1.02 * (at[0] - 16.0);
  const Located located =
      locate_in(counts_of(sheet, practice_optics(), 8000.0, 160, 5), practice_optics(), 8000.0);
  EXPECT_NEAR(located.lattice.bond_along(1.0, 0.0), 1.02 * bond_length, 0.006);
  EXPECT_NEAR(located.lattice.bond_along(0.0, 1.0), bond_length, 0.006);
}

TEST(Locate, WhatIsNoSheetIsRefused) {
  Rng rng(6);
  std::vector<Vec3> cloud;
  while (cloud.size() < 700)
    cloud.push_back({rng.uniform(-5.0, 45.0), rng.uniform(-5.0, 45.0), 0.0});
  const auto refusal = [&](const std::vector<Vec3>& atoms) -> std::string {
    try {
      locate_in(counts_of(atoms, practice_optics(), 8000.0, 200, 7), practice_optics(), 8000.0);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(refusal(cloud).find("no honeycomb"), std::string::npos);
  EXPECT_NE(refusal({}).find("no honeycomb"), std::string::npos);
  Array<float, 2> broken({100, 100}, 300.0F);
  broken(3, 5) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(locate_in(broken, practice_optics(), 8000.0), InputError);
  EXPECT_THROW(locate_in(Array<float, 2>({100, 100}), practice_optics(), 8000.0), InputError);
  EXPECT_THROW(locate_in(Array<float, 2>({100, 100}, 300.0F), Optics{}, 8000.0), InputError);
}

}  // namespace
}  // namespace kinema::atoms
