// Types, extents and filters as the writer gives them.
#include "kinema/codec/container_checks.h"

#include "kinema/codec/container_header.h"
#include "kinema/codec/container_layout.h"

namespace kinema::codec {

using io::Hid;
using Path = std::filesystem::path;

void require_type(hid_t found, hid_t expected, const std::string& what) {
  if (H5Tequal(found, expected) <= 0) throw InputError(what + " has not the type of schema 1");
}

Hid open_dataset(const Path& path, hid_t file, const char* name) {
  Hid dataset = io::open_object(file, name);
  if (H5Iget_type(dataset) != H5I_DATASET) refuse(path, std::string(name) + " is not a dataset");
  return dataset;
}

Hid open_rows(const Path& path, hid_t file, const char* name, hid_t type, Index row_bytes) {
  Hid dataset = open_dataset(path, file, name);
  checked(path, name, [&] { require_type(Hid(H5Dget_type(dataset)), type, "the dataset"); });
  const std::vector<Index> shape = io::shape_of(dataset);
  const auto file_bytes = static_cast<Index>(std::filesystem::file_size(path));
  if (shape.empty() || shape[0] < 0 || shape[0] > file_bytes / row_bytes) {
    refuse(path, std::string(name) + " declares more rows than the file can hold");
  }
  if (H5Pget_nfilters(Hid(H5Dget_create_plist(dataset))) != 0) {
    refuse(path, std::string(name) + " is filtered, which schema 1 does not know");
  }
  return dataset;
}

bool is_coded_as_planes(hid_t dataset) {
  const Hid properties(H5Dget_create_plist(dataset));
  unsigned flags = 0;
  std::size_t words = 0;
  return H5Pget_nfilters(properties) == 1 &&
         H5Pget_filter2(properties, 0, &flags, &words, nullptr, 0, nullptr, nullptr) ==
             layout::plane_filter;
}

}  // namespace kinema::codec
