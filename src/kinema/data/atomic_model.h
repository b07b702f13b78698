// Atoms: which, where, and in what box.
#pragma once

#include "kinema/base/array.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace kinema {

using Vec3 = std::array<double, 3>;  // x, y, z in angstrom

/// A box by its three edges, in angstrom; along an axis where it is not periodic it only bounds.
struct Cell {
  std::array<Vec3, 3> edges{};
  std::array<bool, 3> periodic{true, true, false};
  Vec3 origin{};
  friend bool operator==(const Cell&, const Cell&) = default;
};

/// Atoms at one moment. Positions count from the centre of pixel (0, 0); z along the beam.
struct AtomicModel {
  std::vector<std::uint8_t> atomic_numbers;
  std::vector<Vec3> positions;
  std::optional<Cell> cell;

  Index size() const { return static_cast<Index>(positions.size()); }
};

/// "C" for 6; "X" for numbers without a name.
std::string_view element_symbol(int atomic_number);

/// 6 for "C" ("c", "C1" are not names); none for text that names no element.
std::optional<int> atomic_number(std::string_view symbol);

/// Standard atomic weight in dalton of elements 1 to 103 (0 beyond).
double atomic_mass(int atomic_number);

}  // namespace kinema
