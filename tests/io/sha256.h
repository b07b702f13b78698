// SHA-256 of pixels, to compare them with what independent readers saw of the sample files.
#pragma once

#include "io_test_movies.h"
#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

namespace kinema::io::test_movies {

/// SHA-256 by the system's own program, as the manifest has it; `scratch` is a file to be written.
inline std::string sha256(const std::vector<std::byte>& bytes,
                          const std::filesystem::path& scratch) {
  write_bytes(scratch, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  std::FILE* pipe = popen(("sha256sum " + scratch.string()).c_str(), "r");
  std::array<char, 65> digest{};
  const bool read = std::fread(digest.data(), 1, 64, pipe) == 64;
  pclose(pipe);
  return read ? digest.data() : "";
}

}  // namespace kinema::io::test_movies
