// What `atoms validate` has judged so far: a line of JSON a frame in `OUT.partial`, so that an
// interrupted run can go on, and the table or the JSON that it becomes.
#pragma once

#include "kinema/atoms/validate.h"
#include "kinema/io/file.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace kinema::app {

class VerdictLog {
 public:
  /// Begins, or with `resume` goes on with what an interrupted run of the same `job` kept. Throws
  /// InputError where the name ends neither in .csv nor in .json, or the job was another one.
  VerdictLog(const std::filesystem::path& path, const Json& job, bool resume);

  const std::vector<atoms::FrameVerdict>& verdicts() const { return verdicts_; }
  void add(const atoms::FrameVerdict& verdict);
  /// Writes the whole as the name's ending says; `provenance` goes into the JSON, or beside the
  /// table as `<path>.json`.
  void close(const Json& provenance);

 private:
  void take_up(const Json& job);
  void append(const std::string& line);

  std::filesystem::path path_;
  bool is_table_ = false;
  std::optional<io::PartialFile> file_;
  std::uint64_t written_ = 0;
  std::vector<atoms::FrameVerdict> verdicts_;
};

/// {frames, sound, unsound, failed, released_ev_median, ...} of verdicts.
Json summary_of(const std::vector<atoms::FrameVerdict>& verdicts);

}  // namespace kinema::app
