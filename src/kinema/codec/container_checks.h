// What is asked of each object of a container before it is read.
//
// HDF5 converts from whatever type a file declares, and a damaged type makes it write beyond what
// it was given: so numbers are read only where they have the very type that the writer gives them.
#pragma once

#include "kinema/base/error.h"
#include "kinema/io/hdf5.h"

#include <hdf5.h>

#include <filesystem>
#include <string>
#include <vector>

namespace kinema::codec {

/// Throws InputError unless the types are the same.
void require_type(hid_t found, hid_t expected, const std::string& what);

/// Numbers of an attribute of T's own type.
template <class T>
std::vector<T> read_numbers(hid_t object, const char* name) {
  const io::Hid attribute(H5Aopen(object, name, H5P_DEFAULT));
  const std::string what = std::string("attribute '") + name + "'";
  if (!attribute.is_open()) throw InputError(what + " is missing");
  require_type(io::Hid(H5Aget_type(attribute)), io::hdf5_type_of<T>(), what);
  return io::read_numbers<T>(object, name);
}

template <class T>
T read_number(hid_t object, const char* name) {
  const std::vector<T> values = read_numbers<T>(object, name);
  if (values.size() == 1) return values[0];
  throw InputError(std::string("attribute '") + name + "' is not one number");
}

/// Throws InputError that names the file where `name` is no dataset.
io::Hid open_dataset(const std::filesystem::path& path, hid_t file, const char* name);

/// A dataset of `type` whose rows of `row_bytes` lie in the file whole: its first extent is bounded
/// by it.
io::Hid open_rows(
    const std::filesystem::path& path, hid_t file, const char* name, hid_t type, Index row_bytes);

/// Whether the dataset's only filter is the coder of planes.
bool is_coded_as_planes(hid_t dataset);

}  // namespace kinema::codec
