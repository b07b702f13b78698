// Many small files that become a movie together: written without syncing each, brought to the disk
// at once, then renamed.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace kinema::io {

/// Writes a file whole, in place of what stood there. IoError where the system refuses.
void write_new_file(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// Makes folders; IoError where the system refuses.
void make_folders(const std::filesystem::path& folder);

/// Brings all that was written to the file system of `folder` to the disk.
void sync_file_system(const std::filesystem::path& folder);

/// Renames; IoError where the system refuses.
void rename_to(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace kinema::io
