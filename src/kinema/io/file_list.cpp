// Folders and patterns as lists of files, in the order in which people count.
#include "kinema/io/file_list.h"

#include "kinema/base/error.h"
#include "kinema/io/file_names.h"
#include "kinema/io/movie_writer.h"
#include "kinema/io/sequence_files.h"

#include <algorithm>
#include <glob.h>

namespace kinema::io {
namespace {

using Path = std::filesystem::path;

void sort_naturally(std::vector<Path>& paths) {
  std::sort(paths.begin(), paths.end(), [](const Path& a, const Path& b) {
    return natural_less(a.native(), b.native());
  });
}

/// `a.tif.json` beside `a.tif`, and what an interrupted run kept.
bool is_of_kinema(const Path& path) {
  const std::string name = path.filename().string();
  if (name.ends_with(".partial") || name.ends_with(".partial.json")) return true;
  const Path movie = path.parent_path() / path.stem();
  return path.extension() == ".json" && sidecar_path(movie) == path &&
         (std::filesystem::exists(movie) || is_sequence(movie));
}

}  // namespace

bool is_pattern(const std::string& text) {
  std::error_code unreadable;
  return text.find_first_of("*?[") != std::string::npos &&
         !std::filesystem::exists(text, unreadable);
}

std::vector<Path> matching_paths(const std::string& pattern) {
  glob_t found{};
  const int code = glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
  std::vector<Path> paths;
  for (std::size_t i = 0; code == 0 && i < found.gl_pathc; ++i) {
    if (!is_of_kinema(found.gl_pathv[i])) paths.emplace_back(found.gl_pathv[i]);
  }
  globfree(&found);
  if (paths.empty()) throw InputError(pattern + ": no file has a name of this pattern");
  sort_naturally(paths);
  return paths;
}

std::vector<Path> paths_in(const Path& folder) {
  std::error_code failure;
  std::vector<Path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
    const Path& path = entry.path();
    if (!path.filename().string().starts_with(".") && !is_of_kinema(path)) paths.push_back(path);
  }
  if (failure) throw IoError(folder, "cannot be listed: " + failure.message());
  sort_naturally(paths);
  return paths;
}

std::uintmax_t bytes_of_files(const Path& path) {
  std::error_code gone;
  if (!is_sequence(path)) {
    const auto size = std::filesystem::file_size(path, gone);
    return gone ? 0 : size;
  }
  std::uintmax_t bytes = 0;
  for (const Path& file : find_sequence_files(path).files) {
    const auto size = std::filesystem::file_size(file, gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

}  // namespace kinema::io
