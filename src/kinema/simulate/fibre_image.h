// What fibres do to the electrons that pass through them, row by row.
#pragma once

#include "kinema/simulate/fibre_set.h"
#include "kinema/simulate/support_film.h"

#include <span>
#include <vector>

namespace kinema::simulate {

/// The fibres of one frame, bent and placed.
class FibreImage {
 public:
  /// Frames (height, width); the texture of the fibres is taken from `film`, which must live on.
  FibreImage(std::span<const Fibre> fibres,
             std::span<const FibrePose> poses,
             Index height,
             Index width,
             const SupportFilm& film);

  /// Multiplies row y (relative intensity) by the transmission of every fibre that it crosses,
  ///
  ///   exp(-absorption t) (1 + rim) (1 + t / 2R (texture - 1)),
  ///   t = 2 sqrt(R^2 - d^2) - 2 sqrt(core^2 - d^2)   pixels of carbon, d from the fibre's middle
  ///
  /// with a bright Fresnel rim. An end is a half ball.
  void darken_row(Index y, std::span<float> row) const;

 private:
  struct Placed {
    Fibre fibre;
    double x, y, cos, sin;             // origin and direction of the axis
    double reach;                      // nothing of the fibre is farther from the axis
    double first;                      // s of the first entry below
    std::vector<float> middle, slope;  // u(s) and du/ds, one entry a pixel
  };

  static Placed place(const Fibre& fibre, const FibrePose& pose, Index height, Index width);
  float transmission(const Placed& fibre, double s, double v) const;

  std::vector<Placed> fibres_;
  const SupportFilm& film_;
};

}  // namespace kinema::simulate
