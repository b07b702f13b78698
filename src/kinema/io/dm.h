// Gatan DigitalMicrograph files (.dm3, .dm4): stills, stacks and arrays of more axes. See
// docs/formats/dm.md.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/dm_tags.h"
#include "kinema/io/read_options.h"

#include <filesystem>
#include <memory>

namespace kinema::io {

/// Opens the image that the document shows, or the one that `options.dataset` names. Only its tags
/// are read. Throws InputError for spectra and for pixel types that are not known for certain.
std::unique_ptr<MovieSource> open_dm(const std::filesystem::path& path, const ReadOptions& options);

}  // namespace kinema::io
