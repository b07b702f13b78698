// Judging files by the standard of their format: everything in which a file departs from it, as
// `kinema validate` lists it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace kinema::io {

/// One departure from a format's standard.
struct Departure {
  std::uint64_t offset = 0;  // in the file, of the field or the byte
  std::string field;         // by the standard's own name, e.g. "MAPC"
  std::string what;          // what stands there and what should, one line
  bool fatal = false;        // the pixels cannot be read, or not be trusted
};

/// Every departure of a file from MRC2014, in the order of the file's bytes; all pixels are read,
/// a block at a time. Files packed by gzip or bzip2 are judged by what is in them. Throws
/// InputError where there is no such file; whatever is in it is a departure, never an error.
std::vector<Departure> validate_mrc(const std::filesystem::path& path);

}  // namespace kinema::io
