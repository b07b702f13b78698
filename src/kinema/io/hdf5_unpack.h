// Undoing HDF5's filters on all threads, which the HDF5 library does on one.
#pragma once

#include "kinema/io/hdf5.h"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace kinema::io {

/// A filter as the dataset has it: HDF5's number and its parameters.
struct ChunkFilter {
  int id = 0;
  std::vector<unsigned> values;
};

/// Filters of a dataset, in the order in which they were applied; none where there are none, or
/// others than deflate (1), shuffle (2), LZ4 (32004) and bitshuffle with LZ4 or alone (32008).
std::optional<std::vector<ChunkFilter>> undoable_filters(hid_t dataset);

/// Unpacks one chunk into `out`, which has its whole size; false where it is damaged. May run on
/// several threads.
bool unpack_chunk(const Chunk& chunk,
                  const std::vector<ChunkFilter>& filters,
                  std::size_t element_bytes,
                  std::span<std::byte> out);

}  // namespace kinema::io
