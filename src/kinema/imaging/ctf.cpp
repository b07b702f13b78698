#include "kinema/imaging/ctf.h"

#include "kinema/base/error.h"

#include <cmath>
#include <numbers>
#include <tuple>

namespace kinema::imaging {
namespace {

constexpr double pi = std::numbers::pi;
constexpr double rest_energy = 510.99895;       // of the electron, keV
constexpr double planck_c = 12.398419843320;    // h c in keV angstrom
constexpr double electron_volt_per_volt = 1e3;  // of kV

double beam_energy(Voltage voltage) {
  if (!(voltage.value > 0.0)) throw InputError("a beam voltage must be above 0 kV");
  return voltage.value;
}

}  // namespace

double wavelength(Voltage voltage) {
  const double energy = beam_energy(voltage);
  return planck_c / std::sqrt(energy * (2.0 * rest_energy + energy));
}

double interaction_constant(Voltage voltage) {
  const double energy = beam_energy(voltage);
  return 2.0 * pi / (wavelength(voltage) * energy * electron_volt_per_volt) *
         (rest_energy + energy) / (2.0 * rest_energy + energy);
}

Coefficients coefficients(const Optics& optics) {
  const auto& [c12, c21, c23] = std::tie(optics.c12, optics.c21, optics.c23);
  return {optics.c10(),
          optics.cs.value,
          c12.size * std::cos(2.0 * c12.angle),
          c12.size * std::sin(2.0 * c12.angle),
          c21.size * std::cos(c21.angle),
          c21.size * std::sin(c21.angle),
          c23.size * std::cos(3.0 * c23.angle),
          c23.size * std::sin(3.0 * c23.angle)};
}

Optics with_coefficients(Optics optics, const Coefficients& values) {
  optics.defocus.value = -values[0];
  optics.cs.value = values[1];
  optics.c12 = {std::hypot(values[2], values[3]), std::atan2(values[3], values[2]) / 2.0};
  optics.c21 = {std::hypot(values[4], values[5]), std::atan2(values[5], values[4])};
  optics.c23 = {std::hypot(values[6], values[7]), std::atan2(values[7], values[6]) / 3.0};
  return optics;
}

Coefficients chi_terms(double lambda, double kx, double ky) {
  const double k2 = kx * kx + ky * ky;
  const double third = 2.0 * pi / 3.0 * lambda * lambda;
  return {pi * lambda * k2,
          pi / 2.0 * lambda * lambda * lambda * k2 * k2,
          pi * lambda * (kx * kx - ky * ky),
          pi * lambda * 2.0 * kx * ky,
          third * k2 * kx,
          third * k2 * ky,
          third * (kx * kx * kx - 3.0 * kx * ky * ky),
          third * (3.0 * kx * kx * ky - ky * ky * ky)};
}

double chi(const Optics& optics, double kx, double ky) {
  const Coefficients values = coefficients(optics);
  const Coefficients terms = chi_terms(wavelength(optics.voltage), kx, ky);
  double sum = 0.0;
  for (int c = 0; c < coefficient_count; ++c) sum += values[c] * terms[c];
  return sum;
}

std::array<double, 2> chi_gradient(const Optics& optics, double kx, double ky) {
  const double lambda = wavelength(optics.voltage), k2 = kx * kx + ky * ky;
  const double third = 2.0 * pi / 3.0 * lambda * lambda;
  const Coefficients c = coefficients(optics);
  const double round = 2.0 * pi * lambda * (c[0] + c[1] * lambda * lambda * k2);
  const double xy = 2.0 * kx * ky, difference = kx * kx - ky * ky;
  return {
      round * kx + 2.0 * pi * lambda * (c[2] * kx + c[3] * ky) +
          third * (c[4] * (k2 + 2.0 * kx * kx) + c[5] * xy + 3.0 * (c[6] * difference + c[7] * xy)),
      round * ky + 2.0 * pi * lambda * (c[3] * kx - c[2] * ky) +
          third *
              (c[4] * xy + c[5] * (k2 + 2.0 * ky * ky) + 3.0 * (c[7] * difference - c[6] * xy))};
}

double temporal_envelope(const Optics& optics, double k) {
  const double phase = pi * wavelength(optics.voltage) * optics.focal_spread_rms() * k * k;
  return std::exp(-phase * phase / 2.0);
}

double spatial_envelope(const Optics& optics, double kx, double ky) {
  if (optics.convergence == 0.0) return 1.0;
  const auto [gx, gy] = chi_gradient(optics, kx, ky);
  const double spread = optics.convergence / (2.0 * wavelength(optics.voltage));
  return std::exp(-spread * spread * (gx * gx + gy * gy));
}

double blur_envelope(const Optics& optics, double k) {
  const double turn = pi * k * optics.blur.value;
  return std::exp(-2.0 * turn * turn);
}

bool passes_aperture(const Optics& optics, double kx, double ky) {
  if (optics.aperture == 0.0) return true;
  return std::hypot(kx, ky) * wavelength(optics.voltage) <= optics.aperture;
}

std::complex<double> transfer(const Optics& optics, double kx, double ky) {
  if (!passes_aperture(optics, kx, ky)) return 0.0;
  return std::polar(spatial_envelope(optics, kx, ky), -chi(optics, kx, ky));
}

}  // namespace kinema::imaging
