// A molecule as Gaussians whose centres move with the latents:
//   centre_m(z) = c_m + sum_k z_k d_km.
// Their projections are exact in Fourier space, as products of two matrices (imaging/point_sum),
// and so are the derivatives.
#pragma once

#include "kinema/dynamics/spectra.h"

#include <span>
#include <vector>

namespace kinema::dynamics {

/// All parameters stand in one vector, so that an optimiser need not know them apart.
class GaussianModel {
 public:
  GaussianModel() = default;
  GaussianModel(Index gaussians, Index latents, Index box, Length pixel_size);

  Index count() const { return count_; }
  Index latents() const { return latents_; }
  double length() const { return length_; }  // angstrom, edge of the box

  std::vector<float>& parameters() { return parameters_; }
  const std::vector<float>& parameters() const { return parameters_; }
  /// Where each kind begins: centres (M, 3), log amplitudes (M), log widths (M), modes (K, M, 3).
  std::size_t centres_at() const { return 0; }
  std::size_t amplitudes_at() const { return 3 * static_cast<std::size_t>(count_); }
  std::size_t widths_at() const { return 4 * static_cast<std::size_t>(count_); }
  std::size_t modes_at() const { return 5 * static_cast<std::size_t>(count_); }

  /// The density (N, N, N), band-limited.
  Array<float, 3> volume(const double* latents) const;

 private:
  friend class GaussianImage;
  Index count_ = 0, latents_ = 0, box_ = 0;
  double length_ = 0.0;
  std::vector<float> parameters_;
};

/// Projections of one model with one set of parameters; make it anew when they change. One thread
/// at a time.
class GaussianImage {
 public:
  GaussianImage(const GaussianModel& model, const imaging::SliceLattice& lattice);

  /// The clean spectrum (S) in this orientation.
  void project(const double* latents, const Rotation& lab_from_body, Complex* out);

  /// After project(): adds to `gradient` (as the parameters) the derivative of a function whose
  /// derivative by the spectrum is `derivative` (S; by real and imaginary part).
  void add_gradient(const Complex* derivative, std::span<float> gradient);

  /// After project(): how the spectrum changes with latent k, (S).
  void latent_derivative(Index k, Complex* out);

 private:
  const GaussianModel& model_;
  const imaging::SliceLattice& lattice_;
  Array<float, 2> weights_;  // (n, M): Gaussian fall-off of each frequency
  std::vector<float> amplitudes_, widths_;
  // Of the projection last made.
  Rotation rotation_;
  std::vector<double> latents_;
  std::vector<float> x_, y_;
  Array<float, 2> waves_x_, waves_y_, product_, derivative_x_, derivative_y_;
};

}  // namespace kinema::dynamics
