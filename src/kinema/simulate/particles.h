// A movie of metal particles in a liquid cell: they wander, and may stick together. With its truth.
#pragma once

#include "kinema/simulate/brownian.h"
#include "kinema/simulate/simulated_movie.h"

namespace kinema::simulate {

struct ParticleOptions : SceneOptions {
  ParticleOptions() {
    pixel = Length{5.0};
    defocus = Length{20000.0};
    film = 0.03;
    motion = 0.3;
  }
  Length smallest{40.0}, largest{250.0};
  std::optional<double> particles;
  double step = 0.8;
  double sticking = 0.3;
  double liquid = 0.15;

  static void fields(auto& self, auto&& visit) {
    SceneOptions::view_fields(self, visit);
    visit("smallest", self.smallest, "smallest diameter of a particle");
    visit("largest", self.largest, "largest diameter of a particle");
    visit("particles", self.particles, "mean number in view; auto covers about a seventh of it");
    visit("step",
          self.step,
          "rms step of a middle-sized particle along x and along y, in pixels a frame");
    visit("sticking", self.sticking, "probability that two particles that touch stay together");
    visit("liquid",
          self.liquid,
          "how much darker the middle of the bulging cell is than its corners");
    SceneOptions::recording_fields(self, visit);
  }
};

class ParticleMovie final : public SimulatedMovie {
 public:
  /// Throws InputError where an option makes no sense.
  ParticleMovie(const ParticleOptions& options, const Rng& rng);

  /// The particles with their places in the liquid in every frame; the stage's drift is not in
  /// them.
  const ParticleSet& truth() const { return set_; }

 private:
  void shade(Index t, std::span<float> frame) const override;

  double liquid_, margin_;
  ParticleSet set_;
};

}  // namespace kinema::simulate
