// Small files by the system's own calls.
#include "kinema/io/file_set.h"

#include "kinema/base/error.h"
#include "kinema/io/file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace kinema::io {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, const char* action, int reason) {
  const char* mend =
      reason == ENOSPC || reason == EDQUOT ? "; free some space or write to another disk" : "";
  throw IoError(path, std::string("cannot ") + action + ": " + std::strerror(reason) + mend);
}

}  // namespace

void write_new_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  const FileHandle file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file.is_open()) refuse(path, "be created", errno);
  while (!bytes.empty()) {
    const ssize_t put = write(file.get(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) refuse(path, "be written", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
}

void make_folders(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) refuse(folder, "be made", failed.value());
}

void sync_file_system(const std::filesystem::path& folder) {
  const FileHandle handle(open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC));
  if (handle.is_open() && syncfs(handle.get()) != 0) {
    refuse(folder, "be written to the disk", errno);
  }
}

void rename_to(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code failed;
  std::filesystem::rename(from, to, failed);
  if (failed) refuse(from, ("be renamed to " + to.string()).c_str(), failed.value());
}

}  // namespace kinema::io
