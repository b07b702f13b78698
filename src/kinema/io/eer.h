// EER: the electrons of every camera frame, as Thermo Fisher's Falcon cameras record them. See
// docs/formats/eer.md.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/file.h"
#include "kinema/io/read_options.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace kinema::io {

/// Whether the head is a TIFF's; is_eer_file() then tells electrons from other images.
bool is_eer(std::span<const std::byte> head);
bool is_eer_file(const InputFile& file);

/// Sums of `options.eer_frames` camera frames (0: of all) at `options.eer_upsampling` places an
/// edge of a pixel: u8, u16 beyond 255 frames, u32 beyond 65535. Camera frames that fill no whole
/// sum are left out, with a note. Frames are decoded on all threads. Throws InputError for other
/// upsampling than 1, 2, 4, and FileError for streams that do not end with the last pixel.
std::unique_ptr<MovieSource> open_eer(const std::filesystem::path& path,
                                      const ReadOptions& options);

}  // namespace kinema::io
