// Reading and writing quantities with units.
#include "kinema/base/units.h"

#include "kinema/base/error.h"

#include <array>
#include <charconv>
#include <cmath>
#include <numbers>
#include <span>

namespace kinema {
namespace {

struct Unit {
  std::string_view name;
  double in_house_units;
};

// The first unit of each table is the one that to_text writes; of memory, the one that is shortest.
constexpr Unit lengths[] = {{"A", 1.0},
                            {"angstrom", 1.0},
                            {"Å", 1.0},
                            {"pm", 1e-2},
                            {"nm", 10.0},
                            {"um", 1e4},
                            {"µm", 1e4},
                            {"mm", 1e7},
                            {"m", 1e10}};
constexpr Unit times[] = {{"s", 1.0},
                          {"ms", 1e-3},
                          {"us", 1e-6},
                          {"ns", 1e-9},
                          {"ps", 1e-12},
                          {"fs", 1e-15},
                          {"min", 60.0}};
constexpr Unit voltages[] = {{"kV", 1.0}, {"V", 1e-3}, {"MV", 1e3}};
constexpr Unit doses[] = {{"e/px", 1.0}, {"e-/px", 1.0}};
constexpr Unit fluences[] = {{"e/A^2", 1.0}, {"e-/A^2", 1.0}, {"e/nm^2", 1e-2}, {"e-/nm^2", 1e-2}};
constexpr Unit angles[] = {{"rad", 1.0},
                           {"mrad", 1e-3},
                           {"urad", 1e-6},
                           {"deg", std::numbers::pi / 180.0},
                           {"°", std::numbers::pi / 180.0}};
constexpr Unit memories[] = {{"B", 1.0},
                             {"kB", 1e3},
                             {"MB", 1e6},
                             {"GB", 1e9},
                             {"TB", 1e12},
                             {"KiB", 1024.0},
                             {"MiB", 1048576.0},
                             {"GiB", 1073741824.0},
                             {"TiB", 1099511627776.0}};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

double parse(std::string_view text, std::span<const Unit> units, std::string_view example) {
  const std::string_view body = trimmed(text);
  double number = 0.0;
  const auto [end, failure] = std::from_chars(body.data(), body.data() + body.size(), number);
  const std::string_view unit = trimmed(body.substr(static_cast<std::size_t>(end - body.data())));
  if (failure == std::errc{} && std::isfinite(number)) {
    for (const Unit& known : units) {
      if (known.name == unit) return number * known.in_house_units;
    }
  }
  std::string names;
  for (const Unit& known : units) names += (names.empty() ? "" : ", ") + std::string(known.name);
  throw InputError("'" + std::string(text) + "' is not a number with a unit; write for example \"" +
                   std::string(example) + "\" (units: " + names + ")");
}

}  // namespace

std::string shortest_text(double value) {
  std::array<char, 32> buffer{};
  const auto [end, failure] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return failure == std::errc{} ? std::string(buffer.data(), end) : std::string("nan");
}

void from_text(std::string_view text, Length& value) {
  value.value = parse(text, lengths, "6 nm");
}
void from_text(std::string_view text, Time& value) {
  value.value = parse(text, times, "25 ms");
}
void from_text(std::string_view text, Voltage& value) {
  value.value = parse(text, voltages, "80 kV");
}
void from_text(std::string_view text, Dose& value) {
  value.value = parse(text, doses, "30 e/px");
}
void from_text(std::string_view text, Fluence& value) {
  value.value = parse(text, fluences, "8000 e/A^2");
}
void from_text(std::string_view text, Angle& value) {
  value.value = parse(text, angles, "10 mrad");
}
void from_text(std::string_view text, Memory& value) {
  value.value = parse(text, memories, "4 GiB");
}

std::string to_text(Length value) {
  return shortest_text(value.value) + " A";
}
std::string to_text(Time value) {
  return shortest_text(value.value) + " s";
}
std::string to_text(Voltage value) {
  return shortest_text(value.value) + " kV";
}
std::string to_text(Dose value) {
  return shortest_text(value.value) + " e/px";
}
std::string to_text(Fluence value) {
  return shortest_text(value.value) + " e/A^2";
}
std::string to_text(Angle value) {
  return shortest_text(value.value) + " rad";
}
std::string to_text(Memory value) {
  std::string number = shortest_text(value.value);
  std::string_view name = memories[0].name;
  for (const Unit& unit : memories) {
    const double in_units = value.value / unit.in_house_units;
    const std::string text = shortest_text(in_units);
    const bool is_exact = in_units * unit.in_house_units == value.value;
    if (in_units < 1.0 || !is_exact || text.size() >= number.size()) continue;
    number = text;
    name = unit.name;
  }
  return number + " " + std::string(name);
}

}  // namespace kinema
