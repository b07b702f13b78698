// Attributes and text of HDF5, and its errors as text.
#include "kinema/io/hdf5.h"
#include "kinema/io/hdf5_error.h"

#include <hdf5.h>

#include <algorithm>
#include <cstring>
#include <functional>

namespace kinema::io {
namespace {

Hid text_type() {
  Hid type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

Hid space_of(std::span<const Index> shape) {
  if (shape.empty()) return Hid(H5Screate(H5S_SCALAR));
  const std::vector<hsize_t> size(shape.begin(), shape.end());
  return Hid(H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr));
}

Hid replace_attribute(hid_t object,
                      const std::string& name,
                      hid_t type,
                      std::span<const Index> shape) {
  if (has_attribute(object, name)) H5Adelete(object, name.c_str());
  return writable(H5Acreate2(object, name.c_str(), type, space_of(shape), H5P_DEFAULT, H5P_DEFAULT),
                  object,
                  "attribute '" + name + "'");
}

Hid open_attribute(hid_t object, const std::string& name) {
  return readable(H5Aopen(object, name.c_str(), H5P_DEFAULT), object, "attribute '" + name + "'");
}

/// An attribute or a dataset that holds text: what its elements are read with.
struct TextReader {
  hid_t object;
  std::string what;
  Hid type, space;
  std::function<herr_t(hid_t memory_type, void* out)> read;
};

/// Elements are in the file whole, so their number is bounded by its size.
Index bounded_size(hid_t object, hid_t space, const std::string& what) {
  const hssize_t size = H5Sget_simple_extent_npoints(space);
  const std::filesystem::path path = hdf5_path(object);
  if (size >= 0 && static_cast<std::uint64_t>(size) <= std::filesystem::file_size(path))
    return size;
  throw InputError(path.string() + ": " + what + " declares more elements than the file holds");
}

std::vector<std::string> read_texts(const TextReader& text) {
  const auto size = static_cast<std::size_t>(bounded_size(text.object, text.space, text.what));
  if (H5Tget_class(text.type) != H5T_STRING) {
    throw InputError(hdf5_path(text.object).string() + ": " + text.what + " is not text");
  }
  std::vector<std::string> texts;
  if (H5Tis_variable_str(text.type) > 0) {
    std::vector<char*> pointers(size, nullptr);
    readable(text.read(text.type, pointers.data()), text.object, text.what);
    for (const char* pointer : pointers) texts.emplace_back(pointer == nullptr ? "" : pointer);
    H5Dvlen_reclaim(text.type, text.space, H5P_DEFAULT, pointers.data());
    return texts;
  }
  const std::size_t length = H5Tget_size(text.type);
  std::vector<char> characters(static_cast<std::size_t>(
      checked_product(static_cast<Index>(size), static_cast<Index>(length))));
  readable(text.read(text.type, characters.data()), text.object, text.what);
  for (std::size_t i = 0; i < size; ++i) {
    const char* begin = characters.data() + i * length;
    texts.emplace_back(begin, strnlen(begin, length));
  }
  return texts;
}

herr_t append_reason(unsigned, const H5E_error2_t* error, void* out) {
  auto& reason = *static_cast<std::string*>(out);
  if (reason.empty() && error->desc != nullptr) reason = error->desc;
  return 0;
}

/// "file write failed: No space left on device" of the sentence in which HDF5 tells time, file,
/// buffer and more of a refusal of the system; other sentences as they are.
std::string in_short(const std::string& reason) {
  constexpr std::string_view mark = "error message = '";
  const std::size_t place = reason.find(mark), details = reason.find(": time = ");
  if (place == std::string::npos || details == std::string::npos) return reason;
  const std::size_t begin = place + mark.size();
  return reason.substr(0, details) + ": " + reason.substr(begin, reason.find('\'', begin) - begin);
}

}  // namespace

void silence_hdf5() {
  thread_local const herr_t silenced = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  (void)silenced;
}

std::string hdf5_reason() {
  std::string reason;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, append_reason, &reason);
  H5Eclear2(H5E_DEFAULT);
  std::replace(reason.begin(), reason.end(), '\n', ' ');
  return reason.empty() ? "HDF5 gives no reason" : in_short(reason);
}

