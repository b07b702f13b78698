// A movie of carbon fibres that drift and bend on an amorphous film, with its clean truth.
#pragma once

#include "kinema/simulate/fibre_set.h"
#include "kinema/simulate/simulated_movie.h"

namespace kinema::simulate {

struct FibreOptions : SceneOptions {
  FibreOptions() {
    pixel = Length{5.0};
    defocus = Length{20000.0};
    film = 0.06;
  }
  Length thinnest{50.0}, thickest{300.0};
  std::optional<double> fibres;
  double bending = 1.0;

  static void fields(auto& self, auto&& visit) {
    SceneOptions::view_fields(self, visit);
    visit("thinnest", self.thinnest, "smallest diameter of a fibre");
    visit("thickest", self.thickest, "largest diameter of a fibre");
    visit("fibres", self.fibres, "mean number in view; auto covers about three tenths of it");
    visit("bending", self.bending, "speed of bending: 1 moves a fibre about 0.3 pixel a frame");
    SceneOptions::recording_fields(self, visit);
  }
};

class FibreMovie final : public SimulatedMovie {
 public:
  /// Throws InputError where an option makes no sense.
  FibreMovie(const FibreOptions& options, const Rng& rng);

  /// The fibres with their places in every frame.
  const FibreSet& truth() const { return set_; }

 private:
  void shade(Index t, std::span<float> frame) const override;

  FibreSet set_;
};

}  // namespace kinema::simulate
