// What the options of simulated graphene amount to.
#pragma once

#include "kinema/simulate/graphene.h"

namespace kinema::simulate {

/// The options themselves; throws InputError where one makes no sense.
const GrapheneOptions& checked(const GrapheneOptions& options);

/// Angstrom of sheet around the view of a sheet, which the image of its edges does not cross.
double margin(const GrapheneOptions& options);

/// The net that they ask for, and the view of sheets and periodic ones.
StructureOptions structure_options(const GrapheneOptions& options);

}  // namespace kinema::simulate
