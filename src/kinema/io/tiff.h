// TIFF and BigTIFF stacks through libtiff: one frame a directory, any compression that libtiff
// decodes. See docs/formats/tiff.md.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/read_options.h"

#include <filesystem>
#include <memory>
#include <span>

namespace kinema::io {

bool is_tiff(std::span<const std::byte> head);

/// Opens a stack of single-sample directories of one size and type. Throws InputError or FileError
/// that names the directory where it is none.
std::unique_ptr<MovieSource> open_tiff(const std::filesystem::path& path,
                                       const ReadOptions& options);

}  // namespace kinema::io
