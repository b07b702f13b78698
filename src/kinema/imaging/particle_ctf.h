// The contrast transfer function of a thin particle, in the sign that RELION uses: positive at low
// frequencies for underfocus.
#pragma once

#include "kinema/data/pose.h"

namespace kinema::imaging {

/// At spatial frequency (kx, ky), 1/angstrom:
///   sin(pi lambda df k^2 - pi/2 Cs lambda^3 k^4 + phase shift + asin w) exp(-B k^2/4) scale,
///   df = (u + v)/2 + (u - v)/2 cos 2(phi - angle)
/// (Rohou and Grigorieff, J. Struct. Biol. 192, 2015).
double particle_ctf(const FrameCtf& ctf, double kx, double ky);

}  // namespace kinema::imaging
