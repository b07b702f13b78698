// An in-situ movie of nanocrystals on an amorphous film, with its clean truth.
#pragma once

#include "kinema/simulate/grains.h"
#include "kinema/simulate/simulated_movie.h"

namespace kinema::simulate {

struct NanocrystalOptions : SceneOptions {
  Length diameter{40.0};
  Length lattice{4.078};  // gold
  std::optional<double> crystals;

  static void fields(auto& self, auto&& visit) {
    SceneOptions::view_fields(self, visit);
    visit("diameter", self.diameter, "mean diameter of the crystals");
    visit("lattice", self.lattice, "edge of the face-centred cubic cell; 4.078 A is gold");
    visit("crystals", self.crystals, "mean number in view; auto covers four tenths of it");
    SceneOptions::recording_fields(self, visit);
  }
};

class NanocrystalMovie final : public SimulatedMovie {
 public:
  /// Throws InputError where an option makes no sense.
  NanocrystalMovie(const NanocrystalOptions& options, const Rng& rng);

 private:
  void shade(Index t, std::span<float> frame) const override;

  GrainMovie grains_;
};

}  // namespace kinema::simulate
