// Waves by recurrence from one frequency to the next, and the four blocks of their product:
//   F(kx, +-ky) = (cc -+ ss) - i (sc +- cs).
#include "kinema/imaging/point_sum.h"

#include <cmath>
#include <cstdlib>
#include <numbers>
#include <vector>

namespace kinema::imaging {
namespace {

/// Turns waves along x (2n, M) by the phase of k z_m.
void turn_waves(ArrayView<float, 2> waves, const std::vector<float>& z, double k) {
  const Index n = waves.shape()[0] / 2, count = waves.shape()[1];
  for (Index m = 0; m < count; ++m) {
    const double phase =
        2.0 * std::numbers::pi * k * static_cast<double>(z[static_cast<std::size_t>(m)]);
    const auto c = static_cast<float>(std::cos(phase)), s = static_cast<float>(std::sin(phase));
    for (Index i = 0; i < n; ++i) {
      float &cosine = waves(i, m), &sine = waves(n + i, m);
      const float turned = cosine * c - sine * s;
      sine = sine * c + cosine * s;
      cosine = turned;
    }
  }
}

/// Column m times factors[m]; no factors: as it is.
void scale_columns(ArrayView<float, 2> waves, std::span<const float> factors) {
  if (factors.empty()) return;
  const auto [rows, count] = waves.shape();
  for (Index row = 0; row < rows; ++row) {
    for (Index m = 0; m < count; ++m) waves(row, m) *= factors[static_cast<std::size_t>(m)];
  }
}

}  // namespace

void fill_waves(std::span<const float> x,
                double length,
                ArrayView<const float, 2> weights,
                ArrayView<float, 2> waves) {
  const Index n = waves.shape()[0] / 2, count = waves.shape()[1];
  const auto size = static_cast<std::size_t>(count);
  std::vector<float> c1(size), s1(size);
  const auto turn = static_cast<float>(2.0 * std::numbers::pi / length);
  for (std::size_t m = 0; m < size; ++m) {
    c1[m] = std::cos(turn * x[m]);
    s1[m] = std::sin(turn * x[m]);
  }
  std::fill_n(waves.data(), count, 1.0F);
  std::fill_n(waves.data() + n * count, count, 0.0F);
  for (Index k = 1; k < n; ++k) {
    const float *cosine = waves.data() + (k - 1) * count, *sine = cosine + n * count;
    float *next_cosine = waves.data() + k * count, *next_sine = next_cosine + n * count;
    for (std::size_t m = 0; m < size; ++m) {
      next_cosine[m] = cosine[m] * c1[m] - sine[m] * s1[m];
      next_sine[m] = sine[m] * c1[m] + cosine[m] * s1[m];
    }
  }
  if (weights.data() == nullptr) return;
  const Index half = n * count;
  for (Index i = 0; i < half; ++i) {
    waves.data()[i] *= weights.data()[i];
    waves.data()[half + i] *= weights.data()[i];
  }
}

void spectrum_of_product(ArrayView<const float, 2> product,
                         const SliceLattice& lattice,
                         Complex* out) {
  const Index n = product.shape()[0] / 2, row = 2 * n;
  for (std::size_t s = 0; s < lattice.kx.size(); ++s) {
    const Index kx = lattice.kx[s], ky = std::abs(lattice.ky[s]);
    const float* cosines = product.data() + kx * row + ky;
    const float* sines = cosines + n * row;
    const float sign = lattice.ky[s] < 0 ? -1.0F : 1.0F;
    out[s] = {cosines[0] - sign * sines[n], -(sines[0] + sign * cosines[n])};
  }
}

void product_of_spectrum(const Complex* derivative,
                         const SliceLattice& lattice,
                         ArrayView<float, 2> product) {
  const Index n = product.shape()[0] / 2, row = 2 * n;
  std::fill_n(product.data(), product.size(), 0.0F);
  for (std::size_t s = 0; s < lattice.kx.size(); ++s) {
    const Index kx = lattice.kx[s], ky = std::abs(lattice.ky[s]);
    float* cosines = product.data() + kx * row + ky;
    float* sines = cosines + n * row;
    const float sign = lattice.ky[s] < 0 ? -1.0F : 1.0F;
    cosines[0] += derivative[s].real();
    sines[n] -= sign * derivative[s].real();
    sines[0] -= derivative[s].imag();
    cosines[n] -= sign * derivative[s].imag();
  }
}

void add_point_spectrum(const PointCloud& points,
                        std::span<const float> amplitudes,
                        double length,
                        ArrayView<const float, 2> weights,
                        const std::function<float(double)>& factor,
                        ArrayView<Complex, 3> spectrum) {
  const Index box = spectrum.shape()[0], half = box / 2;
  const auto count = static_cast<Index>(points.x.size());
  const SliceLattice lattice = slice_lattice(box);
  Array<float, 2> along_x({box, count}), turned({box, count}), along_y({box, count});
  fill_waves(points.x, length, weights, along_x.view());
  fill_waves(points.y, length, weights, along_y.view());
  scale_columns(along_y.view(), amplitudes);
  Array<float, 2> product({box, box});
  std::vector<Complex> plane(lattice.kx.size());
  for (Index kz = 1 - half; kz < half; ++kz) {
    std::copy(along_x.flat().begin(), along_x.flat().end(), turned.data());
    turn_waves(turned.view(), points.z, static_cast<double>(kz) / length);
    if (weights.data() != nullptr) {
      scale_columns(turned.view(), {weights.data() + std::abs(kz) * count, points.x.size()});
    }
    gemm(Op::none, Op::transpose, 1.0F, turned.view(), along_y.view(), 0.0F, product.view());
    spectrum_of_product(product.view(), lattice, plane.data());
    for (std::size_t s = 0; s < plane.size(); ++s) {
      const Index x = lattice.kx[s], y = lattice.ky[s];
      const double k = std::hypot(x, y, kz);
      if (std::lround(k) >= half) continue;
      // The centre lies at voxel N/2; N is even. On the plane kx = 0 both mirror images come by.
      const Complex value = factor(k) * ((x + y + kz) % 2 == 0 ? plane[s] : -plane[s]);
      spectrum((kz + box) % box, (y + box) % box, x) += value;
      if (x > 0 || y > 0) {
        spectrum((box - kz) % box, (box - y) % box, (box - x) % box) += std::conj(value);
      }
    }
  }
}

Array<float, 3> volume_of_spectrum(ArrayView<Complex, 3> spectrum) {
  inverse_fft3(spectrum);
  Array<float, 3> volume(spectrum.shape());
  for (Index i = 0; i < volume.size(); ++i) volume.data()[i] = spectrum.data()[i].real();
  return volume;
}

}  // namespace kinema::imaging
