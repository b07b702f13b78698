// Fourier transforms for inner loops: a plan per size, by FFTW in a module of its own (GPL-2,
// loaded on first use) and by KissFFT where that is absent. Forward is sum x e^{-2 pi i k n / N},
// unnormalised; inverse divides by the number of elements. Results agree within rounding between
// the two; what must be the same bytes everywhere uses base/fft.
#pragma once

#include "kinema/base/fft.h"

#include <memory>

namespace kinema {

/// Real (Y, X) to the half with k_x >= 0, (Y, X / 2 + 1), and back. One plan may be used by many
/// threads at once.
class RealFourier2 {
 public:
  RealFourier2(Index height, Index width);
  Index height() const { return height_; }
  Index width() const { return width_; }
  Shape<2> half_shape() const { return {height_, width_ / 2 + 1}; }

  void forward(ArrayView<const float, 2> image, ArrayView<Complex, 2> half) const;
  /// `half` is spoilt.
  void inverse(ArrayView<Complex, 2> half, ArrayView<float, 2> image) const;

 private:
  Index height_, width_;
  std::shared_ptr<void> forward_, inverse_;  // plans of the module; empty: KissFFT
};

/// Complex (Y, X), in place.
class ComplexFourier2 {
 public:
  ComplexFourier2(Index height, Index width);
  void forward(ArrayView<Complex, 2> values) const;
  void inverse(ArrayView<Complex, 2> values) const;

 private:
  Index height_, width_;
  std::shared_ptr<void> forward_, inverse_;
};

/// Name and version of what transforms: "FFTW 3.3.10" or "KissFFT".
const char* fourier_library();

}  // namespace kinema
