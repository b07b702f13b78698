// Two movies of every second frame, and what their volumes have in common.
#include "kinema/dynamics/half_sets.h"

#include "kinema/metrics/fsc.h"

#include <algorithm>
#include <array>

namespace kinema::dynamics {
namespace {

constexpr Index volumes_compared = 24;

Particles every_second(const Particles& particles, Index first) {
  Particles half;
  half.pixel_size = particles.pixel_size;
  const Index count = (particles.frames() - first + 1) / 2, box = particles.box();
  half.images = Array<float, 3>::uninitialised({count, box, box});
  for (Index i = 0; i < count; ++i) {
    const Index t = first + 2 * i;
    std::copy_n(particles.images[t].data(), box * box, half.images[i].data());
    half.poses.push_back(particles.poses[static_cast<std::size_t>(t)]);
    half.ctfs.push_back(particles.ctfs[static_cast<std::size_t>(t)]);
  }
  return half;
}

std::vector<Volume> volumes_of(const VolumeSeries& series, Index frames) {
  const Index count = std::min(volumes_compared, frames);
  std::vector<Volume> volumes;
  for (Index i = 0; i < count; ++i) volumes.push_back(series.at(i * (frames - 1) / (count - 1)));
  return volumes;
}

}  // namespace

HalfSetAgreement half_set_agreement(const Particles& particles,
                                    const ReconstructOptions& options,
                                    const Rng& rng,
                                    Progress& progress) {
  if (particles.frames() < 16) {
    throw InputError("dynamics reconstruct: --half-sets halves the movie, which has " +
                     std::to_string(particles.frames()) + " frames; 16 are needed");
  }
  ReconstructOptions plain = options;
  plain.half_sets = false;
  plain.checkpoint.clear();
  plain.inr.resume.clear();
  const Index frames = particles.frames() / 2;
  std::array<std::vector<Volume>, 2> halves;
  for (std::size_t h = 0; h < 2; ++h) {
    const Particles half = every_second(particles, static_cast<Index>(h));
    halves[h] = volumes_of(*reconstruct(half, plain, rng.stream(h), progress).volumes, frames);
  }
  const std::array<Volume, 2> means{metrics::mean_volume(halves[0]),
                                    metrics::mean_volume(halves[1])};
  std::vector<metrics::FscCurve> volumes, differences;
  for (std::size_t i = 0; i < halves[0].size(); ++i) {
    volumes.push_back(metrics::fsc(halves[0][i], halves[1][i]));
    differences.push_back(metrics::fsc(metrics::difference(halves[0][i], means[0]),
                                       metrics::difference(halves[1][i], means[1])));
  }
  return {metrics::mean_curve(volumes).values, metrics::mean_curve(differences).values};
}

}  // namespace kinema::dynamics
