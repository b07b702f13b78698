// The OME-XML in the first description of an OME-TIFF: which images there are, of which planes, in
// which order, and how they are calibrated. See https://docs.openmicroscopy.org/ome-model.
#pragma once

#include "kinema/base/options.h"
#include "kinema/io/tiff_series.h"

#include <string>
#include <vector>

namespace kinema::io {

bool is_ome_xml(const std::string& description);

/// The series that the description speaks of, each with what it says of them. `files` holds the
/// file that was opened, with `pages`; files beside it that hold planes are opened and added. Empty
/// where the description contradicts the files; `notes` tells why.
std::vector<TiffSeries> series_of_ome(const std::string& description,
                                      const TiffPages& pages,
                                      std::vector<TiffFile>& files,
                                      std::vector<std::string>& notes);

/// The XML as a tree: attributes, then elements, repeated ones as arrays.
Json ome_metadata(const std::string& description);

}  // namespace kinema::io
