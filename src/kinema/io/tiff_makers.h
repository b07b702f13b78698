// What cameras, microscopes and programs leave in TIFF tags of their own: ImageJ,
// DigitalMicrograph, TVIPS EM-MENU, FEI / Thermo Fisher, Zeiss; and the standard's resolution and
// date.
#pragma once

#include "kinema/base/options.h"
#include "kinema/data/movie.h"
#include "kinema/io/tiff_directory.h"

namespace kinema::io {

/// Adds to `info` whatever the directory says of a movie of `frames` frames of (height, width) and
/// `info` does not know yet.
void read_tiff_facts(
    const TiffDirectory& directory, Index frames, Index height, Index width, MovieInfo& info);

/// All tags with their values, long ones shortened, and the makers' own structures in their words.
Json tiff_metadata(const TiffDirectory& directory);

}  // namespace kinema::io
