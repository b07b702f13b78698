// Files, groups, types and datasets of HDF5; attributes and text are in hdf5_attribute.cpp.
#include "kinema/io/hdf5.h"

#include "kinema/io/hdf5_error.h"

#include <hdf5.h>

#include <algorithm>

namespace kinema::io {
namespace {

std::vector<hsize_t> extents(std::span<const Index> shape) {
  std::vector<hsize_t> out(shape.size());
  std::transform(shape.begin(), shape.end(), out.begin(), [](Index extent) {
    return extent < 0 ? H5S_UNLIMITED : static_cast<hsize_t>(extent);
  });
  return out;
}

std::vector<Index> indices(std::span<const hsize_t> extents) {
  return {extents.begin(), extents.end()};
}

/// Checks the rank of `offset` too, which HDF5 takes on trust.
std::vector<hsize_t> chunk_offset(hid_t dataset, std::span<const Index> offset) {
  if (offset.size() != shape_of(dataset).size()) {
    throw std::logic_error("a chunk's offset needs one index per axis of its dataset");
  }
  return extents(offset);
}

/// The dataset's space with rows [first, first + count) selected, and a space of that many rows.
std::pair<Hid, Hid> select_rows(hid_t dataset, Index first, Index count) {
  std::vector<Index> shape = shape_of(dataset);
  if (shape.empty() || first < 0 || count < 0 || first > shape[0] || count > shape[0] - first) {
    throw InputError(hdf5_path(dataset).string() + ": rows " + std::to_string(first) + ":" +
                     std::to_string(first + count) + " lie outside the dataset");
  }
  std::vector<hsize_t> start(shape.size(), 0);
  start[0] = static_cast<hsize_t>(first);
  shape[0] = count;
  const std::vector<hsize_t> size = extents(shape);
  Hid file_space = readable(H5Dget_space(dataset), dataset, "the extent of a dataset");
  readable(
      H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr),
      dataset,
      "rows of a dataset");
  Hid memory_space(H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr));
  return {std::move(file_space), std::move(memory_space)};
}

}  // namespace

Hid::~Hid() {
  if (id_ >= 0) H5Idec_ref(id_);
}

void Hid::close() {
  if (id_ < 0) return;
  const std::filesystem::path path = hdf5_path(id_);
  silence_hdf5();
  if (H5Idec_ref(std::exchange(id_, -1)) < 0) {
    throw IoError(path, "cannot be written to its end: " + hdf5_reason());
  }
}

bool is_hdf5(std::span<const std::byte> head) {
  constexpr unsigned char signature[] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
  const auto bytes = std::as_bytes(std::span(signature));
  for (std::size_t at = 0; at + bytes.size() <= head.size();
       at = std::max<std::size_t>(512, 2 * at)) {
    const auto there = head.begin() + static_cast<std::ptrdiff_t>(at);
    if (std::equal(bytes.begin(), bytes.end(), there)) return true;
  }
  return false;
}

bool is_hdf5_container(std::span<const std::byte> head) {
  constexpr std::string_view attribute = "kinema_schema";
  const auto bytes = std::as_bytes(std::span(attribute));
  return is_hdf5(head) &&
         std::search(head.begin(), head.end(), bytes.begin(), bytes.end()) != head.end();
}

