// The TemData header that TVIPS EM-MENU leaves in TIFF files (tag 37706), versions 1 and 2.
#pragma once

#include "kinema/base/options.h"
#include "kinema/data/movie.h"
#include "kinema/io/tiff_directory.h"

namespace kinema::io {

/// All fields under their names in EM-MENU's manual; null where the tag is absent or damaged.
Json tvips_header(const TiffDirectory& directory);

/// Pixel size, voltage, camera and date of such a header; only what `info` does not know yet.
void read_tvips_facts(const Json& header, MovieInfo& info);

}  // namespace kinema::io
