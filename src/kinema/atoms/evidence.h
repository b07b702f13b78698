// What one frame says about atoms. Under the linear image model, counts = mean (1 + s sum_j
// h(r - r_j)) + noise with h the image of one atom, two functions of place hold all of it: the
// correlation c of the frame with h, and the overlap a of two images of atoms. The log likelihood
// of atoms at r_j is
//   s sum_j c(r_j) - s^2/2 sum_jk a(r_j - r_k)    (nats, against no atoms).
#pragma once

#include "kinema/atoms/spline_map.h"
#include "kinema/atoms/topology.h"
#include "kinema/data/movie.h"
#include "kinema/data/optics.h"

#include <vector>

namespace kinema::atoms {

/// The recorded frame and how it was taken.
struct Frame {
  ArrayView<const float, 2> counts;  // (Y, X) electrons per pixel
  PixelSize pixel;
  Optics optics;
  double dose = 0.0;      // electrons per square angstrom; 0: not known
  bool periodic = false;  // the view wraps

  double width() const { return static_cast<double>(counts.shape()[1]) * pixel.x.value; }
  double height() const { return static_cast<double>(counts.shape()[0]) * pixel.y.value; }

  /// How far (x, y) lies inside the view, in angstrom; negative outside, endless where it wraps.
  double depth(double x, double y) const;
};

/// The sufficient statistics of a frame, in nats.
struct Evidence {
  SplineMap correlation;       // c, per unit of strength
  SplineMap overlap;           // a, of the shift between two atoms; centred on 0
  SplineMap image;             // h, of the shift from the atom's centre
  Array<Complex, 2> spectrum;  // (Y, X) of c on its grid, as fft2 gives it
  double self = 0.0;           // a(0)
  double reach = 0.0;          // angstrom: beyond it h and a are nothing
  double mean = 0.0;           // counts per pixel of a field without atoms
  double variance = 0.0;       // of counts / mean in one pixel
  Vec2 period{};               // angstrom; 0: the view does not wrap

  /// The shift a - b, the nearest where the view wraps.
  Vec2 shift(const Vec2& a, const Vec2& b) const { return nearest_shift(a, b, period); }
};

/// Beyond a view that does not wrap, `positions` with their strength tell what would be seen.
/// Throws InputError where the frame is empty or the optics show no contrast.
Evidence evidence(const Frame& frame,
                  const std::vector<Vec2>& positions = {},
                  double strength = 0.0);

}  // namespace kinema::atoms
