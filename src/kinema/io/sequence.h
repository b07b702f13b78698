// Image sequences: a folder or a pattern of files as one movie. See docs/formats/sequence.md.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/read_options.h"

#include <filesystem>
#include <memory>
#include <string>

namespace kinema::io {

/// All files that `path` (see is_sequence()) means, one after another; files of several frames are
/// concatenated. At first one file is opened, and besides it those from whose size the number of
/// frames cannot be told; each other when it is read. Throws InputError that names the file where
/// one differs from the first in format, type or size.
std::unique_ptr<MovieSource> open_sequence(const std::filesystem::path& path,
                                           const ReadOptions& options);

/// "sequence of png".
std::string sequence_format(const std::filesystem::path& path);

}  // namespace kinema::io
