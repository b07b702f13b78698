// Slices of the mean map are subtracted; the rest is weighted by noise and by what may be expected.
#include "kinema/dynamics/inr_input.h"

#include "kinema/base/fft.h"
#include "kinema/base/parallel.h"
#include "kinema/dynamics/gaussian_start.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kinema::dynamics {
namespace {

std::size_t shell_of(double x, double y, double z) {
  return static_cast<std::size_t>(std::lround(std::sqrt(x * x + y * y + z * z)));
}

/// The transform of a volume about its centre, voxel N/2, or back.
void move_centre(Array<Complex, 3>& spectrum) {
  const Index box = spectrum.shape()[0];
  for (Index i = 0; i < spectrum.size(); ++i) {
    if ((i % box + i / box % box + i / box / box) % 2 != 0) spectrum.data()[i] *= -1.0F;
  }
}

}  // namespace

std::vector<float> profile_of(const LowRankModel& start) {
  const Array<float, 3>& map = start.volumes[0];
  const Index box = map.shape()[0];
  Array<Complex, 3> spectrum(map.shape());
  for (Index i = 0; i < map.size(); ++i) spectrum.data()[i] = map.data()[i];
  fft3(spectrum.view());
  const auto shells = static_cast<std::size_t>(box / 2);
  std::vector<double> power(shells), count(shells);
  const auto wave = [box](Index i) { return static_cast<double>(i < box / 2 ? i : i - box); };
  for (Index i = 0; i < map.size(); ++i) {
    const std::size_t shell = shell_of(wave(i % box), wave(i / box % box), wave(i / box / box));
    if (shell >= shells) continue;
    power[shell] += static_cast<double>(std::norm(spectrum.data()[i]));
    count[shell] += 1.0;
  }
  std::vector<float> profile;
  for (std::size_t s = 0; s < shells; ++s) {
    // The mean density does not move. The map's filter is undone: of a signal of power p it leaves
    // w p, w = 2 f / (1 + f) from the halves' agreement f.
    const std::size_t from = std::max<std::size_t>(s, 1);
    const double f = std::clamp(start.half_fsc[from], 0.025, 1.0), filter = 2.0 * f / (1.0 + f);
    profile.push_back(static_cast<float>(0.5 * std::sqrt(power[from] / count[from] / filter)));
  }
  return profile;
}

nn::InrMovie inr_movie(const FrameSpectra& frames,
                       const LowRankModel& start,
                       const std::vector<float>& profile,
                       Index features,
                       Rng rng) {
  const Index count = frames.frames(), samples = frames.samples();
  const imaging::FourierVolumes map = imaging::fourier_volumes({start.volumes[0]});
  nn::InrMovie movie{.rest = Array<float, 3>({count, samples, 2}),
                     .gain = Array<float, 2>({count, samples}),
                     .rotations = Array<float, 3>({count, 3, 3}),
                     .lattice = Array<float, 2>({samples, 2}),
                     .scale = {},
                     .smooth = {},
                     .anchors = Array<float, 2>({features, 3}),
                     .held_out = {}};
  parallel_for(count, [&](Index t) {
    const Rotation& rotation = frames.rotations[static_cast<std::size_t>(t)];
    std::vector<Complex> seen(static_cast<std::size_t>(samples));
    slice(map, rotation, frames.lattice, seen.data());
    for (Index s = 0; s < samples; ++s) {
      const auto i = static_cast<std::size_t>(s);
      const Complex rest = frames.values(t, s) - frames.ctf(t, s) * seen[i];
      movie.rest(t, s, Index{0}) = rest.real();
      movie.rest(t, s, Index{1}) = rest.imag();
      movie.gain(t, s) =
          frames.ctf(t, s) * profile[static_cast<std::size_t>(frames.lattice.shell[i])];
    }
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 3; ++j) {
        movie.rotations(t, static_cast<Index>(i), static_cast<Index>(j)) =
            static_cast<float>(rotation.at(i, j));
      }
    }
  });
  GaussianModel spread = gaussians_from_map(start.mask, frames.pixel_size, features, 1, 1.0, rng);
  const double length = spread.length(), width = 0.6 * mean_spacing(spread) / length;
  for (Index i = 0; i < 3 * features; ++i) {
    movie.anchors.data()[i] =
        spread.parameters()[static_cast<std::size_t>(i)] / static_cast<float>(length);
  }
  for (std::size_t s = 0; s < static_cast<std::size_t>(samples); ++s) {
    const double kx = frames.lattice.kx[s], ky = frames.lattice.ky[s];
    movie.lattice(static_cast<Index>(s), Index{0}) = static_cast<float>(kx);
    movie.lattice(static_cast<Index>(s), Index{1}) = static_cast<float>(ky);
    const double phase = std::numbers::pi * width;
    movie.smooth.push_back(
        static_cast<float>(std::exp(-2.0 * phase * phase * (kx * kx + ky * ky))));
  }
  for (const float precision : frames.sample_precision()) {
    movie.scale.push_back(std::sqrt(0.5F * precision));
  }
  for (Index t = 0; t < count; ++t) movie.held_out.push_back(t % 10 == inr_held_out_at ? 1 : 0);
  return movie;
}

Array<float, 2> half_places(Index box) {
  const auto half = static_cast<std::size_t>(box / 2);
  std::vector<float> places;
  for (Index x = 0; x < box / 2; ++x) {
    for (Index y = 1 - box / 2; y < box / 2; ++y) {
      for (Index z = 1 - box / 2; z < box / 2; ++z) {
        if (x == 0 && (y < 0 || (y == 0 && z < 0))) continue;  // mirrored
        const double kx = static_cast<double>(x), ky = static_cast<double>(y),
                     kz = static_cast<double>(z);
        if (shell_of(kx, ky, kz) >= half) continue;
        for (const double k : {kx, ky, kz}) places.push_back(static_cast<float>(k));
      }
    }
  }
  Array<float, 2> out({static_cast<Index>(places.size() / 3), 3});
  std::copy(places.begin(), places.end(), out.data());
  return out;
}

Array<float, 3> volume_of(const Array<float, 2>& places,
                          const Array<float, 2>& answers,
                          const std::vector<float>& profile) {
  const auto box = static_cast<Index>(2 * profile.size());
  Array<Complex, 3> spectrum({box, box, box});
  for (Index i = 0; i < places.shape()[0]; ++i) {
    const float *k = places[i].data(), *answer = answers[i].data();
    const float size = profile[shell_of(k[0], k[1], k[2])];
    const auto x = static_cast<Index>(k[0]), y = static_cast<Index>(k[1]),
               z = static_cast<Index>(k[2]);
    const auto at = [box](Index wave) { return (wave + box) % box; };
    const bool origin = x == 0 && y == 0 && z == 0;
    const Complex value(size * answer[0], origin ? 0.0F : size * answer[1]);
    spectrum(at(z), at(y), at(x)) = value;
    spectrum(at(-z), at(-y), at(-x)) = std::conj(value);
  }
  move_centre(spectrum);
  inverse_fft3(spectrum.view());
  Array<float, 3> volume(spectrum.shape());
  for (Index i = 0; i < volume.size(); ++i) volume.data()[i] = spectrum.data()[i].real();
  return volume;
}

}  // namespace kinema::dynamics
