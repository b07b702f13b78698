// Projections of volumes as central slices of their Fourier transforms, and the exact adjoint.
//
// A volume (N, N, N) with its centre at index N/2 is divided by the transform of the interpolation
// kernel, padded twofold, transformed, and read off trilinearly in the plane that the rotation
// says. Several volumes share one rotation: they are the inner axis. Frequencies count in 1/N.
#pragma once

#include "kinema/base/fft.h"
#include "kinema/data/pose.h"

#include <cstdint>
#include <vector>

namespace kinema::imaging {

/// The frequencies of a real (N, N) image that say everything: kx > 0, or kx = 0 and ky >= 0, with
/// |k| rounding to less than N/2. `shell` is |k| rounded.
struct SliceLattice {
  Index box = 0;
  std::vector<std::int32_t> kx, ky, shell;
  Index size() const { return static_cast<Index>(kx.size()); }
};
SliceLattice slice_lattice(Index box);

/// The transform of an image (N, N) about pixel (N/2, N/2) at the lattice's frequencies.
void image_spectrum(ArrayView<const float, 2> image, const SliceLattice& lattice, Complex* out);

/// The image (N, N) of such a spectrum; frequencies outside the lattice are 0.
Array<float, 2> image_of_spectrum(const Complex* spectrum, const SliceLattice& lattice);

/// The half with x >= 0 of the padded transforms of C volumes, (P, P, P/2 + 1, C), P = 2N; also
/// what slices are summed into.
struct FourierVolumes {
  Index box = 0;
  Array<Complex, 4> values;

  FourierVolumes() = default;
  FourierVolumes(Index edge, Index count)
      : box(edge), values({2 * edge, 2 * edge, edge + 1, count}) {}
  Index count() const { return values.shape()[3]; }
};

/// Ready to be sliced; every volume is (N, N, N).
FourierVolumes fourier_volumes(const std::vector<Array<float, 3>>& volumes);

/// The adjoint of fourier_volumes for the inner product sum Re(conj(a) b) of stored values.
std::vector<Array<float, 3>> adjoint_volumes(const FourierVolumes& sums);

/// The volumes whose transforms these are, where each value is a mean about its place: the inverse
/// of the transform, cropped, and divided by the transform of the kernel.
std::vector<Array<float, 3>> inverse_volumes(const FourierVolumes& means);

/// Slices (S, C) through the centre, perpendicular to the laboratory's z.
void slice(const FourierVolumes& volumes,
           const Rotation& lab_from_body,
           const SliceLattice& lattice,
           Complex* out);

/// Adds slices (S, C): the adjoint of slice().
void add_slice(const Complex* slices,
               const Rotation& lab_from_body,
               const SliceLattice& lattice,
               FourierVolumes& sums);

/// Adds weights (S, C), which are real and the same in both halves, to sums (P, P, P/2 + 1, C).
void add_slice_weights(const float* weights,
                       const Rotation& lab_from_body,
                       const SliceLattice& lattice,
                       Array<float, 4>& sums);

/// Adds to the plane x = 0, which is its own mirror image, what lies mirrored, so that each place
/// holds what was said of it and of its mirror image.
void join_mirrored(FourierVolumes& sums);
void join_mirrored(Array<float, 4>& sums);

}  // namespace kinema::imaging
