// Text files line by line, for formats that people and other programs write: whatever is wrong is
// told with the number of its line.
#pragma once

#include "kinema/io/file.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kinema::io {

/// Reads a file forwards, a megabyte at a time, so that files of any length stream.
class LineReader {
 public:
  /// `file` must outlive this.
  explicit LineReader(const InputFile& file);

  /// The next line without its end (\n or \r\n), valid until the next call; none behind the last.
  /// A line of over a megabyte is refused: no text of ours has one.
  std::optional<std::string_view> next();

  /// Number of the line that next() gave, from 1, and bytes of the file behind it.
  std::uint64_t line() const { return line_; }
  std::uint64_t remaining() const;

  /// Throws InputError "PATH: line N: WHAT" for the present line, or for another one.
  [[noreturn]] void fail(const std::string& what) const { fail(line_, what); }
  [[noreturn]] void fail(std::uint64_t line, const std::string& what) const;

 private:
  bool fill();

  const InputFile& file_;
  std::string buffer_;
  std::size_t at_ = 0;        // of the next line, in buffer_
  std::uint64_t offset_ = 0;  // of the byte behind buffer_, in the file
  std::uint64_t line_ = 0;
};

/// The first word of `text`, which is taken off it; empty where nothing but blanks is left.
std::string_view take_word(std::string_view& text);

/// A real number as C, Fortran (1.5D+01) or Python write it; none where `word` is anything else.
std::optional<double> real_number(std::string_view word);

/// A whole number; none where `word` is anything else.
std::optional<std::int64_t> whole_number(std::string_view word);

/// `word` in quotes for an error line: cut where it is long, without what a terminal would obey.
std::string quoted_word(std::string_view word);

}  // namespace kinema::io
