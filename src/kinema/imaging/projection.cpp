// Slicing Fourier volumes trilinearly, and the adjoint.
#include "kinema/imaging/projection.h"

#include <array>
#include <cmath>
#include <numbers>

namespace kinema::imaging {
namespace {

/// 1 / sinc^2 along one axis, by which the trilinear kernel is undone: (N).
std::vector<float> kernel_correction(Index box) {
  std::vector<float> correction(static_cast<std::size_t>(box));
  for (Index i = 0; i < box; ++i) {
    const double x =
        std::numbers::pi * static_cast<double>(i - box / 2) / static_cast<double>(2 * box);
    const double sinc = x == 0.0 ? 1.0 : std::sin(x) / x;
    correction[static_cast<std::size_t>(i)] = static_cast<float>(1.0 / (sinc * sinc));
  }
  return correction;
}

/// Calls body(z, y, x, correction, padded place) for every voxel of a volume in its padded box, in
/// which the centre lies at index 0.
template <class Body>
void for_each_voxel(Index box, Body body) {
  const Index padded = 2 * box, half = box / 2;
  const std::vector<float> along = kernel_correction(box);
  const auto wrapped = [&](Index i) { return (i - half + padded) % padded; };
  for (Index z = 0; z < box; ++z) {
    for (Index y = 0; y < box; ++y) {
      const float zy = along[static_cast<std::size_t>(z)] * along[static_cast<std::size_t>(y)];
      const Index row = (wrapped(z) * padded + wrapped(y)) * padded;
      for (Index x = 0; x < box; ++x) {
        body((z * box + y) * box + x, zy * along[static_cast<std::size_t>(x)], row + wrapped(x));
      }
    }
  }
}

/// The eight neighbours of a place in the padded half space, and their weights.
struct Corners {
  std::array<Index, 8> at;  // of (P, P, P/2 + 1)
  std::array<float, 8> weight;
  bool mirrored;  // the place lies in the other half: the value is the conjugate
};

Corners corners_of(const Vec3& body, Index padded) {
  Corners corners;
  corners.mirrored = body[0] < 0.0;
  const double sign = corners.mirrored ? -1.0 : 1.0;
  const double x = sign * body[0], y = sign * body[1], z = sign * body[2];
  const double fx = std::floor(x), fy = std::floor(y), fz = std::floor(z);
  const auto wx = static_cast<float>(x - fx), wy = static_cast<float>(y - fy),
             wz = static_cast<float>(z - fz);
  const auto wrap = [&](double f) { return (static_cast<Index>(f) + padded) % padded; };
  const Index x0 = static_cast<Index>(fx), row = padded / 2 + 1;
  const Index x1 = std::min<Index>(x0 + 1, padded / 2);
  const std::array<Index, 2> ys{wrap(fy), wrap(fy + 1.0)}, zs{wrap(fz), wrap(fz + 1.0)};
  for (std::size_t i = 0; i < 4; ++i) {
    const Index line = (zs[i / 2] * padded + ys[i % 2]) * row;
    const float weight = (i / 2 == 1 ? wz : 1 - wz) * (i % 2 == 1 ? wy : 1 - wy);
    corners.at[2 * i] = line + x0;
    corners.at[2 * i + 1] = line + x1;
    corners.weight[2 * i] = weight * (1 - wx);
    corners.weight[2 * i + 1] = weight * wx;
  }
  return corners;
}

/// Calls body(s, corners) for every frequency of the lattice.
template <class Body>
void for_each_sample(const SliceLattice& lattice, const Rotation& lab_from_body, Body body) {
  const Index padded = 2 * lattice.box;
  for (Index s = 0; s < lattice.size(); ++s) {
    const auto i = static_cast<std::size_t>(s);
    const double kx = 2.0 * lattice.kx[i], ky = 2.0 * lattice.ky[i];
    const Vec3 place{lab_from_body.at(0, 0) * kx + lab_from_body.at(1, 0) * ky,
                     lab_from_body.at(0, 1) * kx + lab_from_body.at(1, 1) * ky,
                     lab_from_body.at(0, 2) * kx + lab_from_body.at(1, 2) * ky};
    body(s, corners_of(place, padded));
  }
}

/// Adds the mirror image of the plane x = 0 to it.
template <class T, class Mirror>
void join_plane(Array<T, 4>& sums, Mirror mirror) {
  const Index padded = sums.shape()[0], count = sums.shape()[3];
  for (Index z = 0; z < padded; ++z) {
    for (Index y = 0; y < padded; ++y) {
      const Index zm = (padded - z) % padded, ym = (padded - y) % padded;
      if (z * padded + y > zm * padded + ym) continue;
      for (Index c = 0; c < count; ++c) {
        T &here = sums(z, y, Index{0}, c), &there = sums(zm, ym, Index{0}, c);
        const T joined = here + mirror(there);
        here = joined;
        there = mirror(joined);
      }
    }
  }
}

}  // namespace

SliceLattice slice_lattice(Index box) {
  SliceLattice lattice{.box = box, .kx = {}, .ky = {}, .shell = {}};
  const auto half = static_cast<std::int32_t>(box / 2);
  for (std::int32_t kx = 0; kx < half; ++kx) {
    for (std::int32_t ky = kx == 0 ? 0 : 1 - half; ky < half; ++ky) {
      const auto shell = static_cast<std::int32_t>(std::lround(std::hypot(kx, ky)));
      if (shell >= half) continue;
      lattice.kx.push_back(kx);
      lattice.ky.push_back(ky);
      lattice.shell.push_back(shell);
    }
  }
  return lattice;
}

void image_spectrum(ArrayView<const float, 2> image, const SliceLattice& lattice, Complex* out) {
  const Array<Complex, 2> half = real_fft2(image);
  const Index box = lattice.box;
  for (std::size_t i = 0; i < lattice.kx.size(); ++i) {
    const Index y = (lattice.ky[i] + box) % box;
    // exp(+2 pi i (kx + ky) (N/2) / N) moves the centre to index 0.
    const double turn = 2.0 * std::numbers::pi * static_cast<double>(box / 2) *
                        (lattice.kx[i] + lattice.ky[i]) / static_cast<double>(box);
    out[i] = half(y, Index{lattice.kx[i]}) *
             Complex(static_cast<float>(std::cos(turn)), static_cast<float>(std::sin(turn)));
  }
}

Array<float, 2> image_of_spectrum(const Complex* spectrum, const SliceLattice& lattice) {
  const Index box = lattice.box;
  Array<Complex, 2> full({box, box});
  for (std::size_t i = 0; i < lattice.kx.size(); ++i) {
    const Index x = lattice.kx[i], y = lattice.ky[i];
    const double turn =
        -2.0 * std::numbers::pi * static_cast<double>(box / 2 * (x + y)) / static_cast<double>(box);
    const Complex value = spectrum[i] * Complex(static_cast<float>(std::cos(turn)),
                                                static_cast<float>(std::sin(turn)));
    full((y + box) % box, x) = value;
    full((box - y) % box, (box - x) % box) = std::conj(value);
  }
  const Array<Complex, 2> image = inverse_fft2(full);
  Array<float, 2> real({box, box});
  for (Index i = 0; i < real.size(); ++i) real.data()[i] = image.data()[i].real();
  return real;
}

FourierVolumes fourier_volumes(const std::vector<Array<float, 3>>& volumes) {
  const Index box = volumes.at(0).shape()[0], padded = 2 * box;
  const auto count = static_cast<Index>(volumes.size());
  FourierVolumes fourier(box, count);
  for (Index c = 0; c < count; ++c) {
    const float* density = volumes[static_cast<std::size_t>(c)].data();
    Array<Complex, 3> grid({padded, padded, padded});
    for_each_voxel(box, [&](Index voxel, float correction, Index place) {
      grid.data()[place] = density[voxel] * correction;
    });
    fft3(grid.view());
    for (Index row = 0; row < padded * padded; ++row) {
      for (Index x = 0; x <= box; ++x) {
        fourier.values.data()[(row * (box + 1) + x) * count + c] = grid.data()[row * padded + x];
      }
    }
  }
  return fourier;
}

std::vector<Array<float, 3>> adjoint_volumes(const FourierVolumes& sums) {
  const Index box = sums.box, padded = 2 * box, count = sums.count();
  const auto scale = static_cast<float>(padded * padded * padded);  // inverse_fft3 divides by it
  std::vector<Array<float, 3>> volumes;
  for (Index c = 0; c < count; ++c) {
    Array<Complex, 3> grid({padded, padded, padded});
    for (Index row = 0; row < padded * padded; ++row) {
      for (Index x = 0; x <= box; ++x) {
        grid.data()[row * padded + x] = sums.values.data()[(row * (box + 1) + x) * count + c];
      }
    }
    inverse_fft3(grid.view());
    Array<float, 3>& volume = volumes.emplace_back(Shape<3>{box, box, box});
    for_each_voxel(box, [&](Index voxel, float correction, Index place) {
      volume.data()[voxel] = scale * correction * grid.data()[place].real();
    });
  }
  return volumes;
}

std::vector<Array<float, 3>> inverse_volumes(const FourierVolumes& means) {
  const Index box = means.box, padded = 2 * box, count = means.count();
  std::vector<Array<float, 3>> volumes;
  for (Index c = 0; c < count; ++c) {
    Array<Complex, 3> grid({padded, padded, padded});
    // Twice the real part of the half with 0 < x < P/2, once that of x = 0, is the whole.
    for (Index row = 0; row < padded * padded; ++row) {
      for (Index x = 0; x < box; ++x) {
        grid.data()[row * padded + x] =
            means.values.data()[(row * (box + 1) + x) * count + c] * (x == 0 ? 1.0F : 2.0F);
      }
    }
    inverse_fft3(grid.view());
    Array<float, 3>& volume = volumes.emplace_back(Shape<3>{box, box, box});
    for_each_voxel(box, [&](Index voxel, float correction, Index place) {
      volume.data()[voxel] = correction * grid.data()[place].real();
    });
  }
  return volumes;
}

void slice(const FourierVolumes& volumes,
           const Rotation& lab_from_body,
           const SliceLattice& lattice,
           Complex* out) {
  const Index count = volumes.count();
  for_each_sample(lattice, lab_from_body, [&](Index s, const Corners& corners) {
    Complex* sample = out + s * count;
    std::fill_n(sample, count, Complex{});
    for (std::size_t corner = 0; corner < 8; ++corner) {
      const Complex* value = volumes.values.data() + corners.at[corner] * count;
      for (Index c = 0; c < count; ++c) sample[c] += corners.weight[corner] * value[c];
    }
    if (!corners.mirrored) return;
    for (Index c = 0; c < count; ++c) sample[c] = std::conj(sample[c]);
  });
}

void add_slice(const Complex* slices,
               const Rotation& lab_from_body,
               const SliceLattice& lattice,
               FourierVolumes& sums) {
  const Index count = sums.count();
  for_each_sample(lattice, lab_from_body, [&](Index s, const Corners& corners) {
    const Complex* sample = slices + s * count;
    for (std::size_t corner = 0; corner < 8; ++corner) {
      Complex* sum = sums.values.data() + corners.at[corner] * count;
      const float weight = corners.weight[corner];
      for (Index c = 0; c < count; ++c) {
        sum[c] += weight * (corners.mirrored ? std::conj(sample[c]) : sample[c]);
      }
    }
  });
}

void add_slice_weights(const float* weights,
                       const Rotation& lab_from_body,
                       const SliceLattice& lattice,
                       Array<float, 4>& sums) {
  const Index count = sums.shape()[3];
  for_each_sample(lattice, lab_from_body, [&](Index s, const Corners& corners) {
    const float* sample = weights + s * count;
    for (std::size_t corner = 0; corner < 8; ++corner) {
      float* sum = sums.data() + corners.at[corner] * count;
      for (Index c = 0; c < count; ++c) sum[c] += corners.weight[corner] * sample[c];
    }
  });
}

void join_mirrored(FourierVolumes& sums) {
  join_plane(sums.values, [](const Complex& value) { return std::conj(value); });
}

void join_mirrored(Array<float, 4>& sums) {
  join_plane(sums, [](float value) { return value; });
}

}  // namespace kinema::imaging
