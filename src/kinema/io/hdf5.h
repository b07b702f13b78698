// A small layer over the HDF5 C library: handles that close themselves, errors as exceptions,
// and the few calls that a container needs. <hdf5.h> itself stays in hdf5.cpp.
//
// A function that reads throws InputError (the file does not hold what was expected), one that
// writes throws IoError (the system refused); both name the file and carry HDF5's own reason. The
// library's printing of errors is silenced. Names may be paths ("entry/data").
#pragma once

#include "kinema/base/array.h"
#include "kinema/data/pixel_type.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

typedef std::int64_t hid_t;  // as in <hdf5.h>, so that both may be included

namespace kinema::io {

/// An open file, group, dataset, attribute, type, space or property list; closed when it goes.
class Hid {
 public:
  Hid() = default;
  explicit Hid(hid_t id) : id_(id) {}
  Hid(Hid&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  Hid& operator=(Hid&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  ~Hid();

  operator hid_t() const { return id_; }  // NOLINT(google-explicit-constructor)
  bool is_open() const { return id_ >= 0; }
  /// Closes now and throws IoError where that fails: close a file that was written this way.
  void close();

 private:
  hid_t id_ = -1;
};

// ---- files -----------------------------------------------------------------------------------

enum class Hdf5Access {
  read,       // an existing file, also one that another process writes
  modify,     // an existing file, to go on writing
  take_over,  // the same where its writer was killed
  create,     // a new file; an existing one is emptied
  grow        // the same, for let_readers_in
};

/// True when a file's first bytes hold HDF5's signature, at 0 or after a user block.
bool is_hdf5(std::span<const std::byte> head);
/// True when they are also those of a container of kinema's, which has its mark near the start.
bool is_hdf5_container(std::span<const std::byte> head);

/// Opens or creates a file, without file locking (network folders often refuse it).
Hid open_hdf5(const std::filesystem::path& path, Hdf5Access access);

/// Path of the file that an open object belongs to.
std::filesystem::path hdf5_path(hid_t object);

/// Hands everything written so far to the system.
void flush_hdf5(hid_t object);

/// From here on the file can be read at any moment, and whenever its writer is killed (HDF5's
/// "single writer, multiple readers"): rows may be added to its datasets, but no objects and no
/// attributes. No attribute may be open.
void let_readers_in(hid_t file);
/// Hands a dataset's rows to the system, data before what points to them.
void flush_dataset(hid_t dataset);

// ---- groups and links ------------------------------------------------------------------------

Hid create_group(hid_t parent, const std::string& name);  // parents are created too
Hid open_object(hid_t parent, const std::string& name);   // a group or a dataset
bool has_object(hid_t parent, const std::string& name);   // every step of the path exists
std::vector<std::string> link_names(hid_t group);         // in order of name
/// `name` becomes another way to `target`, a path from the root of the file.
void create_soft_link(hid_t parent, const std::string& target, const std::string& name);

// ---- types -----------------------------------------------------------------------------------

enum class IntegerType { u64, i64 };  // the two number types that no pixel has

Hid hdf5_type(PixelType type);  // little-endian; f16 is IEEE half
Hid hdf5_type(IntegerType type);

template <class T>
Hid hdf5_type_of() {
  if constexpr (std::is_integral_v<T> && sizeof(T) == 8) {
    return hdf5_type(std::is_signed_v<T> ? IntegerType::i64 : IntegerType::u64);
  } else {
    return hdf5_type(pixel_type_of<T>());
  }
}

// ---- attributes ------------------------------------------------------------------------------

bool has_attribute(hid_t object, const std::string& name);

/// Writes or replaces an attribute. Text is variable-length UTF-8, as h5py writes it.
void write_attribute(hid_t object, const std::string& name, const std::string& text);
void write_attribute(hid_t object, const std::string& name, const std::vector<std::string>& texts);

/// A bool as h5py writes it: an enum of FALSE and TRUE.
void write_flag_attribute(hid_t object, const std::string& name, bool flag);

/// Scalar or array attribute of any rank as text.
std::string read_text_attribute(hid_t object, const std::string& name);
std::vector<std::string> read_texts_attribute(hid_t object, const std::string& name);

/// `shape` empty: a scalar. `type` is that of memory and file.
void write_numbers_attribute(hid_t object,
                             const std::string& name,
                             hid_t type,
                             std::span<const Index> shape,
                             const void* in);
/// Number of elements of a numeric attribute, and its elements converted to `type`.
Index attribute_size(hid_t object, const std::string& name);
void read_numbers_attribute(hid_t object, const std::string& name, hid_t type, void* out);

template <class T>
requires std::is_arithmetic_v<T>
void write_attribute(hid_t object, const std::string& name, T value) {
  write_numbers_attribute(object, name, hdf5_type_of<T>(), {}, &value);
}
template <class T>
requires std::is_arithmetic_v<T>
void write_attribute(hid_t object, const std::string& name, const std::vector<T>& values) {
  const Index size = static_cast<Index>(values.size());
  write_numbers_attribute(object, name, hdf5_type_of<T>(), {&size, 1}, values.data());
}

template <class T>
std::vector<T> read_numbers(hid_t object, const std::string& name) {
  std::vector<T> values(static_cast<std::size_t>(attribute_size(object, name)));
  read_numbers_attribute(object, name, hdf5_type_of<T>(), values.data());
  return values;
}
template <class T>
T read_number(hid_t object, const std::string& name) {
  const std::vector<T> values = read_numbers<T>(object, name);
  if (values.size() == 1) return values[0];
  throw InputError(hdf5_path(object).string() + ": attribute '" + name + "' holds " +
                   std::to_string(values.size()) + " numbers where one is expected");
}

// ---- datasets --------------------------------------------------------------------------------

/// Creation properties of a chunked dataset; filters may be added to it (H5Pset_filter).
Hid chunked_properties(std::span<const Index> chunk);

/// Makes a dataset. `shape` empty: a scalar. An extent of -1 in `max_shape` (empty: as `shape`)
/// is unlimited and needs `properties` with chunks; `properties` -1 is contiguous.
Hid create_dataset(hid_t parent,
                   const std::string& name,
                   hid_t type,
                   std::span<const Index> shape,
                   std::span<const Index> max_shape = {},
                   hid_t properties = -1);

std::vector<Index> shape_of(hid_t dataset);
std::vector<Index> chunk_of(hid_t dataset);  // empty: not chunked
void resize_dataset(hid_t dataset, std::span<const Index> shape);

/// Writes or reads the whole dataset; `type` is that of the elements in memory.
void write_elements(hid_t dataset, hid_t type, const void* in);
void read_elements(hid_t dataset, hid_t type, void* out);
/// Indices [first, first + count) of the first axis.
void write_rows(hid_t dataset, hid_t type, Index first, Index count, const void* in);
void read_rows(hid_t dataset, hid_t type, Index first, Index count, void* out);

/// A whole dataset made and written at once, or read. A dataset larger than `limit` elements is
/// refused before memory is taken.
template <class T>
Hid write_dataset(hid_t parent,
                  const std::string& name,
                  std::span<const T> values,
                  std::span<const Index> shape) {
  const Hid type = hdf5_type_of<std::remove_const_t<T>>();
  Hid dataset = create_dataset(parent, name, type, shape);
  write_elements(dataset, type, values.data());
  return dataset;
}
Index dataset_size(hid_t dataset, Index limit);
template <class T>
std::vector<T> read_dataset(hid_t parent, const std::string& name, Index limit = Index{1} << 26) {
  const Hid dataset = open_object(parent, name);
  std::vector<T> values(static_cast<std::size_t>(dataset_size(dataset, limit)));
  read_elements(dataset, hdf5_type_of<T>(), values.data());
  return values;
}

/// A scalar dataset of text.
Hid write_text_dataset(hid_t parent, const std::string& name, const std::string& text);
std::string read_text_dataset(hid_t parent, const std::string& name);

/// A chunk as it lies in the file, after the filters; `offset` is that of its first element. Only a
/// dataset with a filter may hold chunks of any size.
void write_chunk(hid_t dataset,
                 std::span<const Index> offset,
                 std::span<const std::byte> bytes,
                 std::uint32_t skipped_filters = 0);

struct Chunk {
  std::vector<std::byte> bytes;
  std::uint32_t skipped_filters = 0;
};
/// Throws FileError with the chunk's place where the file ends before it; a chunk that was never
/// written is an InputError.
Chunk read_chunk(hid_t dataset, std::span<const Index> offset);
/// Bytes of a chunk in the file; 0 where it was never written.
Index chunk_bytes(hid_t dataset, std::span<const Index> offset);

}  // namespace kinema::io
