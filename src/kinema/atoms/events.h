// What happens to the atoms of a movie whose identities are known: changes of the graph of bonds
// and of who is there, as far as they last.
#pragma once

#include "kinema/atoms/track.h"

#include <vector>

namespace kinema::atoms {

/// Events in order of frames. A change counts where it was otherwise for `persistence` frames
/// before and stays so for as many after; shorter spells are mended as errors of detection. Atoms
/// that come or go within 2 angstrom of the border of a cell that is not periodic pass it and are
/// no events.
std::vector<Event> find_events(const Trajectory& trajectory, Index persistence);

}  // namespace kinema::atoms
