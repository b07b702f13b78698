// atoms: the group's table.
#include "app_atoms.h"

namespace kinema::app {

std::vector<Verb> atoms_verbs() {
  return {atoms_export_verb()};
}

}  // namespace kinema::app
