// Long work beside the interpreter: it computes on a thread of its own while the calling thread,
// which gives other Python threads their turn, shows progress and listens for Ctrl-C.
#pragma once

#include "kinema/base/progress.h"

#include <pybind11/pybind11.h>

#include <functional>

namespace kinema::python {

/// Runs `work`, which must touch no Python object. `progress` is None, False, True (lines on
/// sys.stderr) or a function f(stage, done, total, unit). What `work` throws is thrown here; what a
/// signal handler or the function raises asks `work` to stop and is raised when it has. Notes
/// become warnings.
void run_beside_python(const pybind11::object& progress,
                       const std::function<void(Progress&)>& work);

}  // namespace kinema::python
