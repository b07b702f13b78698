// Units at the door: quantities that say what they are, in house units inside (angstrom, kV,
// second, electron, radian, byte). The command line and config files take text such as "6 nm"; a
// bare number is refused where a unit is expected.
#pragma once

#include <string>
#include <string_view>

namespace kinema {

/// A double in the house unit of its kind. `Tag` names the kind and keeps kinds apart.
template <class Tag>
struct Quantity {
  double value = 0.0;  // in house units
  friend bool operator==(const Quantity&, const Quantity&) = default;
  friend auto operator<=>(const Quantity&, const Quantity&) = default;
};

struct LengthTag;
struct TimeTag;
struct VoltageTag;
struct DoseTag;
struct FluenceTag;
struct AngleTag;
struct MemoryTag;

using Length = Quantity<LengthTag>;    // angstrom
using Time = Quantity<TimeTag>;        // second
using Voltage = Quantity<VoltageTag>;  // kV
using Dose = Quantity<DoseTag>;        // electrons per pixel
using Fluence = Quantity<FluenceTag>;  // electrons per angstrom^2
using Angle = Quantity<AngleTag>;      // radian
using Memory = Quantity<MemoryTag>;    // byte

/// Parses "6 nm", "0.2 A", "80 kV", "8000 e/A^2", "10 mrad", "4 GiB"; throws InputError that lists
/// the units it knows.
void from_text(std::string_view text, Length& value);
void from_text(std::string_view text, Time& value);
void from_text(std::string_view text, Voltage& value);
void from_text(std::string_view text, Dose& value);
void from_text(std::string_view text, Fluence& value);
void from_text(std::string_view text, Angle& value);
void from_text(std::string_view text, Memory& value);

/// Shortest text that `from_text` reads back to the same value.
std::string to_text(Length value);
std::string to_text(Time value);
std::string to_text(Voltage value);
std::string to_text(Dose value);
std::string to_text(Fluence value);
std::string to_text(Angle value);
std::string to_text(Memory value);

/// A double as the shortest text that reads back to the same bits.
std::string shortest_text(double value);

inline namespace literals {
constexpr Length operator""_A(long double v) {
  return {static_cast<double>(v)};
}
constexpr Length operator""_A(unsigned long long v) {
  return {static_cast<double>(v)};
}
constexpr Length operator""_nm(long double v) {
  return {static_cast<double>(v) * 10.0};
}
constexpr Length operator""_nm(unsigned long long v) {
  return {static_cast<double>(v) * 10.0};
}
constexpr Voltage operator""_kV(unsigned long long v) {
  return {static_cast<double>(v)};
}
constexpr Time operator""_s(long double v) {
  return {static_cast<double>(v)};
}
constexpr Time operator""_s(unsigned long long v) {
  return {static_cast<double>(v)};
}
}  // namespace literals

}  // namespace kinema
