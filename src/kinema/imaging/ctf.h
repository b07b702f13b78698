// The electron and the objective lens: wavelength, interaction constant, aberration phase and the
// envelopes of partial coherence. Spatial frequencies k are in 1/angstrom.
#pragma once

#include "kinema/data/optics.h"

#include <array>
#include <complex>

namespace kinema::imaging {

/// Relativistic wavelength in angstrom (0.041757 at 80 kV), by CODATA 2018 constants.
double wavelength(Voltage voltage);

/// sigma in radian per (volt angstrom): a projected potential v turns the phase by sigma v.
/// Kirkland, Advanced Computing in Electron Microscopy (2010), equation 5.6.
double interaction_constant(Voltage voltage);

/// The aberrations in which the phase chi is linear, with A cos and A sin of those with a
/// direction: C10, Cs, C12, C21 and C23 (angstrom).
enum class Coefficient { c10, cs, c12_cos, c12_sin, c21_cos, c21_sin, c23_cos, c23_sin };
inline constexpr int coefficient_count = 8;
using Coefficients = std::array<double, coefficient_count>;

/// The coefficients of `optics`, and `optics` with others in their place.
Coefficients coefficients(const Optics& optics);
Optics with_coefficients(Optics optics, const Coefficients& values);

/// d chi / d coefficient at (kx, ky), in radian per angstrom; chi is their sum weighted by the
/// coefficients.
Coefficients chi_terms(double lambda, double kx, double ky);

/// The aberration phase chi(k) in radian (conventions of data/optics.h).
double chi(const Optics& optics, double kx, double ky);

/// Gradient of chi by (kx, ky), in radian angstrom.
std::array<double, 2> chi_gradient(const Optics& optics, double kx, double ky);

/// The envelopes of the linear image: focal spread, exp(-(pi lambda rms k^2)^2 / 2), and
/// convergence, exp(-(alpha / 2 lambda)^2 |grad chi|^2) with alpha the half-angle at 1/e (Frank
/// 1973).
double temporal_envelope(const Optics& optics, double k);
double spatial_envelope(const Optics& optics, double kx, double ky);

/// Of the image's Gaussian blur: exp(-2 pi^2 k^2 rms^2).
double blur_envelope(const Optics& optics, double k);

/// Whether the objective aperture lets (kx, ky) pass.
bool passes_aperture(const Optics& optics, double kx, double ky);

/// What the lens does to the wave at one focus: exp(-i chi), spatial envelope, aperture.
std::complex<double> transfer(const Optics& optics, double kx, double ky);

}  // namespace kinema::imaging
