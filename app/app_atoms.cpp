// atoms: the group's table.
#include "app_atoms.h"

namespace kinema::app {

std::vector<Verb> atoms_verbs() {
  return {atoms_reconstruct_verb(),
          atoms_analyse_verb(),
          atoms_evaluate_verb(),
          atoms_export_verb(),
          atoms_track_verb(),
          atoms_validate_verb()};
}

}  // namespace kinema::app
