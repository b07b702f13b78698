// Decoding compressed, tiled or packed TIFF images by libtiff. It never sees the file's own
// directories: each band of an image is shown to it as a small sound file of its own, whose strips
// lie in the real one.
#pragma once

#include "kinema/io/tiff_image.h"

#include <span>
#include <string>

namespace kinema::io {

/// Decodes rows of pieces [first, first + count) into `frame`, all of the image's pixels in native
/// byte order. Any number of threads may decode bands of one file. `name` is what errors call it.
void decode_tiff_band(const InputFile& file,
                      const TiffHeader& header,
                      const TiffImage& image,
                      Index first,
                      Index count,
                      std::span<std::byte> frame,
                      const std::string& name);

/// Decodes the whole image, with all threads where it has several strips or rows of tiles.
void decode_tiff_image(const InputFile& file,
                       const TiffHeader& header,
                       const TiffImage& image,
                       std::span<std::byte> frame,
                       const std::string& name);

}  // namespace kinema::io
