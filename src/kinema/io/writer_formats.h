// What a format that kinema writes must offer. A new one is one file and one line in the table of
// movie_writer.cpp.
#pragma once

#include "kinema/io/movie_writer.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <span>

namespace kinema::io {

/// All that a writer is told. `frames` is at least 1 and the sizes fit 32 bits.
struct WriteRequest {
  std::filesystem::path path;
  FrameFormat format;
  Index frames = 0;
  const MovieInfo& info;
  const WriteOptions& options;
};

struct WriterFormat {
  const char* name;
  const char* endings;  // of the file's name, each with a dot, separated by spaces; longest wins
  /// The type in which pixels of this type are held; none where the format cannot hold them.
  std::optional<PixelType> (*stored_type)(PixelType);
  const char* mend;  // for a type that it cannot hold
  std::unique_ptr<MovieWriter> (*create)(const WriteRequest&);
  /// As MovieWriter::resume(); null for formats that cannot go on with a partial file.
  std::unique_ptr<MovieWriter> (*resume)(const WriteRequest&);
  bool tells_contrast = false;  // to viewers, beside the pixels as they are
};

/// Every format that is written.
std::span<const WriterFormat> writer_formats();

}  // namespace kinema::io
