// The OME-XML in the first description of an OME-TIFF: which images there are, of which planes, in
// which order, and how they are calibrated. See https://docs.openmicroscopy.org/ome-model.
#pragma once

#include "kinema/base/options.h"
#include "kinema/io/tiff_series.h"

#include <string>
#include <vector>

namespace kinema::io {

bool is_ome_xml(const std::string& description);

/// The series that the description speaks of, each with what it says of them. Empty where it
/// contradicts the file; `notes` tells why, and what lies in other files.
std::vector<TiffSeries> series_of_ome(const std::string& description,
                                      const TiffPages& pages,
                                      const std::string& file_name,
                                      std::vector<std::string>& notes);

/// The XML as a tree: attributes, then elements, repeated ones as arrays.
Json ome_metadata(const std::string& description);

}  // namespace kinema::io
