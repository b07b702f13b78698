// Damaged copies of a file: whatever happens, it is data or an error that names the file.
#pragma once

#include "kinema/io/formats.h"

#include <gtest/gtest.h>

#include "io_test_movies.h"

namespace kinema::io::test_movies {

/// Opens and reads `bytes` as a file; true for data, false for InputError. Frames beyond 64 MB are
/// not read: their size alone must have been believable.
inline bool gives_data(const std::filesystem::path& path, const std::string& bytes) {
  write_bytes(path, bytes);
  try {
    const auto source = open_movie(path);
    const Index frames = source->frames().value();
    if (source->format().bytes() > (Index{64} << 20)) return true;
    std::vector<std::byte> frame(static_cast<std::size_t>(source->format().bytes()));
    for (Index t = 0; t < std::min<Index>(frames, 8); ++t) source->read(t, 1, frame);
    return true;
  } catch (const InputError&) {
    return false;
  }
}

/// Cuts the file at up to 64 places, each of which must be an error, and flips single bits, which
/// must give data or an error. Returns how many flips gave data.
inline int damage(const std::filesystem::path& path, int flips = 1000) {
  const std::string whole = file_text(path);
  const std::size_t step = std::max<std::size_t>(1, whole.size() / 64);
  for (std::size_t length = 0; length + 1 < whole.size(); length += step) {
    EXPECT_FALSE(gives_data(path, whole.substr(0, length))) << "cut at byte " << length;
  }
  int data = 0;
  std::uint64_t state = 1;
  for (int i = 0; i < flips; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    std::string bytes = whole;
    bytes[(state >> 20) % bytes.size()] ^= static_cast<char>(1U << (state >> 61));
    data += gives_data(path, bytes) ? 1 : 0;
  }
  write_bytes(path, whole);
  return data;
}

}  // namespace kinema::io::test_movies
