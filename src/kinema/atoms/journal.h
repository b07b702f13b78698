// What of a long job is done: each step by its name with what it gave, on the disk as soon as it is
// done, so that whatever ends the job, the same job goes on behind it.
//
// The file is a row of records, each the length of its content (8 bytes, little-endian), its hash
// (BLAKE2b, 16 bytes) and the content in CBOR; the first one tells the job, every other one a step.
// Numbers come back as they were, to the last bit. A record that a crash has torn ends the file.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/options.h"
#include "kinema/io/file.h"
#include "kinema/io/writer_lock.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace kinema::atoms {

class Journal {
 public:
  /// Remembers nothing.
  Journal() = default;
  /// Begins `path`.partial anew, or with `resume` goes on with it where it is there. Throws
  /// InputError where that was begun for another `job`, or where another process writes it. The
  /// file stays until close(), unless it holds no step.
  Journal(const std::filesystem::path& path, const Json& job, bool resume);

  /// Whether an interrupted run has left a journal at `path`.
  static bool is_left(const std::filesystem::path& path);

  /// What a run before this one kept of the step; null where it did not come so far.
  const Json* find(const std::string& step) const;
  Index found() const { return static_cast<Index>(found_.size()); }
  /// Keeps what a step gave; from any thread.
  void keep(const std::string& step, Json gave);
  /// The job is done and its results are safe: removes the file.
  void close();

 private:
  void take_up(const Json& job);
  void append(const Json& record);

  std::filesystem::path path_;
  std::optional<io::WriterLock> lock_;
  std::optional<io::PartialFile> file_;
  std::uint64_t written_ = 0;
  std::map<std::string, Json> found_;
  std::mutex mutex_;
};

}  // namespace kinema::atoms
