// The walk: objects, attributes, datasets.
#include "kinema/io/hdf5_probe.h"

#include "kinema/io/hdf5_error.h"

#include <hdf5.h>

#include <algorithm>
#include <vector>

namespace kinema::io {
namespace {

constexpr std::size_t most_elements_bytes = 1 << 20;  // of one attribute or dataset
constexpr hsize_t most_chunks = 4096;                 // looked up one by one

/// Bytes that elements of `type` take in memory; none where there are too many to read.
std::vector<char> room_for(hid_t type, hid_t space) {
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  const std::size_t each = H5Tget_size(type);
  if (count <= 0 || each == 0 || static_cast<hsize_t>(count) > most_elements_bytes / each)
    return {};
  return std::vector<char>(static_cast<std::size_t>(count) * each);
}

/// Elements of variable length own memory that HDF5 gave them.
void give_back(hid_t type, hid_t space, std::vector<char>& elements) {
  H5Dvlen_reclaim(type, space, H5P_DEFAULT, elements.data());
}

herr_t read_attribute(hid_t object, const char* name, const H5A_info_t*, void*) {
  const Hid attribute(H5Aopen(object, name, H5P_DEFAULT));
  if (!attribute.is_open()) return 0;
  const Hid type(H5Aget_type(attribute)), space(H5Aget_space(attribute));
  if (!type.is_open() || !space.is_open()) return 0;
  std::vector<char> elements = room_for(type, space);
  if (!elements.empty() && H5Aread(attribute, type, elements.data()) >= 0) {
    give_back(type, space, elements);
  }
  return 0;
}

/// Looks up the first chunks of a dataset, each by its place as readers do.
void look_up_chunks(hid_t dataset, hid_t properties, hid_t space) {
  hsize_t chunks = 0;
  if (H5Dget_num_chunks(dataset, H5S_ALL, &chunks) < 0) return;
  std::vector<hsize_t> size(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space)));
  std::vector<hsize_t> chunk(size.size());
  if (size.empty() || H5Sget_simple_extent_dims(space, size.data(), nullptr) < 0 ||
      H5Pget_chunk(properties, static_cast<int>(chunk.size()), chunk.data()) < 0 || chunk[0] == 0) {
    return;
  }
  std::vector<hsize_t> at(size.size(), 0);
  for (hsize_t row = 0; row < std::min(chunks, most_chunks) && at[0] < size[0]; ++row) {
    unsigned filters = 0;
    haddr_t place = HADDR_UNDEF;
    hsize_t bytes = 0;
    H5Dget_chunk_info_by_coord(dataset, at.data(), &filters, &place, &bytes);
    H5Dget_chunk_storage_size(dataset, at.data(), &bytes);
    at[0] += chunk[0];
  }
}

void read_dataset(hid_t dataset) {
  const Hid type(H5Dget_type(dataset)), space(H5Dget_space(dataset));
  const Hid properties(H5Dget_create_plist(dataset));
  if (!type.is_open() || !space.is_open() || !properties.is_open()) return;
  H5Pget_nfilters(properties);
  H5Dget_storage_size(dataset);
  if (H5Pget_layout(properties) == H5D_CHUNKED) look_up_chunks(dataset, properties, space);
  std::vector<char> elements = room_for(type, space);
  if (elements.empty()) return;
  if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, elements.data()) >= 0) {
    give_back(type, space, elements);
  }
}

herr_t visit_object(hid_t root, const char* name, const H5O_info_t*, void*) {
  const Hid object(H5Oopen(root, name, H5P_DEFAULT));
  if (!object.is_open()) return 0;
  H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, read_attribute, nullptr);
  if (H5Iget_type(object) == H5I_DATASET) read_dataset(object);
  return 0;
}

}  // namespace

void walk_hdf5(const std::filesystem::path& path) {
  const Hid file = open_hdf5(path, Hdf5Access::read);
  silence_hdf5();
  H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_NATIVE, visit_object, nullptr, H5O_INFO_BASIC);
}

}  // namespace kinema::io
