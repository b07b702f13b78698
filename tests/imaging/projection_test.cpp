// Truths of projections: they are sums along the beam, turn with the body, and have an adjoint.
#include "kinema/imaging/projection.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace kinema::imaging {
namespace {

constexpr Index box = 24;
constexpr double width = 1.7;  // voxels, rms

/// A Gaussian blob at `centre` (voxels from the centre of the box) in a volume.
Array<float, 3> blob(const Vec3& centre) {
  Array<float, 3> volume({box, box, box});
  for (Index z = 0; z < box; ++z) {
    for (Index y = 0; y < box; ++y) {
      for (Index x = 0; x < box; ++x) {
        const double r = std::hypot(static_cast<double>(x - box / 2) - centre[0],
                                    static_cast<double>(y - box / 2) - centre[1],
                                    static_cast<double>(z - box / 2) - centre[2]);
        volume(z, y, x) = static_cast<float>(std::exp(-0.5 * r * r / (width * width)));
      }
    }
  }
  return volume;
}

/// What the transform of the blob's projection is.
std::complex<double> spectrum_of_blob(const Vec3& in_lab, double kx, double ky) {
  using std::numbers::pi;
  const double k = std::hypot(kx, ky) / box;
  const double size =
      std::pow(2 * pi * width * width, 1.5) * std::exp(-2 * pi * pi * width * width * k * k);
  return std::polar(size, -2 * pi * (kx * in_lab[0] + ky * in_lab[1]) / box);
}

std::vector<Complex> sliced(const std::vector<Array<float, 3>>& volumes,
                            const Rotation& rotation,
                            const SliceLattice& lattice) {
  std::vector<Complex> out(static_cast<std::size_t>(lattice.size()) * volumes.size());
  slice(fourier_volumes(volumes), rotation, lattice, out.data());
  return out;
}

TEST(Projection, ASliceIsTheTransformOfTheSumAlongTheBeam) {
  const Array<float, 3> volume = blob({2.0, -1.0, 3.0});
  Array<float, 2> sum({box, box});
  for (Index z = 0; z < box; ++z) {
    for (Index i = 0; i < box * box; ++i) sum.data()[i] += volume[z].data()[i];
  }
  const SliceLattice lattice = slice_lattice(box);
  std::vector<Complex> expected(static_cast<std::size_t>(lattice.size()));
  image_spectrum(sum.view(), lattice, expected.data());
  const std::vector<Complex> found = sliced({volume}, Rotation{}, lattice);
  double error = 0.0, power = 0.0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    error += std::norm(found[i] - expected[i]);
    power += std::norm(expected[i]);
  }
  EXPECT_LT(std::sqrt(error / power), 0.05);  // the interpolation's own
}

TEST(Projection, ABlobIsSeenWhereTheRotationPutsIt) {
  const Vec3 body{3.0, -2.0, 1.5};
  const SliceLattice lattice = slice_lattice(box);
  Rng rng(3);
  for (int i = 0; i < 5; ++i) {
    const Rotation rotation = random_rotation(rng);
    const std::vector<Complex> found = sliced({blob(body)}, rotation, lattice);
    double error = 0.0, power = 0.0;
    for (std::size_t s = 0; s < found.size(); ++s) {
      const auto expected = spectrum_of_blob(rotation * body, lattice.kx[s], lattice.ky[s]);
      error += std::norm(std::complex<double>(found[s]) - expected);
      power += std::norm(expected);
    }
    EXPECT_LT(std::sqrt(error / power), 0.03);
  }
}

TEST(Projection, BackprojectionIsTheAdjoint) {
  Rng rng(4);
  std::vector<Array<float, 3>> volumes(2, Array<float, 3>({box, box, box}));
  for (auto& volume : volumes) {
    for (float& value : volume.flat()) value = static_cast<float>(rng.normal());
  }
  const SliceLattice lattice = slice_lattice(box);
  const Rotation rotation = random_rotation(rng);
  const std::vector<Complex> forward = sliced(volumes, rotation, lattice);
  std::vector<Complex> slices(forward.size());
  for (Complex& value : slices) {
    value = {static_cast<float>(rng.normal()), static_cast<float>(rng.normal())};
  }
  FourierVolumes sums(box, 2);
  add_slice(slices.data(), rotation, lattice, sums);
  const std::vector<Array<float, 3>> back = adjoint_volumes(sums);

  double in_slices = 0.0, in_volumes = 0.0, size = 0.0;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const double product = (std::conj(slices[i]) * forward[i]).real();
    in_slices += product;
    size += std::abs(product);
  }
  for (std::size_t c = 0; c < 2; ++c) {
    for (Index i = 0; i < back[c].size(); ++i) {
      in_volumes += static_cast<double>(back[c].data()[i]) * volumes[c].data()[i];
    }
  }
  EXPECT_NEAR(in_slices, in_volumes, 1e-4 * size);
}

TEST(Projection, AnImageComesBackFromItsSpectrum) {
  Array<float, 2> image({box, box});
  for (Index y = 0; y < box; ++y) {
    for (Index x = 0; x < box; ++x) {
      const double r = std::hypot(static_cast<double>(y) - 10.0, static_cast<double>(x) - 14.0);
      image(y, x) = static_cast<float>(std::exp(-r * r / 8.0));
    }
  }
  const SliceLattice lattice = slice_lattice(box);
  std::vector<Complex> spectrum(static_cast<std::size_t>(lattice.size()));
  image_spectrum(image.view(), lattice, spectrum.data());
  const Array<float, 2> back = image_of_spectrum(spectrum.data(), lattice);
  for (Index i = 0; i < image.size(); ++i) EXPECT_NEAR(back.data()[i], image.data()[i], 2e-3);
}

}  // namespace
}  // namespace kinema::imaging
