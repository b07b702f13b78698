// The side-car of Direct Electron's cameras: X_info.txt beside X_movie.mrc, lines "name = value".
// Names as in the files; their meaning as RosettaSciIO's documentation has it.
#pragma once

#include "kinema/base/options.h"
#include "kinema/data/movie_source.h"

#include <filesystem>

namespace kinema::io {

/// Where the side-car of a movie or a sum lies: X_info.txt, with X what its name begins with up to
/// one of its underscores; empty where there is none.
std::filesystem::path find_direct_electron_sidecar(const std::filesystem::path& path);

/// Takes what the side-car says and the file does not (source "side-car") into `info`, with notes
/// of what it says in vain; returns all of it, an empty object where there is none. Times, doses
/// and the pixel size of the detector are taken for frames of the camera only, not for images that
/// were made from a scan.
Json add_direct_electron_facts(const std::filesystem::path& path,
                               const FrameFormat& format,
                               Index frames,
                               MovieInfo& info);

}  // namespace kinema::io
