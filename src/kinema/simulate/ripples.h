// Travelling ripples of a sheet: waves of several lengths and directions.
#pragma once

#include "kinema/base/rng.h"
#include "kinema/simulate/carbon_net.h"
#include "kinema/simulate/stage.h"

#include <optional>
#include <vector>

namespace kinema::simulate {

struct RippleOptions {
  double rms = 0.8;          // of the heights, angstrom
  Index waves = 5;           // how many
  double wavelength = 28.0;  // angstrom; each wave is 0.7 to 1.5 times as long
  double speed = 1.0;        // angstrom a frame; each wave has 0.5 to 1.5 times that
};

/// Heights over a plane, as they change with time. Longer waves are higher: the amplitude goes with
/// the wavelength, so that all have the same slope.
class Ripples {
 public:
  /// Waves drawn from `rng`; where the field repeats, so do they.
  Ripples(const RippleOptions& options, const std::optional<Period>& period, Rng rng);

  /// Height in angstrom at a place, `time` in frames.
  double height(Vec2 at, double time) const;
  /// Heights of places, their mean taken away.
  std::vector<double> heights(const std::vector<Vec2>& places, double time) const;
  /// Makes the rms height over `places` and over frames 0 to `frames` the one asked for.
  void scale_to(double rms, const std::vector<Vec2>& places, Index frames);

 private:
  struct Wave {
    Vec2 wave_vector;          // radian per angstrom
    double phase, turn, size;  // radian, radian a frame, angstrom
  };
  std::vector<Wave> waves_;
};

}  // namespace kinema::simulate
