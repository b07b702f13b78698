// Particles that wander in a liquid: each by itself, or stuck together in clusters.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/rng.h"
#include "kinema/simulate/stage.h"

#include <vector>

namespace kinema::simulate {

struct Particle {
  double radius = 0.0;      // mean, pixels
  double aspect = 1.0;      // long over short axis of its ellipse
  double absorption = 0.0;  // per pixel of metal
};

/// Where a particle is in one frame; the centre goes on beyond the view without end.
struct ParticlePose {
  Vec2 centre;  // pixels in the liquid, from the centre of pixel (0, 0) of frame 0
  double angle = 0.0;
};

/// Particles with their poses (T, N), in a box that repeats: what leaves at one side comes in at
/// the other, out of view.
struct ParticleSet {
  std::vector<Particle> particles;
  Array<ParticlePose, 2> poses;
  Vec2 box;  // its extent, pixels: the view and the largest particle

  /// `at` brought into the box whose low corner lies half a margin above and left of the view.
  Vec2 in_box(Vec2 at, double margin) const;
};

/// What `wander` needs to know. Lengths in pixels.
struct ParticleSettings {
  Index frames = 0, height = 0, width = 0;
  double particles = 0.0;                // mean number in view
  double smallest = 0.0, largest = 0.0;  // diameters; drawn evenly on a logarithmic scale
  double step = 0.0;      // of a middle-sized particle along x and along y, rms a frame
  double sticking = 0.0;  // probability that two that touch stay together
};

/// Width of the box beyond the view: no particle is cut where it comes in again.
double box_margin(const ParticleSettings& settings);

/// Stokes and Einstein: the mean squared step goes with one over the diameter; of a cluster,
/// over sqrt(sum of squared diameters). Particles that do not stick pass above each other.
ParticleSet wander(const ParticleSettings& settings, Rng rng);

}  // namespace kinema::simulate
