// What the cameras of Olympus SIS (Veleta, Quemesa, Morada, ...) leave in TIFF tag 33560.
#pragma once

#include "kinema/base/options.h"
#include "kinema/data/movie.h"
#include "kinema/io/tiff_directory.h"

namespace kinema::io {

/// The structure's known fields; null where the directory has none.
Json sis_header(const TiffDirectory& directory);

/// Pixel size, camera and date; only what `info` does not know yet.
void read_sis_facts(const Json& header, MovieInfo& info);

}  // namespace kinema::io