Hid open_hdf5(const std::filesystem::path& path, Hdf5Access access) {
  silence_hdf5();
  const std::string name = path.string();
  const Hid properties(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_file_locking(properties, /*use_file_locking=*/false, /*ignore_when_disabled=*/true);
  if (access == Hdf5Access::create || access == Hdf5Access::grow) {
    const bool grows = access == Hdf5Access::grow;
    H5Pset_libver_bounds(
        properties, grows ? H5F_LIBVER_V110 : H5F_LIBVER_EARLIEST, H5F_LIBVER_V110);
    const hid_t id = H5Fcreate(name.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, properties);
    if (id < 0) throw IoError(path, "cannot be created: " + hdf5_reason());
    return Hid(id);
  }
  // What h5clear sets, too: a writer that was killed or ran out of space leaves its mark in the
  // file, and a size that it did not reach.
  const hbool_t yes = true;
  const bool unfinished = path.extension() == ".partial";
  if (unfinished) H5Pset(properties, "skip_eof_check", &yes);
  if (access == Hdf5Access::take_over) {
    H5Pset_libver_bounds(properties, H5F_LIBVER_V110, H5F_LIBVER_V110);
    H5Pset(properties, "clear_status_flags", &yes);
  }
  const unsigned flags = access == Hdf5Access::read ? H5F_ACC_RDONLY : H5F_ACC_RDWR;
  hid_t id = H5Fopen(name.c_str(), flags, properties);
  // A killed writer has not said how long the file is: closed as it is it would be cut.
  if (id >= 0 && access == Hdf5Access::take_over) {
    Hid taken(id);
    writable(H5Fincrement_filesize(id, 0), id, "the size of a file whose writer was killed");
    return taken;
  }
  if (id >= 0) return Hid(id);
  std::string reason = hdf5_reason();
  if (!std::filesystem::exists(path)) throw InputError(name + ": there is no such file");
  const bool is_marked = reason.find("already open for") != std::string::npos;
  if (is_marked && access == Hdf5Access::read) {  // by one who writes while others read
    id = H5Fopen(name.c_str(), flags | H5F_ACC_SWMR_READ, properties);
    if (id >= 0) return Hid(id);
    H5Eclear2(H5E_DEFAULT);
  }
  if (is_marked) {
    reason =
        "it is still being written, or was never closed by what wrote it; close it there, or "
        "unmark a copy of it with `h5clear -s` (Debian package hdf5-tools)";
  }
  throw InputError(name + ": cannot be opened as HDF5: " + reason);
}

std::filesystem::path hdf5_path(hid_t object) {
  silence_hdf5();
  const ssize_t length = H5Fget_name(object, nullptr, 0);
  if (length <= 0) return "an HDF5 file";
  std::string name(static_cast<std::size_t>(length) + 1, '\0');
  H5Fget_name(object, name.data(), name.size());
  name.pop_back();
  return name;
}

void let_readers_in(hid_t file) {
  writable(H5Fstart_swmr_write(file), file, "the mark of a file that grows");
}

void flush_dataset(hid_t dataset) {
  writable(H5Dflush(dataset), dataset, "what was written so far");
}

void flush_hdf5(hid_t object) {
  writable(H5Fflush(object, H5F_SCOPE_GLOBAL), object, "what was written so far");
}

Hid create_group(hid_t parent, const std::string& name) {
  const Hid links(H5Pcreate(H5P_LINK_CREATE));
  H5Pset_create_intermediate_group(links, 1);
  return writable(
      H5Gcreate2(parent, name.c_str(), links, H5P_DEFAULT, H5P_DEFAULT), parent, "group " + name);
}

Hid open_object(hid_t parent, const std::string& name) {
  return readable(H5Oopen(parent, name.c_str(), H5P_DEFAULT), parent, "'" + name + "'");
}

bool has_object(hid_t parent, const std::string& name) {
  silence_hdf5();
  for (std::size_t end = 0; end != std::string::npos;) {
    end = name.find('/', end + 1);
    const std::string step = name.substr(0, end);
    if (H5Lexists(parent, step.c_str(), H5P_DEFAULT) <= 0) return false;
  }
  return H5Oexists_by_name(parent, name.c_str(), H5P_DEFAULT) > 0;
}

std::vector<std::string> link_names(hid_t group) {
  std::vector<std::string> names;
  const auto collect = [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
    static_cast<std::vector<std::string>*>(out)->emplace_back(name);
    return 0;
  };
  readable(H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, nullptr, collect, &names),
           group,
           "the list of a group's links");
  return names;
}

