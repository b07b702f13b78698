// How strongly an atom scatters electrons: scattering factors of isolated neutral atoms.
#pragma once

#include "kinema/base/options.h"

#include <cstdint>
#include <span>

namespace kinema::imaging {

/// Parametrisation: Kirkland (2010), or Lobato and Van Dyck (2014), which obeys the physical
/// limits at high frequencies.
enum class Potential : std::uint8_t { kirkland, lobato };

inline constexpr EnumName<Potential> potential_names[] = {{Potential::kirkland, "kirkland"},
                                                          {Potential::lobato, "lobato"}};
constexpr std::span<const EnumName<Potential>> enum_names(Potential) {
  return potential_names;
}

/// First Born approximation to the scattering amplitude f_e of one atom at spatial frequency `k`
/// (1/angstrom, k = 1/d), in angstrom, of electrons at rest (no relativistic factor). Throws
/// InputError unless 1 <= atomic_number <= 103.
double scattering_factor(int atomic_number, double k, Potential potential);

/// V angstrom^2 per angstrom of f_e: h^2 / (2 pi m0 e). The Fourier transform of an atom's
/// potential projected along z is this times f_e(k), in V angstrom^3.
inline constexpr double volt_angstrom2_per_scattering = 47.877647306;

}  // namespace kinema::imaging
