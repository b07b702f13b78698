// OME-Zarr 0.4: a folder of compressed chunks with a pyramid. See docs/formats/zarr.md.
#pragma once

#include "kinema/io/writer_formats.h"

namespace kinema::io {

/// All grey types as they are; neither complex nor colour.
std::optional<PixelType> zarr_stored_type(PixelType type);
std::unique_ptr<MovieWriter> create_zarr(const WriteRequest& request);

}  // namespace kinema::io
