// The amorphous film under the crystals: white noise, seen through the objective lens.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/rng.h"
#include "kinema/simulate/stage.h"

#include <span>

namespace kinema::simulate {

/// Contrast of a weak phase object at 300 kV: sin(chi) with 7 % amplitude contrast, times the
/// envelope of a partially coherent source; chi(k) = pi lambda C10 k^2, C10 = -defocus (angstrom).
double film_contrast(double k, double defocus);

/// A film that repeats after `extent()` pixels: at least the frame, but 2048 at most.
class SupportFilm {
 public:
  /// `contrast` is the standard deviation of the intensity; `pixel` and `defocus` in angstrom.
  SupportFilm(Index frame_extent, double contrast, double pixel, double defocus, Rng rng);

  Index extent() const { return film_.shape()[0]; }

  /// Row y of a frame whose film is displaced by `drift`: `out` is relative intensity, mean 1.
  void row(Index y, Vec2 drift, std::span<float> out) const;

  /// The film at one place, between its pixels by bilinear interpolation.
  float at(double y, double x) const;

 private:
  Array<float, 2> film_;  // (Y, X), mean 1
};

}  // namespace kinema::simulate
