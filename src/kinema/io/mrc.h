// MRC2014 files (.mrc, .mrcs, .map, .st): reading movies, and the header that the writer puts
// first. See docs/formats/mrc.md.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/read_options.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kinema::io {

/// True for the first bytes of an MRC file of either byte order, with or without the "MAP " mark.
bool is_mrc(std::span<const std::byte> head);

/// Opens every mode; throws InputError for files that hold no whole movie. A Direct Electron
/// side-car beside the file is read too.
std::unique_ptr<MovieSource> open_mrc(const std::filesystem::path& path,
                                      const ReadOptions& options);

/// Files packed by gzip, bzip2 or zstd, and opening those with an MRC file in them: they are
/// unpacked as they are read, forwards best.
bool is_packed_mrc(std::span<const std::byte> head);
std::unique_ptr<MovieSource> open_packed_mrc(const std::filesystem::path& path,
                                             const ReadOptions& options);

/// What the density fields of the header say.
struct DensityStatistics {
  double smallest = 0.0, largest = 0.0, mean = 0.0, rms = 0.0;  // rms deviation from the mean
};

/// The type in which MRC holds pixels of `type`: itself, or u16 (mode 6) for u8, which mode 0
/// cannot hold without being misread; none where it cannot hold them.
std::optional<PixelType> mrc_stored_type(PixelType type);

/// A whole little-endian main header. `type` must have a stored type. Without statistics their
/// fields say "unknown" as MRC2014 does.
std::vector<std::byte> make_mrc_header(const FrameFormat& format,
                                       Index frames,
                                       const MovieInfo& info,
                                       const std::optional<DensityStatistics>& statistics);

/// The extended header that follows: an FEI1 entry for each frame where there are facts that the
/// main header has no field for (frame time, voltage, dose, detector, date); else empty.
std::vector<std::byte> make_mrc_extended(const MovieInfo& info, Index frames);

}  // namespace kinema::io
