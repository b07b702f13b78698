// The wave that one atom scatters: the transform of exp(i sigma v(r)) - 1 of its projected
// potential.
#pragma once

#include "kinema/base/units.h"
#include "kinema/imaging/potential.h"

#include <complex>
#include <vector>

namespace kinema::imaging {

/// T(k) in angstrom^2 at k = 0, step, 2 step, ... below `largest_k` (1/angstrom), of an atom whose
/// projected potential is spread by Gaussian motion of mean square `thermal_msd` (angstrom^2, > 0)
/// along each axis.
std::vector<std::complex<double>> atom_wave(int atomic_number,
                                            Potential potential,
                                            Voltage voltage,
                                            double thermal_msd,
                                            double step,
                                            double largest_k);

}  // namespace kinema::imaging
