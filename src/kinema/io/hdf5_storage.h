// Whether the elements of a dataset can be read at all: where they lie, how they are packed, and
// whether the file is large enough for what it declares.
#pragma once

#include "kinema/io/hdf5.h"

#include <optional>
#include <string>
#include <vector>

namespace kinema::io {

/// Extents of a dataset; none where they are beyond reason or it is no array.
std::optional<std::vector<Index>> extents_of(hid_t dataset);

/// Why a dataset is not read: external or virtual storage outside the file's folder, a filter that
/// is not installed, far more elements or larger chunks than the file can hold. None where it is
/// fine.
std::optional<std::string> storage_problem(hid_t dataset);

/// Bytes in the file; 0 where nothing was ever written.
std::uint64_t stored_bytes(hid_t dataset);

/// Byte of the file at which the elements of `type` begin, where they lie there one after another,
/// all of them and in just that type; none otherwise.
std::optional<std::uint64_t> plain_place(hid_t dataset, hid_t type);

bool is_chunked(hid_t dataset);
bool is_filtered(hid_t dataset);

/// Of a chunked dataset: chunks that it would have, and how many were written.
struct ChunkCount {
  Index whole = 0, written = 0;
};
ChunkCount count_chunks(hid_t dataset);

}  // namespace kinema::io