bool has_attribute(hid_t object, const std::string& name) {
  silence_hdf5();
  return H5Aexists(object, name.c_str()) > 0;
}

void write_attribute(hid_t object, const std::string& name, const std::string& text) {
  const Hid type = text_type();
  const Hid attribute = replace_attribute(object, name, type, {});
  const char* pointer = text.c_str();
  writable(H5Awrite(attribute, type, &pointer), object, "attribute '" + name + "'");
}

void write_attribute(hid_t object, const std::string& name, const std::vector<std::string>& texts) {
  const Hid type = text_type();
  const Index size = static_cast<Index>(texts.size());
  const Hid attribute = replace_attribute(object, name, type, {&size, 1});
  std::vector<const char*> pointers;
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  writable(H5Awrite(attribute, type, pointers.data()), object, "attribute '" + name + "'");
}

void write_flag_attribute(hid_t object, const std::string& name, bool flag) {
  silence_hdf5();
  const Hid type(H5Tenum_create(H5T_STD_I8LE));
  const signed char no = 0, yes = 1;
  H5Tenum_insert(type, "FALSE", &no);
  H5Tenum_insert(type, "TRUE", &yes);
  write_numbers_attribute(object, name, type, {}, flag ? &yes : &no);
}

std::vector<std::string> read_texts_attribute(hid_t object, const std::string& name) {
  const Hid attribute = open_attribute(object, name);
  return read_texts({object,
                     "attribute '" + name + "'",
                     Hid(H5Aget_type(attribute)),
                     Hid(H5Aget_space(attribute)),
                     [&](hid_t type, void* out) { return H5Aread(attribute, type, out); }});
}

std::string read_text_attribute(hid_t object, const std::string& name) {
  const std::vector<std::string> texts = read_texts_attribute(object, name);
  if (texts.size() == 1) return texts[0];
  throw InputError(hdf5_path(object).string() + ": attribute '" + name + "' holds " +
                   std::to_string(texts.size()) + " texts where one is expected");
}

void write_numbers_attribute(hid_t object,
                             const std::string& name,
                             hid_t type,
                             std::span<const Index> shape,
                             const void* in) {
  const Hid attribute = replace_attribute(object, name, type, shape);
  writable(H5Awrite(attribute, type, in), object, "attribute '" + name + "'");
}

Index attribute_size(hid_t object, const std::string& name) {
  const Hid attribute = open_attribute(object, name);
  return bounded_size(object, Hid(H5Aget_space(attribute)), "attribute '" + name + "'");
}

void read_numbers_attribute(hid_t object, const std::string& name, hid_t type, void* out) {
  const Hid attribute = open_attribute(object, name);
  readable(H5Aread(attribute, type, out), object, "attribute '" + name + "'");
}

Hid write_text_dataset(hid_t parent, const std::string& name, const std::string& text) {
  const Hid type = text_type();
  Hid dataset = create_dataset(parent, name, type, {});
  const char* pointer = text.c_str();
  write_elements(dataset, type, &pointer);
  return dataset;
}

std::string read_text_dataset(hid_t parent, const std::string& name) {
  const Hid dataset = open_object(parent, name);
  const std::string what = "dataset '" + name + "'";
  const Hid type = readable(H5Dget_type(dataset), parent, what);
  const std::vector<std::string> texts = read_texts(
      {parent, what, Hid(H5Tcopy(type)), Hid(H5Dget_space(dataset)), [&](hid_t memory, void* out) {
         return H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, out);
       }});
  if (texts.size() == 1) return texts[0];
  throw InputError(hdf5_path(parent).string() + ": " + what + " is not a single text");
}

}  // namespace kinema::io
