// TVIPS movies (.tvips) as EM-MENU records them: frames with headers of their own, in files
// NAME_000.tvips, NAME_001.tvips, ... See docs/formats/tvips.md.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/read_options.h"

#include <filesystem>
#include <memory>
#include <span>

namespace kinema::io {

/// Judges by the general header, which only the first file of a movie has.
bool is_tvips(std::span<const std::byte> head);

/// Opens the movie that begins in `path` and goes on in the files numbered after it. Throws
/// FileError where the header contradicts itself or no whole frame follows it.
std::unique_ptr<MovieSource> open_tvips(const std::filesystem::path& path,
                                        const ReadOptions& options);

}  // namespace kinema::io