void create_soft_link(hid_t parent, const std::string& target, const std::string& name) {
  writable(H5Lcreate_soft(target.c_str(), parent, name.c_str(), H5P_DEFAULT, H5P_DEFAULT),
           parent,
           "link " + name);
}

Hid hdf5_type(PixelType type) {
  silence_hdf5();
  switch (type) {
    case PixelType::u8:
      return Hid(H5Tcopy(H5T_STD_U8LE));
    case PixelType::i8:
      return Hid(H5Tcopy(H5T_STD_I8LE));
    case PixelType::u16:
      return Hid(H5Tcopy(H5T_STD_U16LE));
    case PixelType::i16:
      return Hid(H5Tcopy(H5T_STD_I16LE));
    case PixelType::u32:
      return Hid(H5Tcopy(H5T_STD_U32LE));
    case PixelType::i32:
      return Hid(H5Tcopy(H5T_STD_I32LE));
    case PixelType::f32:
      return Hid(H5Tcopy(H5T_IEEE_F32LE));
    case PixelType::f64:
      return Hid(H5Tcopy(H5T_IEEE_F64LE));
    case PixelType::u64:
      return Hid(H5Tcopy(H5T_STD_U64LE));
    case PixelType::i64:
      return Hid(H5Tcopy(H5T_STD_I64LE));
    case PixelType::f16:
      break;
    default:
      throw InputError("HDF5 files of kinema hold no pixels of type " + to_text(type));
  }
  Hid half(H5Tcopy(H5T_IEEE_F32LE));  // IEEE half: sign, 5 bits of exponent, 10 of mantissa
  H5Tset_fields(half, 15, 10, 5, 0, 10);
  H5Tset_size(half, 2);
  H5Tset_ebias(half, 15);
  return half;
}

Hid hdf5_type(IntegerType type) {
  silence_hdf5();
  return Hid(H5Tcopy(type == IntegerType::i64 ? H5T_STD_I64LE : H5T_STD_U64LE));
}

Hid chunked_properties(std::span<const Index> chunk) {
  silence_hdf5();
  Hid properties(H5Pcreate(H5P_DATASET_CREATE));
  const std::vector<hsize_t> size = extents(chunk);
  if (H5Pset_chunk(properties, static_cast<int>(size.size()), size.data()) < 0) {
    throw std::logic_error("HDF5 refuses the chunk: " + hdf5_reason());
  }
  return properties;
}

Hid create_dataset(hid_t parent,
                   const std::string& name,
                   hid_t type,
                   std::span<const Index> shape,
                   std::span<const Index> max_shape,
                   hid_t properties) {
  silence_hdf5();
  const std::vector<hsize_t> size = extents(shape), maximum = extents(max_shape);
  const Hid space(shape.empty() ? H5Screate(H5S_SCALAR)
                                : H5Screate_simple(static_cast<int>(size.size()),
                                                   size.data(),
                                                   maximum.empty() ? nullptr : maximum.data()));
  const Hid links(H5Pcreate(H5P_LINK_CREATE));
  H5Pset_create_intermediate_group(links, 1);
  return writable(H5Dcreate2(parent,
                             name.c_str(),
                             type,
                             space,
                             links,
                             properties < 0 ? H5P_DEFAULT : properties,
                             H5P_DEFAULT),
                  parent,
                  "dataset " + name);
}

std::vector<Index> shape_of(hid_t dataset) {
  const Hid space = readable(H5Dget_space(dataset), dataset, "the extent of a dataset");
  std::vector<hsize_t> size(
      static_cast<std::size_t>(std::max(H5Sget_simple_extent_ndims(space), 0)));
  H5Sget_simple_extent_dims(space, size.data(), nullptr);
  return indices(size);
}

