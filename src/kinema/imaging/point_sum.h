// The transform of points in a plane as matrix products: a plane wave of (kx, ky) is a wave along x
// times one along y, so the sum over points is a product of two matrices.
//
//   F(kx, ky) = sum_m a_m exp(-2 pi i (kx x_m + ky y_m) / L) w(kx, m) w(ky, m)
#pragma once

#include "kinema/base/linear.h"
#include "kinema/imaging/projection.h"

#include <functional>
#include <span>
#include <vector>

namespace kinema::imaging {

/// Rows k = 0 .. n-1 of cosines and then of sines of 2 pi k x_m / length, each times
/// `weights`(k, m) (n, M; empty: 1): (2n, M).
void fill_waves(std::span<const float> x,
                double length,
                ArrayView<const float, 2> weights,
                ArrayView<float, 2> waves);

/// F at the lattice's frequencies from the product of the waves along x and along y, (2n, 2n) with
/// n = N/2. `out[s]` is set.
void spectrum_of_product(ArrayView<const float, 2> product,
                         const SliceLattice& lattice,
                         Complex* out);

/// The adjoint: what a derivative by Re F and Im F (as a complex number) is by the product.
void product_of_spectrum(const Complex* derivative,
                         const SliceLattice& lattice,
                         ArrayView<float, 2> product);

/// Points in space, angstrom from the centre of the box.
struct PointCloud {
  std::vector<float> x, y, z;
};

/// Adds to the spectrum (N, N, N) of a volume about voxel (N/2, N/2, N/2) the sum over points of
/// exp(-2 pi i k . p / L) w(kx, m) w(ky, m) w(kz, m) amplitude(m) factor(|k|), for |k| that rounds
/// to less than N/2. `weights` (N/2, M) and `amplitudes` (M) are 1 where empty.
void add_point_spectrum(const PointCloud& points,
                        std::span<const float> amplitudes,
                        double length,
                        ArrayView<const float, 2> weights,
                        const std::function<float(double)>& factor,
                        ArrayView<Complex, 3> spectrum);

/// The volume (N, N, N) of such a spectrum, which is spoilt.
Array<float, 3> volume_of_spectrum(ArrayView<Complex, 3> spectrum);

}  // namespace kinema::imaging
