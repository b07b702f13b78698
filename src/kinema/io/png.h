// PNG images: movies of one frame. See docs/formats/sequence.md.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/read_options.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace kinema::io {

bool is_png(std::span<const std::byte> head);

/// Grey of 1 to 8 bits as u8 and of 16 bits as u16, the numbers as they are stored; RGB, RGBA and
/// palettes of 8 bits as rgb or rgba. Throws FileError for colour of 16 bits, for what libpng
/// refuses, and for frames that the file cannot hold or beyond 2 GB.
std::unique_ptr<MovieSource> open_png(const std::filesystem::path& path,
                                      const ReadOptions& options);

}  // namespace kinema::io
