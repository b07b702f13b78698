// Damaged copies of a file: cut at many places, and with single bits turned over.
#pragma once

#include "kinema/base/error.h"
#include "kinema/base/rng.h"
#include "kinema/io/formats.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io_test_movies.h"
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>

namespace kinema::io::test_movies {

/// Opens `path`, reads all of up to 16 MB and the metadata. True where this gave data, false where
/// it was refused in one line; whatever else is thrown fails the test.
inline bool gives_data(const std::filesystem::path& path) {
  std::string refusal;
  try {
    const auto source = open_movie(path);
    const Index frame = std::max<Index>(source->format().bytes(), 1);
    const Index count = std::min(source->frames().value(), (Index{16} << 20) / frame);
    std::vector<std::byte> bytes(static_cast<std::size_t>(count * source->format().bytes()));
    source->read(0, count, bytes);
    source->metadata().dump();
    return true;
  } catch (const InputError& error) {
    refusal = error.what();
  } catch (const IoError& error) {
    refusal = error.what();
  }
  EXPECT_EQ(refusal.find('\n'), std::string::npos) << refusal;
  return false;
}

/// Writes damaged copies of `bytes` to `damaged` and opens `opened`, which may be another file that
/// refers to it; each is answered within half a second.
inline void expect_answers(const std::string& bytes,
                           const std::filesystem::path& damaged,
                           const std::filesystem::path& opened) {
  const auto judge = [&](const std::string& copy, const std::string& what) {
    SCOPED_TRACE(what);
    std::filesystem::remove(damaged);  // a new file is written sooner than an old one anew
    write_bytes(damaged, copy);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_NO_THROW(gives_data(opened));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    EXPECT_LT(took.count(), 0.5);
  };
  for (std::size_t i = 0; i < 64; ++i) {
    const std::size_t length = i % 2 == 0 ? bytes.size() * i / 64 : i * 8;
    judge(bytes.substr(0, length), "cut at byte " + std::to_string(length));
  }
  Rng rng(7);
  for (int i = 0; i < 500; ++i) {
    std::string copy = bytes;
    const std::size_t reach = i % 2 == 0 ? copy.size() : std::min<std::size_t>(copy.size(), 4096);
    const auto at = static_cast<std::size_t>(rng.uniform() * static_cast<double>(reach));
    copy[at] = static_cast<char>(copy[at] ^ (1 << (i % 8)));
    judge(copy, "a bit of byte " + std::to_string(at));
  }
  write_bytes(damaged, bytes);
}

}  // namespace kinema::io::test_movies
