// Transforms of all frames, once.
#include "kinema/dynamics/spectra.h"

#include "kinema/base/parallel.h"
#include "kinema/imaging/particle_ctf.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kinema::dynamics {

std::vector<float> FrameSpectra::sample_precision() const {
  std::vector<float> out;
  for (const std::int32_t shell : lattice.shell) {
    out.push_back(precision[static_cast<std::size_t>(shell)]);
  }
  return out;
}

FrameSpectra spectra_of(const Particles& particles) {
  const Index frames = particles.frames(), box = particles.box();
  if (frames < 8) {
    throw InputError("dynamics: a movie of " + std::to_string(frames) + " frames; give 8 or more");
  }
  FrameSpectra spectra;
  spectra.lattice = imaging::slice_lattice(box);
  spectra.pixel_size = particles.pixel_size;
  const imaging::SliceLattice& lattice = spectra.lattice;
  spectra.values = Array<Complex, 2>({frames, lattice.size()});
  spectra.ctf = Array<float, 2>({frames, lattice.size()});
  const double length = static_cast<double>(box) * particles.pixel_size.value;
  parallel_for(frames, [&](Index t) {
    const Pose& pose = particles.poses[static_cast<std::size_t>(t)];
    Complex* values = spectra.values[t].data();
    imaging::image_spectrum(particles.images[t], lattice, values);
    for (Index s = 0; s < lattice.size(); ++s) {
      const auto i = static_cast<std::size_t>(s);
      const double kx = lattice.kx[i] / length, ky = lattice.ky[i] / length;
      const double turn = -2.0 * std::numbers::pi * (kx * pose.shift[0] + ky * pose.shift[1]);
      values[s] *= Complex(static_cast<float>(std::cos(turn)), static_cast<float>(std::sin(turn)));
      spectra.ctf(t, s) = static_cast<float>(
          imaging::particle_ctf(particles.ctfs[static_cast<std::size_t>(t)], kx, ky));
    }
  });
  for (const Pose& pose : particles.poses) spectra.rotations.push_back(pose.lab_from_body);

  std::vector<double> power(static_cast<std::size_t>(box / 2));
  for (Index t = 0; t < frames; ++t) {
    for (Index s = 0; s < lattice.size(); ++s) {
      power[static_cast<std::size_t>(lattice.shell[static_cast<std::size_t>(s)])] +=
          static_cast<double>(std::norm(spectra.values(t, s)));
    }
  }
  set_noise(spectra, power);
  return spectra;
}

void set_noise(FrameSpectra& spectra, const std::vector<double>& squared_residuals) {
  std::vector<double> counts(squared_residuals.size());
  for (const std::int32_t shell : spectra.lattice.shell)
    counts[static_cast<std::size_t>(shell)] += 1;
  const double largest = *std::max_element(squared_residuals.begin(), squared_residuals.end());
  if (!(largest > 0.0)) throw InputError("dynamics: the frames are all alike; nothing is in them");
  spectra.precision.resize(squared_residuals.size());
  for (std::size_t shell = 0; shell < counts.size(); ++shell) {
    const double power = std::max(squared_residuals[shell], 1e-9 * largest) /
                         (counts[shell] * static_cast<double>(spectra.frames()));
    spectra.precision[shell] = static_cast<float>(2.0 / power);
  }
}

}  // namespace kinema::dynamics
