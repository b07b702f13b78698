// The TIFF files that kinema writes: header, frames one after another, then all directories.
// Uncompressed, one strip a frame, little-endian; BigTIFF where the file passes 4 GiB. See
// docs/formats/tiff.md.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/tiff_description.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kinema::io {

/// What lies before and after the frames.
struct TiffFrame {
  std::vector<std::byte> prefix, suffix;
};

TiffFrame make_tiff_frame(const FrameFormat& format,
                          Index frames,
                          const MovieInfo& info,
                          const TiffDescription& description);

}  // namespace kinema::io
