// Which sites hold an atom: sites are added, removed and moved wherever that makes the frame more
// likely, with the neighbours settled anew each time, under a mild prior on how carbon is bonded.
#pragma once

#include "kinema/atoms/sites.h"

namespace kinema::atoms {

/// Rounds of removing and adding until nothing changes.
void choose(Sites& sites);

}  // namespace kinema::atoms
