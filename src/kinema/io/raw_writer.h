// Writers of the formats in which frames lie one after another: MRC, TIFF and NPY are each a
// prefix, the frames, and a suffix, and can be resumed.
#pragma once

#include "kinema/io/writer_formats.h"

#include <memory>
#include <optional>

namespace kinema::io {

std::unique_ptr<MovieWriter> create_mrc(const WriteRequest& request);
std::unique_ptr<MovieWriter> resume_mrc(const WriteRequest& request);

std::optional<PixelType> tiff_stored_type(PixelType type);
std::unique_ptr<MovieWriter> create_tiff(const WriteRequest& request);
std::unique_ptr<MovieWriter> resume_tiff(const WriteRequest& request);

std::unique_ptr<MovieWriter> create_ome_tiff(const WriteRequest& request);
std::unique_ptr<MovieWriter> resume_ome_tiff(const WriteRequest& request);

std::optional<PixelType> npy_stored_type(PixelType type);
std::unique_ptr<MovieWriter> create_npy(const WriteRequest& request);
std::unique_ptr<MovieWriter> resume_npy(const WriteRequest& request);

}  // namespace kinema::io
