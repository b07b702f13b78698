// A small movie of blobs of which one swings, its true volumes, and how a reconstruction of it
// does.
#pragma once

#include "kinema/dynamics/evaluate.h"
#include "kinema/dynamics/reconstruct.h"
#include "kinema/imaging/particle_ctf.h"
#include "kinema/imaging/projection.h"

#include <cmath>
#include <numbers>
#include <vector>

namespace kinema::dynamics::test {

inline constexpr Index box = 16, frames = 300;
inline constexpr double pixel = 4.0, width = 4.5;  // angstrom

/// Eleven blobs at rest, and one of twice their weight that swings along x by `swing` angstrom.
inline std::vector<Vec3> places(double swing, double phase) {
  std::vector<Vec3> out;
  Rng rng(21);
  for (int i = 0; i < 11; ++i) {
    out.push_back({rng.uniform(-14, 14), rng.uniform(-14, 14), rng.uniform(-14, 0)});
  }
  const Vec3 swinging{swing * std::cos(phase), 0.0, 13.0};
  out.push_back(swinging);
  out.push_back(swinging);
  return out;
}

inline double phase_at(Index t) {
  return 2.0 * std::numbers::pi * static_cast<double>(t) / 75.0;
}

/// Random known orientations and shifts, white noise of this standard deviation.
inline Particles movie(double swing, double noise) {
  Rng rng(22);
  const imaging::SliceLattice lattice = imaging::slice_lattice(box);
  const double length = static_cast<double>(box) * pixel;
  Particles particles;
  particles.images = Array<float, 3>({frames, box, box});
  particles.pixel_size = Length{pixel};
  std::vector<Complex> spectrum(static_cast<std::size_t>(lattice.size()));
  for (Index t = 0; t < frames; ++t) {
    const Pose pose{random_rotation(rng), {4.0 * rng.normal(), 4.0 * rng.normal()}};
    const FrameCtf ctf{.defocus_u = 9000, .defocus_v = 9500, .cs = 2.7e7};
    for (std::size_t s = 0; s < spectrum.size(); ++s) {
      const double kx = lattice.kx[s] / length, ky = lattice.ky[s] / length;
      std::complex<double> sum = 0.0;
      for (const Vec3& place : places(swing, phase_at(t))) {
        const Vec3 lab = pose.lab_from_body * place;
        sum += std::polar(1.0,
                          -2.0 * std::numbers::pi *
                              (kx * (lab[0] - pose.shift[0]) + ky * (lab[1] - pose.shift[1])));
      }
      sum *= imaging::particle_ctf(ctf, kx, ky) *
             std::exp(-2.0 * std::pow(std::numbers::pi * width, 2) * (kx * kx + ky * ky));
      spectrum[s] = Complex(sum);
    }
    const Array<float, 2> image = imaging::image_of_spectrum(spectrum.data(), lattice);
    for (Index i = 0; i < box * box; ++i) {
      particles.images[t].data()[i] = image.data()[i] + static_cast<float>(noise * rng.normal());
    }
    particles.poses.push_back(pose);
    particles.ctfs.push_back(ctf);
  }
  return particles;
}

inline Volume truth(double swing, Index t) {
  Volume volume{.density = Array<float, 3>({box, box, box}), .voxel_size = Length{pixel}};
  for (const Vec3& place : places(swing, phase_at(t))) {
    for (Index i = 0; i < volume.density.size(); ++i) {
      const double x = pixel * static_cast<double>(i % box - box / 2) - place[0],
                   y = pixel * static_cast<double>(i / box % box - box / 2) - place[1],
                   z = pixel * static_cast<double>(i / box / box - box / 2) - place[2];
      volume.density.data()[i] +=
          static_cast<float>(std::exp(-0.5 * (x * x + y * y + z * z) / (width * width)));
    }
  }
  return volume;
}

inline Evaluation judged(const Reconstruction& result, double swing) {
  EvaluateInput input;
  for (Index t = 0; t < frames; t += 23) input.frames.push_back(t);
  input.found = [&](std::size_t i) { return result.volumes->at(input.frames[i]); };
  input.truth = [&](std::size_t i) { return truth(swing, input.frames[i]); };
  input.latents = result.latents.mean;
  for (Index t = 0; t < frames; ++t) input.coordinate.push_back(std::cos(phase_at(t)));
  return evaluate(input);
}

}  // namespace kinema::dynamics::test
