// One pool of threads for the whole process. Set its size once, at start.
#pragma once

#include "kinema/base/array.h"

#include <functional>

namespace kinema {

/// Sets the number of threads (>= 1) that `parallel_for` uses, the caller included.
void set_threads(int count);

/// Threads in use; by default what the process may run on.
int threads();

/// Calls body(i) for each i in [0, count), on all threads, in no order; returns when all are done.
/// Work is taken one index at a time, so make an index worth 10 microseconds or more. The first
/// exception is rethrown. Called from within a body it runs serially.
void parallel_for(Index count, const std::function<void(Index)>& body);

}  // namespace kinema
