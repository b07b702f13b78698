// The atoms of one recorded frame of graphene: where they are, how they are bonded, and what the
// sheet looks like: rings, vacancies, edges.
#pragma once

#include "kinema/atoms/lattice.h"
#include "kinema/atoms/topology.h"

#include <vector>

namespace kinema::atoms {

/// How `locate` reads a frame.
struct LocateOptions {
  bool periodic = false;

  static void fields(auto& self, auto&& visit) {
    visit("periodic", self.periodic, "the view wraps, as in a simulated periodic cell");
  }
};

/// The atoms of one frame.
struct Located {
  std::vector<Vec2> positions;  // angstrom from the centre of pixel (0, 0)
  std::vector<Vec2> sigmas;     // standard errors of x and y, angstrom, at known optics
  Topology topology;
  LatticeFit lattice;
  double background = 0.0;  // counts per pixel without atoms
  double strength = 0.0;    // of an atom's image, 1 as the optics say; < 0: contrast is inverted
};

/// Finds every atom of a sheet of graphene in the electron counts (Y, X) of one frame. The frame
/// is compared with the linear image of atoms at known optics; sites are kept where the counts are
/// likelier with an atom than without one. `dose` of 0 is taken from the counts. Throws InputError
/// where the frame shows no sheet, or the optics no contrast.
Located locate(ArrayView<const float, 2> counts,
               PixelSize pixel,
               const Optics& optics,
               Fluence dose,
               const LocateOptions& options = {});

}  // namespace kinema::atoms
