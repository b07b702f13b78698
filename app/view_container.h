// A container as `kinema view` shows it: its measurement, and its frames decoded when they are
// looked at.
#pragma once

#include "view_movie.h"

namespace kinema::app {

/// Whether there is a container under this name, or the part of one that is being written.
bool is_viewed_container(const std::string& path);

std::unique_ptr<ViewFile> open_container_view(const std::string& path, const Session& session);

}  // namespace kinema::app
