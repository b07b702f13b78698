// What goes into the first description of the TIFF files that kinema writes: ImageJ's lines, or
// OME-XML.
#pragma once

#include "kinema/data/movie_source.h"

#include <cstdint>
#include <optional>
#include <string>

namespace kinema::io {

/// As the standard numbers them; ImageJ names its unit in the description.
enum class ResolutionUnit : std::uint8_t { none = 1, centimetre = 3 };

struct TiffDescription {
  std::string text;
  ResolutionUnit unit = ResolutionUnit::none;  // of the pixels that the resolution counts
};

/// Lengths in nanometres; axes as a hyperstack where they come in its order.
TiffDescription imagej_description(Index frames, const MovieInfo& info);

/// OME-XML 2016-06 with one image. The same movie under the same name has the same UUID.
TiffDescription ome_description(const FrameFormat& format,
                                Index frames,
                                const MovieInfo& info,
                                const std::string& file_name);

/// The type itself where OME has it.
std::optional<PixelType> ome_stored_type(PixelType type);

}  // namespace kinema::io
