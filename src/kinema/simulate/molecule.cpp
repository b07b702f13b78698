// From the coordinate to frames: pose, projection, shift, CTF, noise.
#include "kinema/simulate/molecule.h"

#include "kinema/base/parallel.h"
#include "kinema/imaging/ctf.h"
#include "kinema/imaging/particle_ctf.h"
#include "kinema/simulate/molecule_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kinema::simulate {
namespace {

using std::numbers::pi;

/// Streams of random numbers, one for each use.
enum Use : std::uint64_t { motion, orientation, place, focus, noise };

void require_sensible(const MoleculeModel& model, const MoleculeOptions& options) {
  const auto refuse = [](const std::string& what) {
    throw InputError("simulate molecule: " + what);
  };
  if (options.size < 8 || options.size % 2 != 0 || options.size > 512) {
    refuse(fmt::format("--size {} is no even number from 8 to 512", options.size));
  }
  if (options.frames < 1) refuse("--frames must be 1 or more");
  if (options.pixel.value <= 0.0) refuse("--pixel must be above 0");
  if (options.dose && options.scattering == Scattering::blobs) {
    refuse("blobs have no potential, so a dose says nothing; give --scattering atoms or --snr");
  }
  if (!options.dose && !(options.snr > 0.0)) refuse("--snr must be above 0");
  double radius = 0.0;
  for (const auto& state : model.states) {
    for (const Vec3& atom : state) radius = std::max(radius, std::hypot(atom[0], atom[1], atom[2]));
  }
  const double room = 0.5 * static_cast<double>(options.size) * options.pixel.value;
  if (radius > 0.95 * room) {
    refuse(
        fmt::format("an atom lies {:.0f} A from the centre and the frame ends at {:.0f} A; give a "
                    "larger --size or --pixel",
                    radius,
                    room));
  }
}

std::vector<Pose> poses_of(const MoleculeOptions& options, const Rng& rng) {
  Rng turns = rng.stream(Use::orientation), shifts = rng.stream(Use::place);
  std::vector<Pose> poses;
  const double step = options.pose_step * pi / 180.0 / std::sqrt(3.0);
  for (Index t = 0; t < options.frames; ++t) {
    Pose pose;
    if (t == 0 || options.poses == PoseLaw::random) {
      pose.lab_from_body = random_rotation(turns);
    } else {
      const Vec3 turn{step * turns.normal(), step * turns.normal(), step * turns.normal()};
      pose.lab_from_body = rotation_about(turn) * poses.back().lab_from_body;
    }
    for (double& s : pose.shift) s = options.shift.value * shifts.normal() + 0.0;  // no -0
    poses.push_back(pose);
  }
  return poses;
}

std::vector<FrameCtf> ctfs_of(const MoleculeOptions& options, const Rng& rng) {
  Rng random = rng.stream(Use::focus);
  std::vector<FrameCtf> ctfs;
  for (Index t = 0; t < options.frames; ++t) {
    const double defocus =
        options.defocus.value + options.defocus_spread.value * random.uniform(-1, 1);
    ctfs.push_back({.defocus_u = defocus,
                    .defocus_v = defocus,
                    .voltage = options.voltage.value,
                    .cs = options.cs.value,
                    .amplitude_contrast = options.amplitude_contrast});
  }
  return ctfs;
}

/// The clean frame: projection, shift, CTF.
Array<float, 2> clean_frame(const MoleculeImage& image,
                            const std::vector<Vec3>& in_body,
                            const Pose& pose,
                            const FrameCtf& ctf,
                            double length) {
  std::vector<Vec3> in_lab(in_body.size());
  for (std::size_t i = 0; i < in_lab.size(); ++i) {
    in_lab[i] = pose.lab_from_body * in_body[i];
    in_lab[i][0] -= pose.shift[0];
    in_lab[i][1] -= pose.shift[1];
  }
  std::vector<Complex> spectrum = image.projection(in_lab);
  const imaging::SliceLattice& lattice = image.lattice();
  for (std::size_t s = 0; s < spectrum.size(); ++s) {
    spectrum[s] *= static_cast<float>(
        imaging::particle_ctf(ctf, lattice.kx[s] / length, lattice.ky[s] / length));
  }
  return imaging::image_of_spectrum(spectrum.data(), lattice);
}

double variance(std::span<const float> values) {
  double sum = 0.0, squares = 0.0;
  for (const float value : values) {
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  const auto count = static_cast<double>(values.size());
  return squares / count - sum * sum / (count * count);
}

/// Adds Gaussian noise of this standard deviation, each frame from a stream of its own.
void add_gaussian(Array<float, 3>& images, double sigma, const Rng& rng) {
  parallel_for(images.shape()[0], [&](Index t) {
    Rng random = rng.stream(static_cast<std::uint64_t>(t));
    for (float& value : images[t].flat()) value += static_cast<float>(sigma * random.normal());
  });
}

/// Counts electrons: a pixel expects dose * (1 - contrast), contrast = `per_unit` times its value.
/// The frame becomes what the counts say of its value. Returns the variance of the noise.
double count_electrons(Array<float, 3>& images, double dose, double per_unit, const Rng& rng) {
  std::vector<double> squares(static_cast<std::size_t>(images.shape()[0]));
  parallel_for(images.shape()[0], [&](Index t) {
    Rng random = rng.stream(static_cast<std::uint64_t>(t));
    for (float& value : images[t].flat()) {
      const double clean = static_cast<double>(value);
      const double count = random.poisson(dose * std::max(0.0, 1.0 - per_unit * clean));
      const double recorded = (1.0 - count / dose) / per_unit;
      squares[static_cast<std::size_t>(t)] += (recorded - clean) * (recorded - clean);
      value = static_cast<float>(recorded);
    }
  });
  double sum = 0.0;
  for (const double s : squares) sum += s;
  return sum / static_cast<double>(images.size());
}

/// Noise as the options ask for it; returns the signal's variance over the noise's.
double add_noise(Array<float, 3>& images, const MoleculeOptions& options, const Rng& rng) {
  double signal = 0.0;
  for (Index t = 0; t < images.shape()[0]; ++t) signal += variance(images[t].flat());
  signal /= static_cast<double>(images.shape()[0]);
  if (!options.dose) {
    add_gaussian(images, std::sqrt(signal / options.snr), rng);
    return options.snr;
  }
  const double pixel = options.pixel.value;
  const double dose = options.dose->value * pixel * pixel / static_cast<double>(options.frames);
  // Contrast of a weak phase object is 2 sigma v_z, and a frame's value times the pixel is v_z.
  const double per_unit = 2.0 * imaging::interaction_constant(options.voltage) * pixel;
  return signal / count_electrons(images, dose, per_unit, rng);
}

}  // namespace

MoleculeMovie simulate_molecule(const MoleculeModel& model,
                                const MoleculeOptions& options,
                                const Rng& rng,
                                Progress& progress) {
  require_sensible(model, options);
  const MoleculeImage image(model, options);
  MoleculeMovie movie;
  movie.coordinate = coordinates(options, rng.stream(Use::motion));
  movie.particles.pixel_size = options.pixel;
  movie.particles.poses = poses_of(options, rng);
  movie.particles.ctfs = ctfs_of(options, rng);
  movie.particles.images = Array<float, 3>({options.frames, options.size, options.size});
  const double length = static_cast<double>(options.size) * options.pixel.value;

  const Index kept = std::min(options.truth_frames, options.frames);
  progress.begin("simulate", options.frames + kept, "frames");
  parallel_for(options.frames, [&](Index t) {
    progress.check();
    const auto i = static_cast<std::size_t>(t);
    const Array<float, 2> frame = clean_frame(image,
                                              model.at(movie.coordinate[i]),
                                              movie.particles.poses[i],
                                              movie.particles.ctfs[i],
                                              length);
    std::copy(frame.flat().begin(), frame.flat().end(), movie.particles.images[t].data());
    progress.advance(1);
  });
  for (Index i = 0; i < kept; ++i) {
    progress.check();
    const Index t = kept == 1 ? 0 : i * (options.frames - 1) / (kept - 1);
    movie.truth_frames.push_back(t);
    movie.truth.push_back(image.volume(model.at(movie.coordinate[static_cast<std::size_t>(t)])));
    progress.advance(1);
  }
  movie.snr = add_noise(movie.particles.images, options, rng.stream(Use::noise));
  progress.end();
  return movie;
}

}  // namespace kinema::simulate
