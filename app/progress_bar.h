// How progress looks on a terminal or in a log: a bar, plain lines, JSON lines, or nothing.
#pragma once

#include "kinema/base/progress.h"

#include <memory>
#include <string>

namespace kinema::app {

/// `kind` is auto (bar on a terminal, plain lines elsewhere), bar, plain, json or none. Progress
/// goes to standard error, so that results stay alone on standard output.
std::unique_ptr<Progress> make_progress(const std::string& kind);

}  // namespace kinema::app
