// A first set of sites: from hexagons that are clearly seen the sheet grows atom by atom, the best
// supported first, and so follows strain, defects and grain boundaries.
#pragma once

#include "kinema/atoms/lattice.h"
#include "kinema/atoms/sites.h"

namespace kinema::atoms {

/// Strength of one atom's image by the clearest patches: median of least squares over each.
double patch_strength(const Evidence& evidence, const LatticeSearch& search);

/// Where further neighbours of a site are expected: 120 degrees from those that it has.
std::vector<Vec2> expected_neighbours(const Sites& sites, int id);

/// Whether the honeycomb is seen beside the border of the view.
bool reaches_border(const Frame& frame, const std::vector<Patch>& patches);

/// Sites of all patches; they err on the side of too many.
void grow(Sites& sites, const std::vector<Patch>& patches);

/// Sites beyond the view, up to `margin` angstrom, where the sheet goes on there.
void grow_beyond_view(Sites& sites, double margin);

}  // namespace kinema::atoms
