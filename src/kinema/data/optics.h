// What the microscope did to the wave, and the camera to the image: plain numbers in house units.
#pragma once

#include "kinema/base/units.h"

#include <optional>
#include <vector>

namespace kinema {

/// An aberration coefficient of a transmission electron microscope that has a direction.
struct Aberration {
  double size = 0.0;   // angstrom, >= 0
  double angle = 0.0;  // radian, from x towards y
};

/// Imaging conditions. The phase of the objective lens at spatial frequency (k, phi), in radian:
///   chi = pi lambda C10 k^2 + pi/2 Cs lambda^3 k^4 + pi lambda C12 k^2 cos 2(phi - phi12)
///         + 2 pi/3 lambda^2 k^3 [C21 cos(phi - phi21) + C23 cos 3(phi - phi23)],  C10 = -defocus.
struct Optics {
  Voltage voltage;           // of the beam
  Length defocus;            // > 0 is underfocus
  Length cs;                 // third-order spherical aberration (C30)
  Aberration c12, c21, c23;  // two-fold astigmatism, axial coma, three-fold astigmatism
  Length focal_spread;       // half-width at 1/e, sqrt(2) times the rms
  Length blur;               // rms width of the image's Gaussian blur (camera, vibration)
  double convergence = 0.0;  // half-angle of illumination, radian
  double aperture = 0.0;     // half-angle of the objective aperture, radian; 0: none

  double c10() const { return -defocus.value; }
  double focal_spread_rms() const { return focal_spread.value * 0.70710678118654752; }
};

/// A curve sampled at equal steps from 0 to 1 of the Nyquist frequency, e.g. an MTF.
using Curve = std::vector<double>;

/// A camera. Counting cameras record electrons with Poisson noise; integrating ones record
/// gain * electrons, spread by the MTF, with Gaussian read noise.
struct Detector {
  double gain = 1.0;                 // recorded units per electron
  double read_noise = 0.0;           // recorded units, rms
  std::optional<Curve> mtf;          // modulation transfer, 1 at frequency 0
  std::optional<Curve> noise_power;  // of flat illumination, relative to frequency 0
  bool counting = true;
};

}  // namespace kinema
