// Crystalline grains seen along the beam: their shape, their lattice planes, and how they drift,
// turn, attract each other and grow together over the frames of a movie.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/rng.h"
#include "kinema/simulate/stage.h"

#include <vector>

namespace kinema::simulate {

/// One set of lattice planes that diffracts, seen edge-on: a plane wave in the image.
struct Reflection {
  double angle = 0.0;      // of the planes' normal, in the crystal, radian
  double spacing = 0.0;    // pixels
  double strength = 0.0;   // contrast at half an extinction length
  double thickness = 0.0;  // of the grain's middle, in extinction lengths; > 1 reverses contrast
  double phase = 0.0;      // at the grain's centre, turns
};

/// A facet: the half plane within `distance` of the centre along its normal.
struct Facet {
  double angle = 0.0;     // of the normal, in the crystal, radian
  double distance = 0.0;  // pixels
};

struct Grain {
  double radius = 0.0;      // mean, pixels
  double ramp = 0.0;        // from the edge to full thickness, pixels
  double absorption = 0.0;  // fraction of the electrons that the middle takes away
  std::vector<Facet> facets;
  std::vector<Reflection> reflections;
};

/// Where a grain is in one frame. `to_boundary` leads from the centre to the middle of the grain
/// boundary shared with the neighbour that it sinters to; zero where it has none.
struct GrainPose {
  Vec2 centre;  // pixels, x right, y down, from the centre of pixel (0, 0)
  double angle = 0.0;
  Vec2 to_boundary;
  double neck_radius = 0.0;
};

/// Grains with their poses (T, N) over a movie.
struct GrainMovie {
  std::vector<Grain> grains;
  Array<GrainPose, 2> poses;
};

/// What `grow_and_move` needs to know. Lengths in pixels.
struct GrainSettings {
  Index frames = 0, height = 0, width = 0;
  double crystals = 0.0;  // mean number in view
  double radius = 0.0;
  double lattice = 0.0;  // edge of the cubic cell
  double motion = 1.0;   // 1 drifts about 0.6 pixel a frame; 0 stands still
};

/// Face-centred cubic grains near the [110], [100] and [111] axes and off them, in all the area
/// that `drift` (one entry a frame) brings into view. Throws InputError where the lattice is too
/// fine for the pixels.
GrainMovie grow_and_move(const GrainSettings& settings, const std::vector<Vec2>& drift, Rng rng);

}  // namespace kinema::simulate
