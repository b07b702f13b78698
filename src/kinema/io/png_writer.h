// PNG sequences: a file for every frame. See docs/formats/sequence.md.
#pragma once

#include "kinema/io/writer_formats.h"

namespace kinema::io {

/// u8, u16, rgb and rgba as they are; other grey pixels as 8-bit levels (WriteOptions::contrast).
std::optional<PixelType> png_stored_type(PixelType type);
std::unique_ptr<MovieWriter> create_png(const WriteRequest& request);

/// The name under which a movie is read again: name_%05d.png where name.png becomes several files.
std::filesystem::path png_movie_path(const std::filesystem::path& path, Index frames);

/// The file of one frame: a pattern's number (frames_%05d.png) is the frame's, name.png is the file
/// of a single frame, and name_00000.png the first of several.
std::filesystem::path png_frame_path(const std::filesystem::path& path, Index frames, Index frame);

}  // namespace kinema::io
