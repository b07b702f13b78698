// TIFF and BigTIFF stacks, OME-TIFF and ImageJ's among them: one frame a directory, any compression
// that libtiff decodes. See docs/formats/tiff.md.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/read_options.h"

#include <filesystem>
#include <memory>
#include <span>

namespace kinema::io {

bool is_tiff(std::span<const std::byte> head);

/// Opens the series of images that `options.dataset` names, or the largest. Throws FileError that
/// names the directory where the file is damaged, and InputError where there is no such series.
std::unique_ptr<MovieSource> open_tiff(const std::filesystem::path& path,
                                       const ReadOptions& options);

}  // namespace kinema::io
