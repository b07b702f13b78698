// Orientations that are found again, and a grid that favours none.
#include "kinema/dynamics/poses.h"

#include "kinema/imaging/particle_ctf.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kinema::dynamics {
namespace {

constexpr Index box = 16, frames = 150;
constexpr double degree = std::numbers::pi / 180.0;

/// A lopsided heap of blobs.
Array<float, 3> heap() {
  Rng rng(31);
  Array<float, 3> volume({box, box, box});
  for (int blob = 0; blob < 9; ++blob) {
    const Vec3 at{rng.uniform(4, 12), rng.uniform(4, 12), rng.uniform(4, 12)};
    for (Index i = 0; i < volume.size(); ++i) {
      const double x = static_cast<double>(i % box) - at[0],
                   y = static_cast<double>(i / box % box) - at[1],
                   z = static_cast<double>(i / box / box) - at[2];
      volume.data()[i] += static_cast<float>(std::exp(-(x * x + y * y + z * z) / 4.0));
    }
  }
  return volume;
}

/// Frames of the heap, which turns by `step` degrees a frame, at an SNR of about `snr`.
Particles turning_movie(double step, double snr) {
  Rng rng(32);
  const imaging::SliceLattice lattice = imaging::slice_lattice(box);
  const imaging::FourierVolumes fourier = imaging::fourier_volumes({heap()});
  Particles particles;
  particles.images = Array<float, 3>({frames, box, box});
  particles.pixel_size = 4_A;
  std::vector<Complex> spectrum(static_cast<std::size_t>(lattice.size()));
  Rotation rotation = random_rotation(rng);
  const double axis = step * degree / std::sqrt(3.0);
  for (Index t = 0; t < frames; ++t) {
    const Vec3 turn{axis * rng.normal(), axis * rng.normal(), axis * rng.normal()};
    rotation = rotation_about(turn) * rotation;
    const FrameCtf ctf{.defocus_u = 9000, .defocus_v = 9000, .cs = 2.7e7};
    imaging::slice(fourier, rotation, lattice, spectrum.data());
    for (std::size_t s = 0; s < spectrum.size(); ++s) {
      spectrum[s] *= static_cast<float>(
          imaging::particle_ctf(ctf, lattice.kx[s] / 64.0, lattice.ky[s] / 64.0));
    }
    const Array<float, 2> image = imaging::image_of_spectrum(spectrum.data(), lattice);
    double power = 0.0;
    for (const float v : image.flat()) power += static_cast<double>(v * v) / (box * box);
    for (Index i = 0; i < box * box; ++i) {
      particles.images[t].data()[i] =
          3.0F * (image.data()[i] + static_cast<float>(std::sqrt(power / snr) * rng.normal()));
    }
    particles.poses.push_back({rotation, {}});
    particles.ctfs.push_back(ctf);
  }
  return particles;
}

double median_error(const FoundPoses& found, const Particles& particles) {
  std::vector<double> errors;
  for (std::size_t t = 0; t < found.rotations.size(); ++t) {
    errors.push_back(angle_between(found.rotations[t], particles.poses[t].lab_from_body) / degree);
  }
  std::nth_element(errors.begin(), errors.begin() + frames / 2, errors.end());
  return errors[frames / 2];
}

TEST(Poses, ATurningBodyIsFollowedThroughTheNoise) {
  const Particles particles = turning_movie(6.0, 0.5);
  FrameSpectra spectra = spectra_of(particles);
  Progress silent;
  PoseOptions options;
  options.orientations = 6000;
  options.step = 6.0;
  const FoundPoses found = find_poses(spectra, heap(), options, silent);
  EXPECT_LT(median_error(found, particles), 8.0);
  EXPECT_NEAR(found.scale, 3.0, 0.6);  // the movie is three times the reference
}

TEST(Poses, TheGridFavoursNoDirection) {
  Vec3 mean{};
  const std::vector<Rotation> grid = spread_rotations(2000);
  for (const Rotation& rotation : grid) {
    const Vec3 v = rotation * Vec3{0, 0, 1};
    for (std::size_t axis = 0; axis < 3; ++axis) mean[axis] += v[axis] / 2000.0;
  }
  for (const double m : mean) EXPECT_NEAR(m, 0.0, 0.01);
  // Every rotation has a neighbour in the grid.
  Rng rng(3);
  for (int i = 0; i < 50; ++i) {
    const Rotation any = random_rotation(rng);
    double least = 10.0;
    for (const Rotation& rotation : grid) least = std::min(least, angle_between(any, rotation));
    EXPECT_LT(least, 20.0 * degree);
  }
}

TEST(Poses, AReferenceOfAnotherSizeIsRefused) {
  FrameSpectra spectra = spectra_of(turning_movie(6.0, 1.0));
  Progress silent;
  EXPECT_THROW(find_poses(spectra, Array<float, 3>({8, 8, 8}), {}, silent), InputError);
}

}  // namespace
}  // namespace kinema::dynamics
