// Coefficients of the electron scattering factors, element by element.
#pragma once

#include <array>

namespace kinema::imaging {

inline constexpr int elements = 103;

/// f(k) = sum_i a_i / (k^2 + b_i) + c_i exp(-d_i k^2), angstrom; k in 1/angstrom.
struct KirklandRow {
  std::array<double, 3> a, b, c, d;
};

/// f(k) = sum_i a_i (2 + b_i k^2) / (1 + b_i k^2)^2, angstrom; k in 1/angstrom.
struct LobatoRow {
  std::array<double, 5> a, b;
};

/// Row z - 1 is the element of atomic number z.
extern const std::array<KirklandRow, elements> kirkland_table;
extern const std::array<LobatoRow, elements> lobato_table;

}  // namespace kinema::imaging
