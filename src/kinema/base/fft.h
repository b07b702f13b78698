// Fourier transforms. Forward is sum x e^{-2 pi i k n / N}, unnormalised; inverse divides by the
// number of elements.
#pragma once

#include "kinema/base/array.h"

#include <complex>

namespace kinema {

using Complex = std::complex<float>;

/// (Y, X) -> (Y, X).
Array<Complex, 2> fft2(const Array<Complex, 2>& image);
Array<Complex, 2> inverse_fft2(const Array<Complex, 2>& spectrum);

/// (Z, Y, X) -> (Z, Y, X), in place.
void fft3(ArrayView<Complex, 3> volume);
void inverse_fft3(ArrayView<Complex, 3> spectrum);

/// Real (Y, X) -> the half with k_x >= 0: (Y, X / 2 + 1).
Array<Complex, 2> real_fft2(ArrayView<const float, 2> image);

}  // namespace kinema
