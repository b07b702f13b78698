// The CTF of a particle, term by term.
#include "kinema/imaging/particle_ctf.h"

#include "kinema/imaging/ctf.h"

#include <cmath>
#include <numbers>

namespace kinema::imaging {

double particle_ctf(const FrameCtf& ctf, double kx, double ky) {
  using std::numbers::pi;
  const double lambda = wavelength(Voltage{ctf.voltage});
  const double k2 = kx * kx + ky * ky;
  const double direction = std::atan2(ky, kx) - ctf.defocus_angle;
  const double defocus = 0.5 * (ctf.defocus_u + ctf.defocus_v) +
                         0.5 * (ctf.defocus_u - ctf.defocus_v) * std::cos(2 * direction);
  const double phase = pi * lambda * k2 * (defocus - 0.5 * ctf.cs * lambda * lambda * k2) +
                       ctf.phase_shift + std::asin(ctf.amplitude_contrast);
  return ctf.scale * std::exp(-0.25 * ctf.b_factor * k2) * std::sin(phase);
}

}  // namespace kinema::imaging
