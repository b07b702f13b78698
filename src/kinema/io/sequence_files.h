// Which files a folder or a pattern means, and in what order: the listing behind image sequences.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace kinema::io {

/// A folder; or a name that is no file's and holds *, ?, [..] or a number as printf writes it
/// (%d, %04d).
bool is_sequence(const std::filesystem::path& path);

struct SequenceFiles {
  std::vector<std::filesystem::path> files;  // in natural order
  std::vector<std::string> notes;            // what was left out, which numbers are missing
  std::optional<double> frame_time;          // seconds, where folders of seconds tell it
};

/// Files of one format in a folder, with its folders Hour_HH/Minute_MM/Second_SS where it has them,
/// or those that a pattern matches. Where several formats lie there, the one with most files is
/// taken, of equally many the one that is no picture. Throws InputError where there are none.
SequenceFiles find_sequence_files(const std::filesystem::path& path);

}  // namespace kinema::io
