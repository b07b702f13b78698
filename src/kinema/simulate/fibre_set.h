// Carbon fibres that cross the view: their shape, and how they shift, turn and bend over the
// frames of a movie.
//
// A fibre's axis is a straight line through its origin; its middle lies aside of that line by
//
//   u(s) = sum_m a_m cos(q_m s + phase_m),   m = 0 .. 3,  q_0 = 0
//
// at the place s along it. The bends a_m move like damped springs that are pushed at random.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/rng.h"
#include "kinema/simulate/stage.h"

#include <array>
#include <vector>

namespace kinema::simulate {

inline constexpr std::size_t fibre_modes = 4;

struct Fibre {
  double radius = 0.0;      // pixels
  double core = 0.0;        // radius of the hollow inside; 0: solid
  double absorption = 0.0;  // per pixel of carbon
  double end = 0.0;         // of the fibre, at this s; infinite where it crosses the whole view
  Vec2 grain;               // where its texture begins on the film
  std::array<double, fibre_modes> wave_number{}, phase{};  // radian a pixel, radian
};

/// Where a fibre is in one frame.
struct FibrePose {
  Vec2 origin;                             // pixels, from the centre of pixel (0, 0)
  double angle = 0.0;                      // of the axis against x, radian
  std::array<double, fibre_modes> bend{};  // a_m, pixels
};

/// Fibres with their poses (T, N) over a movie.
struct FibreSet {
  std::vector<Fibre> fibres;
  Array<FibrePose, 2> poses;
};

/// What `lay_and_bend` needs to know. Lengths in pixels.
struct FibreSettings {
  Index height = 0, width = 0;
  double fibres = 0.0;                    // mean number in view
  double thinnest = 0.0, thickest = 0.0;  // diameters; drawn evenly on a logarithmic scale
  double bending = 1.0;  // 1 moves the middle of a fibre by about a quarter pixel a frame
};

/// Fibres in all the area that `drift` (one entry a frame) brings into view.
FibreSet lay_and_bend(const FibreSettings& settings, const std::vector<Vec2>& drift, Rng rng);

}  // namespace kinema::simulate
