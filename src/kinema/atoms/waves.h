// Ripples as waves: heights over place and time, their spectrum over wave number and frequency,
// the strongest waves with their phase velocities, and how far atoms move up and down together.
#pragma once

#include "kinema/atoms/topology.h"
#include "kinema/data/trajectory.h"

#include <vector>

namespace kinema::atoms {

/// Mean heights (T, S) at steps of `step` angstrom along a direction in the plane, atoms weighted
/// by a Gaussian of 0.75 steps; the mean of each frame is taken out. NaN where no atom is near.
struct HeightMap {
  Array<double, 2> heights;
  double first = 0.0, step = 0.0;  // angstrom: centre of bin 0 along the direction
};
HeightMap height_map(const Trajectory& trajectory, double direction, double step);

/// Power (F, K) of the heights' waves exp 2 pi i (k s - f t) along a direction: k from 0 to
/// `largest_k`, f from -1/2 to 1/2 of a turn per frame, under Hann's window. A wave that runs along
/// the direction has f > 0.
struct RippleSpectrum {
  Array<double, 2> power;                         // square angstrom
  std::vector<double> wave_numbers, frequencies;  // 1/angstrom, 1/frame
};
RippleSpectrum ripple_spectrum(const Trajectory& trajectory, double direction, double largest_k);

/// z = amplitude cos(2 pi (kx x + ky y - f t) + phase).
struct Wave {
  double kx = 0.0, ky = 0.0;  // 1/angstrom
  double frequency = 0.0;     // 1/frame, > 0: it runs along k
  double amplitude = 0.0;     // angstrom
  double phase = 0.0;         // radian
  double share = 0.0;         // of the variance of the heights that it explains
  double wavelength() const { return 1.0 / std::hypot(kx, ky); }
  double phase_velocity() const { return frequency * wavelength(); }  // angstrom per frame
};

/// Up to `count` strongest waves, one after another out of what the others leave; each explains
/// at least a fiftieth of the variance.
std::vector<Wave> dominant_waves(const Trajectory& trajectory, int count);

/// Correlation of the atoms' steps in z from frame to frame over their distance in the plane, 1 at
/// distance 0. `length` is where it first falls to 1/e (angstrom; NaN: nowhere).
struct StepCorrelation {
  std::vector<double> distances, values;  // angstrom; empty with a single frame
  double length = 0.0;
};
StepCorrelation step_correlation(const Trajectory& trajectory, double step, double farthest);

}  // namespace kinema::atoms
