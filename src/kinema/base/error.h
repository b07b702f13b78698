// The three ways a verb can fail. Only app/ and python/ catch.
//
// InputError and FileError are the caller's to mend and are shown as one line. Anything else that
// escapes is a bug of ours (std::logic_error, exit 70).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

namespace kinema {

/// Wrong input: the text says what is wrong, where, and how to mend it. Exit code 2, Python
/// `ValueError`.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A file that does not hold what it declares: names the path and the byte offset. Exit code 2.
class FileError : public InputError {
 public:
  FileError(const std::filesystem::path& path, std::uint64_t offset, const std::string& what)
      : InputError(path.string() + ": at byte " + std::to_string(offset) + ": " + what) {}
};

/// The system refused to read or write (full disk, no permission, device gone). Exit code 74,
/// Python `OSError`.
class IoError : public std::runtime_error {
 public:
  IoError(const std::filesystem::path& path, const std::string& what)
      : std::runtime_error(path.string() + ": " + what) {}
};

/// The user asked to stop (INT or TERM). What was complete is kept. Exit code 130.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted; what was complete is kept") {}
};

}  // namespace kinema
