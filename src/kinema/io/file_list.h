// Which files people mean by a folder or by a pattern such as "run_*.dm4".
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace kinema::io {

/// Whether `text` is a pattern: it holds *, ? or [ and is not the name of a file or folder itself.
bool is_pattern(const std::string& text);

/// Files and folders that a pattern names, file 2 before file 10; InputError where there are none.
std::vector<std::filesystem::path> matching_paths(const std::string& pattern);

/// Files and folders in `folder` that people may mean, file 2 before file 10: neither hidden ones
/// nor kinema's own side-cars and unfinished files.
std::vector<std::filesystem::path> paths_in(const std::filesystem::path& folder);

/// Bytes of a file, or of all files of an image sequence.
std::uintmax_t bytes_of_files(const std::filesystem::path& path);

}  // namespace kinema::io
