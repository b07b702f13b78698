// A walk through a whole HDF5 file that touches whatever a reader of ours may touch later: done by
// the reader process, so that a file whose damage crashes the HDF5 library does it there.
#pragma once

#include <filesystem>

namespace kinema::io {

/// Opens every object, reads its attributes, the extents, types, filters and chunk indexes of its
/// datasets, and the elements of the small ones. What HDF5 reports as an error is passed over.
void walk_hdf5(const std::filesystem::path& path);

}  // namespace kinema::io
