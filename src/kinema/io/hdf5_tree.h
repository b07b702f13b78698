// All that an HDF5 file says besides its pixels, as one tree.
#pragma once

#include "kinema/base/options.h"
#include "kinema/io/hdf5.h"

namespace kinema::io {

/// Groups are objects; attributes stand under "@name"; datasets of up to 256 elements are their
/// values (under "value" where they have attributes), larger ones tell shape and type. At most
/// 10,000 items. Text that is JSON (as in Velox files) becomes part of the tree.
Json hdf5_tree(hid_t file);

/// JSON from a text that is trusted no more than the file it comes from: null where it is none;
/// what is nested deeper than 32 levels is left out.
Json parse_foreign_json(const std::string& text);

}  // namespace kinema::io
