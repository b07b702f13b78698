// The verbs of the group `atoms`: one file of app/ for each, gathered in app_atoms.cpp.
#pragma once

#include "verb.h"
#include <vector>

namespace kinema::app {

Verb atoms_export_verb();  // app_atoms_export.cpp

}  // namespace kinema::app