std::vector<Index> chunk_of(hid_t dataset) {
  const Hid properties = readable(H5Dget_create_plist(dataset), dataset, "a dataset's layout");
  if (H5Pget_layout(properties) != H5D_CHUNKED) return {};
  std::vector<hsize_t> size(shape_of(dataset).size());
  H5Pget_chunk(properties, static_cast<int>(size.size()), size.data());
  return indices(size);
}

void resize_dataset(hid_t dataset, std::span<const Index> shape) {
  const std::vector<hsize_t> size = extents(shape);
  writable(H5Dset_extent(dataset, size.data()), dataset, "a dataset's extent");
}

void write_elements(hid_t dataset, hid_t type, const void* in) {
  writable(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, in), dataset, "a dataset");
}

void read_elements(hid_t dataset, hid_t type, void* out) {
  readable(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out), dataset, "a dataset");
}

void write_rows(hid_t dataset, hid_t type, Index first, Index count, const void* in) {
  const auto [file_space, memory_space] = select_rows(dataset, first, count);
  writable(H5Dwrite(dataset, type, memory_space, file_space, H5P_DEFAULT, in), dataset, "rows");
}

void read_rows(hid_t dataset, hid_t type, Index first, Index count, void* out) {
  const auto [file_space, memory_space] = select_rows(dataset, first, count);
  readable(H5Dread(dataset, type, memory_space, file_space, H5P_DEFAULT, out), dataset, "rows");
}

Index dataset_size(hid_t dataset, Index limit) {
  Index size = 1;
  for (const Index extent : shape_of(dataset)) size = checked_product(size, extent);
  if (size <= limit) return size;
  throw InputError(hdf5_path(dataset).string() + ": a dataset declares " + std::to_string(size) +
                   " elements where at most " + std::to_string(limit) + " are expected");
}

void write_chunk(hid_t dataset,
                 std::span<const Index> offset,
                 std::span<const std::byte> bytes,
                 std::uint32_t skipped_filters) {
  const std::vector<hsize_t> at = chunk_offset(dataset, offset);
  writable(
      H5Dwrite_chunk(dataset, H5P_DEFAULT, skipped_filters, at.data(), bytes.size(), bytes.data()),
      dataset,
      "a chunk");
}

Chunk read_chunk(hid_t dataset, std::span<const Index> offset) {
  const std::vector<hsize_t> at = chunk_offset(dataset, offset);
  const std::filesystem::path path = hdf5_path(dataset);
  unsigned filters = 0;
  haddr_t place = HADDR_UNDEF;
  hsize_t bytes = 0;
  readable(H5Dget_chunk_info_by_coord(dataset, at.data(), &filters, &place, &bytes),
           dataset,
           "the place of a chunk");
  if (place == HADDR_UNDEF || bytes == 0) {
    throw InputError(path.string() + ": a chunk of the dataset was never written");
  }
  if (static_cast<hsize_t>(chunk_bytes(dataset, offset)) != bytes) {
    throw FileError(
        path, place, "a chunk without filters has not the size of its dataset's chunks");
  }
  const std::uint64_t file_bytes = std::filesystem::file_size(path);
  if (place > file_bytes || bytes > file_bytes - place) {
    throw FileError(
        path, place, "a chunk of " + std::to_string(bytes) + " bytes ends after the file");
  }
  Chunk chunk{std::vector<std::byte>(bytes), filters};
  readable(
      H5Dread_chunk(dataset, H5P_DEFAULT, at.data(), &chunk.skipped_filters, chunk.bytes.data()),
      dataset,
      "a chunk");
  return chunk;
}

Index chunk_bytes(hid_t dataset, std::span<const Index> offset) {
  const std::vector<hsize_t> at = chunk_offset(dataset, offset);
  hsize_t bytes = 0;
  silence_hdf5();
  if (H5Dget_chunk_storage_size(dataset, at.data(), &bytes) < 0) return 0;
  return static_cast<Index>(bytes);
}

}  // namespace kinema::io
