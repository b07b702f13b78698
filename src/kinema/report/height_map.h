// A sheet as it lies in its frame, every atom in the colour of a value.
#pragma once

#include "kinema/report/atom_scene.h"
#include "kinema/report/drawing.h"

namespace kinema::report {

/// Atoms and the bonds between them, x to the right and y down as frames are shown, axes in
/// angstrom and the bar of the colours; `values` holds one number an atom. `width` pixels; as high
/// as the sheet asks for.
Drawing height_map(const AtomicModel& atoms,
                   const std::vector<double>& values,
                   const ColourScale& scale,
                   const std::string& title,
                   double width = 640.0);

}  // namespace kinema::report
