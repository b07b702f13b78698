// The child's side of the reader process: answers the questions of reader_protocol.h about one file
// until nobody asks any more.
#pragma once

#include <filesystem>

namespace kinema::io {

/// Serves the socket and the memory that the parent has handed over. What goes wrong while a
/// question is answered is the answer.
void serve_reader(const std::filesystem::path& path);

}  // namespace kinema::io
