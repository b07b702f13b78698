// Units at the door: every quantity reads back what it wrote, and no number comes without a unit.
#include "kinema/base/units.h"

#include "kinema/base/error.h"

#include <gtest/gtest.h>

#include <gmock/gmock.h>
#include <numbers>

namespace kinema {
namespace {

using testing::HasSubstr;

template <class Q>
Q read(const std::string& text) {
  Q value;
  from_text(text, value);
  return value;
}

template <class Q>
std::string refusal(const std::string& text) {
  try {
    read<Q>(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Units, AreReadIntoHouseUnits) {
  EXPECT_DOUBLE_EQ(read<Length>("6 nm").value, 60.0);
  EXPECT_DOUBLE_EQ(read<Length>("0.2 A").value, 0.2);
  EXPECT_DOUBLE_EQ(read<Length>("20pm").value, 0.2);
  EXPECT_DOUBLE_EQ(read<Length>(" -15 µm ").value, -15e4);
  EXPECT_DOUBLE_EQ(read<Length>("1 mm").value, 1e7);
  EXPECT_DOUBLE_EQ(read<Time>("25 ms").value, 0.025);
  EXPECT_DOUBLE_EQ(read<Voltage>("80000 V").value, 80.0);
  EXPECT_DOUBLE_EQ(read<Dose>("30 e/px").value, 30.0);
  EXPECT_DOUBLE_EQ(read<Fluence>("8000 e/A^2").value, 8000.0);
  EXPECT_DOUBLE_EQ(read<Fluence>("8e5 e-/nm^2").value, 8000.0);
  EXPECT_DOUBLE_EQ(read<Angle>("10 mrad").value, 0.01);
  EXPECT_DOUBLE_EQ(read<Angle>("180 deg").value, std::numbers::pi);
  EXPECT_DOUBLE_EQ(read<Memory>("4 GiB").value, 4.0 * 1024 * 1024 * 1024);
  EXPECT_EQ(read<Length>("6 nm"), 6_nm);
}

template <class Q>
class EveryQuantity : public testing::Test {};
using Quantities = testing::Types<Length, Time, Voltage, Dose, Fluence, Angle, Memory>;
TYPED_TEST_SUITE(EveryQuantity, Quantities);

TYPED_TEST(EveryQuantity, ReadsBackTheBitsThatItWrote) {
  for (const double number : {0.0, 0.1, 1.0 / 3.0, -2.5e-7, 1e300, 5e-324, 12345678.9}) {
    EXPECT_EQ(read<TypeParam>(to_text(TypeParam{number})).value, number);
  }
}

TYPED_TEST(EveryQuantity, RefusesANumberWithoutUnitAndListsTheUnits) {
  const std::string unit = to_text(TypeParam{1.0}).substr(2);
  for (const char* text : {"3", "", " ", "nm", "3 parsec", "nan A", "inf s", "1e999 A"}) {
    EXPECT_THAT(refusal<TypeParam>(text), HasSubstr("(units: " + unit)) << text;
  }
}

TEST(Units, OfAnotherKindAreRefused) {
  EXPECT_THAT(refusal<Length>("3 kV"), HasSubstr("(units: A, angstrom"));
  EXPECT_THAT(refusal<Voltage>("3 nm"), HasSubstr("(units: kV, V, MV)"));
}

TEST(Units, MemoryIsToldInTheUnitThatIsShortest) {
  EXPECT_EQ(to_text(Memory{2.5e7}), "25 MB");
  EXPECT_EQ(to_text(read<Memory>("4 GiB")), "4 GiB");
  EXPECT_EQ(to_text(Memory{1234567.0}), "1234567 B");
}

TEST(Units, ShortestTextReadsBackAndIsShort) {
  EXPECT_EQ(shortest_text(0.1), "0.1");
  EXPECT_EQ(shortest_text(30.0), "30");
  EXPECT_EQ(std::stod(shortest_text(1.0 / 3.0)), 1.0 / 3.0);
}

}  // namespace
}  // namespace kinema
