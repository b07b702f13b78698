// A file that is being written, under a name of its own: one writer at a time, and how far it is on
// the disk for certain.
#pragma once

#include <chrono>
#include <filesystem>

namespace kinema::io {

/// Whether a process holds the lock of a file that is there.
bool is_written(const std::filesystem::path& path);

/// Holds an advisory lock on a file (made if it is not there) for as long as it lives.
class WriterLock {
 public:
  /// Throws InputError where another process writes it, IoError where it cannot be made. File
  /// systems that know no locks are written without one.
  explicit WriterLock(const std::filesystem::path& path);
  ~WriterLock();
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

  /// Waits until all that was written lies on the disk.
  void sync();
  /// The same, unless it was done less than a second ago.
  void sync_now_and_then();

 private:
  std::filesystem::path path_;
  int descriptor_;
  std::chrono::steady_clock::time_point synced_;
};

}  // namespace kinema::io
