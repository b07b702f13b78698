// The electron wave behind a specimen, by multislice (Cowley and Moodie 1957): the wave passes one
// thin slice of atoms after another, each turning its phase by sigma times the slice's projected
// potential, and in between it spreads by Fresnel propagation. Numerically as in Kirkland, Advanced
// Computing in Electron Microscopy (2010), chapter 6: periodic in x and y, band limited to two
// thirds of Nyquist.
#pragma once

#include "kinema/base/fft.h"
#include "kinema/data/atomic_model.h"
#include "kinema/data/optics.h"
#include "kinema/imaging/fresnel.h"
#include "kinema/imaging/potential.h"

#include <span>

namespace kinema::imaging {

struct MultisliceOptions {
  Potential potential = Potential::lobato;
  double slice = 0.3;  // thickness, angstrom
};

/// A wave on a periodic field by its spectrum (Y, X): unnormalised, as fft2 makes it. It is what an
/// exact lens would image with its focus on z = 0: an atom at height z is out of focus by -z.
struct Wave {
  Field field;
  Voltage voltage;
  Array<Complex, 2> spectrum;
};

/// The wave behind `atoms`, of incident amplitude 1. `thermal_msd` holds the mean square
/// displacement of every atom along x and along y, in angstrom^2 (Debye-Waller factor
/// exp(-2 pi^2 k^2 msd)), or one for all. Atoms outside of the field come back in on its other
/// side. An atom between the planes of two slices is shared by them. Throws InputError for a slice
/// below 0.01 angstrom, or more than 100 000 slices.
Wave exit_wave(const AtomicModel& atoms,
               std::span<const double> thermal_msd,
               const Field& field,
               Voltage voltage,
               const MultisliceOptions& options = {});

/// A field for multislice that covers `height` x `width` pixels of `pixel` angstrom: steps no
/// longer than `longest_step`, and fine enough for the pixels' own frequencies.
Field multislice_field(Index height, Index width, double pixel, double longest_step = 0.125);

}  // namespace kinema::imaging
