// What this machine offers to kinema, and how to mend what is missing.
#pragma once

#include "kinema/base/options.h"

#include <string>
#include <vector>

namespace kinema::doctor {

/// One thing looked at: what was found and, where something is wrong, the mend.
struct Finding {
  std::string name;  // key in the JSON and the first column
  Json json;         // all that was found
  std::string text;  // the same as a line for people
  std::string mend;  // empty where all is well
};

/// Processor, memory, BLAS (its speed is measured), LibTorch, MPI, HDF5, the reader program,
/// FFmpeg, LAMMPS. `ranks` work together.
std::vector<Finding> examine(int ranks);

/// {version, one key a finding, mends: [{part, problem, mend}]}.
Json to_json(const std::vector<Finding>& findings);

}  // namespace kinema::doctor
