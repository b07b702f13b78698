// JPEG images: movies of one frame. See docs/formats/sequence.md.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/read_options.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace kinema::io {

bool is_jpeg(std::span<const std::byte> head);

/// Baseline and progressive, of 8 bits: grey as u8, colour as rgb. Throws FileError for CMYK, for
/// what libjpeg refuses or finds damaged, and for frames that the file cannot hold or beyond 2 GB.
std::unique_ptr<MovieSource> open_jpeg(const std::filesystem::path& path,
                                       const ReadOptions& options);

}  // namespace kinema::io
