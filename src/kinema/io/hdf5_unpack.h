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
/// others than deflate (1), shuffle (2), LZ4 (32004), Zstandard (32015) and bitshuffle (32008;
/// alone, with LZ4 or with Zstandard), more than one that packs, or chunks at the edges that are
/// left as they are.
std::optional<std::vector<ChunkFilter>> undoable_filters(hid_t dataset);

/// Whether a byte may stand for more than the thousand that it does with deflate at the best; so
/// others, of which nothing is known, may.
bool packs_densely(const std::optional<std::vector<ChunkFilter>>& filters);

/// Unpacks one chunk into `out`, which has its whole size; false where it is damaged. May run on
/// several threads.
bool unpack_chunk(const Chunk& chunk,
                  const std::vector<ChunkFilter>& filters,
                  std::size_t element_bytes,
                  std::span<std::byte> out);

}  // namespace kinema::io
