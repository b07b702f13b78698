// How well atoms explain a frame as it was recorded: minus the logarithm of the Poisson likelihood
// of its counts, with derivatives.
#pragma once

#include "kinema/data/movie.h"
#include "kinema/imaging/fresnel.h"

#include <memory>
#include <span>
#include <vector>

namespace kinema::atoms {

/// How recorded values become electrons, and what of the view counts.
struct Recording {
  double units_per_electron = 1.0;  // gain of the camera
  double read_variance = 0.0;       // electrons^2 a pixel
  bool periodic = false;            // the view wraps, as in a simulated cell
};

/// The field that a model needs for frames of this size: the frame, and around it, where the view
/// does not wrap, a margin against the wrapping of Fourier transforms.
struct PaddedField {
  imaging::Field field;
  Index margin_x = 0, margin_y = 0;  // pixels of the field left of, and above, pixel (0, 0)
};
PaddedField padded_field(Index height, Index width, PixelSize pixel, bool periodic);

/// One frame and the model of its optics. With read noise v, counts + v are taken as Poisson of
/// mean + v (Snyder et al., J. Opt. Soc. Am. A 12 (1995) 272).
class FrameLikelihood {
 public:
  /// `frame` (Y, X) as recorded; `model` for padded_field() of its size.
  FrameLikelihood(std::shared_ptr<const imaging::FresnelModel> model,
                  const PaddedField& field,
                  ArrayView<const float, 2> frame,
                  const Recording& recording);

  /// Minus log likelihood at `positions` (angstrom from the centre of pixel (0, 0)), less a
  /// constant; the mean counts a pixel, and the strength of the atoms' contrast where
  /// `fit_strength`, are fitted with it. Adds to `gradient` (x, y, z of each atom) unless it is
  /// empty.
  double value(std::span<const double> coordinates, std::span<double> gradient);

  /// The same for atoms that stay where they are, brightness and contrast fitted.
  double fit(std::span<const Vec3> positions);

  /// The derivatives by the optics at the coordinates of the last value() that had a gradient.
  const imaging::FresnelGradient& last_gradient() const { return last_; }

  bool fit_strength = false;
  double strength() const { return strength_; }        // 1 as the model says
  double mean_counts() const { return mean_counts_; }  // electrons a pixel of vacuum
  double chi_squared() const { return chi_squared_; }  // a pixel, of the last value()
  double information()
      const;  // of a pixel about its mean, relative: electrons, less for read noise
  Index pixels() const { return counts_.size(); }
  const imaging::FresnelModel& model() const { return *model_; }

  /// Mean counts (Y, X), in electrons, of the last value().
  Array<float, 2> expected() const;
  const Array<float, 2>& counts() const { return counts_; }  // electrons

 private:
  double contrast(Index y, Index x) const;
  void fit_brightness();
  double compare();

  std::shared_ptr<const imaging::FresnelModel> model_;
  PaddedField field_;
  Array<float, 2> counts_;
  double read_variance_, strength_ = 1.0, mean_counts_ = 0.0, chi_squared_ = 0.0;
  imaging::FresnelModel::Scratch scratch_;
  Array<float, 2> intensity_, adjoint_;
  imaging::FresnelGradient last_;
};

}  // namespace kinema::atoms
