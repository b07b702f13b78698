// A first set of sites: from hexagons that are clearly seen the sheet grows atom by atom, the best
// supported first, and so follows strain, defects and grain boundaries.
#pragma once

#include "kinema/atoms/lattice.h"
#include "kinema/atoms/sites.h"

namespace kinema::atoms {

/// Strength of one atom's image by the clearest patches: median of least squares over each.
double patch_strength(const Evidence& evidence, const LatticeSearch& search);

/// Sites of all patches; they err on the side of too many.
void grow(Sites& sites, const std::vector<Patch>& patches);

/// Sites beyond the view, up to `margin` angstrom, where the sheet goes on there.
void grow_beyond_view(Sites& sites, double margin);

}  // namespace kinema::atoms
