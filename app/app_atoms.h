// The verbs of the group `atoms`: one file of app/ for each, gathered in app_atoms.cpp.
#pragma once

#include "verb.h"
#include <vector>

namespace kinema::app {

Verb atoms_analyse_verb();      // app_atoms_analyse.cpp
Verb atoms_evaluate_verb();     // app_atoms_evaluate.cpp
Verb atoms_export_verb();       // app_atoms_export.cpp
Verb atoms_reconstruct_verb();  // app_atoms_reconstruct.cpp
Verb atoms_track_verb();        // app_atoms_track.cpp
Verb atoms_validate_verb();     // app_atoms_validate.cpp

}  // namespace kinema::app
