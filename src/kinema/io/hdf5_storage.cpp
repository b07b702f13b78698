// Checks of a dataset's storage before anything of it is read.
#include "kinema/io/hdf5_storage.h"

#include "kinema/io/hdf5_error.h"
#include "kinema/io/hdf5_links.h"
#include "kinema/io/hdf5_unpack.h"

#include <array>
#include <limits>
#include <set>

namespace kinema::io {
namespace {

constexpr std::uint64_t small = std::uint64_t{64} << 20;  // declared bytes that need no evidence
constexpr std::uint64_t most_packing = 1100;  // a little more than deflate reaches at the best
constexpr std::uint64_t most_other_packing = 1 << 16;  // and other filters
constexpr std::uint64_t most_virtual_frame = std::uint64_t{512} << 20;
constexpr int most_virtual_levels = 4;
constexpr std::size_t most_mappings = 100'000;

struct KnownFilter {
  H5Z_filter_t id;
  const char* name;
  const char* mend;
};
constexpr const char* from_python =
    "install Python's hdf5plugin with pip and set HDF5_PLUGIN_PATH to its folder of plugins";
constexpr KnownFilter known_filters[] = {
    {307, "bzip2", "install the Debian package hdf5-filter-plugin"},
    {32000, "LZF", "install the Debian package bitshuffle"},
    {32001, "Blosc", "install the Debian package hdf5-filter-plugin-blosc-serial"},
    {32004, "LZ4", "install the Debian package hdf5-filter-plugin"},
    {32008, "bitshuffle", "install the Debian package bitshuffle"},
    {32013, "ZFP", "install the Debian package hdf5-filter-plugin-zfp-serial"},
    {32015, "Zstandard", from_python},
    {32026, "Blosc2", from_python}};

Hid creation_of(hid_t dataset) {
  return readable(H5Dget_create_plist(dataset), dataset, "a dataset's layout");
}

std::optional<std::string> filter_problem(hid_t dataset, hid_t creation) {
  if (undoable_filters(dataset)) return std::nullopt;
  const int count = H5Pget_nfilters(creation);
  for (int i = 0; i < count; ++i) {
    unsigned flags = 0, config = 0;
    std::size_t values = 0;
    std::array<char, 256> name{};
    const H5Z_filter_t id = H5Pget_filter2(creation,
                                           static_cast<unsigned>(i),
                                           &flags,
                                           &values,
                                           nullptr,
                                           name.size() - 1,
                                           name.data(),
                                           &config);
    if (id < 0) return "its list of filters is damaged";
    if (H5Zfilter_avail(id) > 0) continue;
    H5Eclear2(H5E_DEFAULT);
    for (const KnownFilter& known : known_filters) {
      if (known.id != id) continue;
      return "is packed by HDF5 filter " + std::to_string(id) + " (" + known.name +
             "), which is not installed; " + known.mend;
    }
    return "is packed by HDF5 filter " + std::to_string(id) + " (" + name.data() +
           "), which is not installed; install its plugin, or unpack the file with h5repack where "
           "it is";
  }
  return std::nullopt;
}

/// Whether HDF5, which opens the parts of datasets itself, is to open `place` by this name.
bool opens(const std::string& name, const std::filesystem::path& place) {
  std::error_code none;
  return !std::filesystem::path(name).is_absolute() ||
         std::filesystem::equivalent(name, place, none);
}

std::optional<std::string> external_problem(hid_t dataset, hid_t creation) {
  const int count = H5Pget_external_count(creation);
  for (int i = 0; i < count; ++i) {
    std::array<char, 4096> name{};
    off_t offset = 0;
    hsize_t bytes = 0;
    if (H5Pget_external(
            creation, static_cast<unsigned>(i), name.size() - 1, name.data(), &offset, &bytes) <
            0 ||
        offset < 0) {
      return "its list of external files is damaged";
    }
    const std::string text = name.data();
    const auto place = named_file(dataset, text);
    if (!place || (std::filesystem::exists(text) && !opens(text, *place))) {
      return "lies in " + text + ", outside the file's folder, and is not followed";
    }
    if (!std::filesystem::exists(*place)) {
      return "lies in " + text + ", which is not beside this file; put it there";
    }
    if (!opens(text, *place)) return "lies in " + text + ", which is not there; put it there";
    if (bytes == H5F_UNLIMITED) bytes = stored_bytes(dataset);
    const std::uint64_t held = std::filesystem::file_size(*place);
    if (static_cast<std::uint64_t>(offset) > held || bytes > held - offset) {
      return "lies in " + text + ", which is too short: " + std::to_string(bytes) +
             " bytes from byte " + std::to_string(offset) + " on are declared and the file holds " +
             std::to_string(held) + "; copy it again from where it was recorded";
    }
  }
  return std::nullopt;
}

std::optional<std::string> problem_at(hid_t dataset, int level);

std::string text_of_source(hid_t creation,
                           std::size_t index,
                           ssize_t (*get)(hid_t, std::size_t, char*, std::size_t)) {
  std::array<char, 4096> text{};
  return get(creation, index, text.data(), text.size() - 1) < 0 ? "" : text.data();
}

std::optional<std::string> virtual_problem(hid_t dataset, hid_t creation, int level) {
  if (level > most_virtual_levels) return "is virtual over too many levels";
  std::size_t count = 0;
  if (H5Pget_virtual_count(creation, &count) < 0 || count > most_mappings) {
    return "its list of virtual parts is damaged";
  }
  std::set<std::pair<std::string, std::string>> seen;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string file = text_of_source(creation, i, H5Pget_virtual_filename);
    const std::string path = text_of_source(creation, i, H5Pget_virtual_dsetname);
    if (!seen.insert({file, path}).second) continue;
    const auto source = file == "." ? hdf5_path(dataset) : named_file(dataset, file);
    if (!source || (std::filesystem::exists(file) && !opens(file, *source))) {
      return "has parts in " + file + ", outside the file's folder, which are not followed";
    }
    if ((file + path).find('%') != std::string::npos) return "has parts whose names are patterns";
    if (!std::filesystem::exists(*source)) {
      return "has parts in " + file + ", which is not beside this file; put it there";
    }
    const Hid other = open_hdf5(*source, Hdf5Access::read);
    const FoundObject part = follow_path(other, "/" + path);
    if (!part.object.is_open()) return "has a part that is not there: " + part.reason;
    if (!is_dataset(part.object)) return "has a part that is no dataset: " + path;
    if (auto problem = problem_at(part.object, level + 1)) return problem;
  }
  return std::nullopt;
}

std::uint64_t declared_bytes(const std::vector<Index>& extents, std::uint64_t each) {
  std::uint64_t bytes = each;
  for (const Index extent : extents) {
    if (__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(extent), &bytes)) {
      return std::numeric_limits<std::uint64_t>::max();
    }
  }
  return bytes;
}

/// The last two extents.
std::vector<Index> frame_of(const std::vector<Index>& extents) {
  return {extents.end() - static_cast<std::ptrdiff_t>(std::min<std::size_t>(extents.size(), 2)),
          extents.end()};
}

std::uint64_t element_bytes(hid_t dataset) {
  const Hid type = readable(H5Dget_type(dataset), dataset, "the type of a dataset");
  return H5Tget_size(type);
}

/// `bytes` that must be held at once are there, or could be, in what is stored.
bool is_believable(std::uint64_t bytes, std::uint64_t stored, bool filtered) {
  if (bytes <= small) return true;
  return filtered ? bytes / most_packing <= stored : bytes <= stored;
}

std::optional<std::string> size_problem(hid_t dataset, hid_t creation) {
  const auto extents = extents_of(dataset);
  if (!extents) return "declares extents beyond reason";
  const std::uint64_t each = element_bytes(dataset), stored = stored_bytes(dataset);
  const std::uint64_t declared = declared_bytes(*extents, each);
  const std::string sizes = "declares " + std::to_string(declared) + " bytes and holds " +
                            std::to_string(stored) + "; the file is damaged or was never finished";
  const bool filtered = H5Pget_nfilters(creation) > 0;
  const bool densely = filtered && packs_densely(undoable_filters(dataset));
  const std::uint64_t packing = densely ? most_other_packing : most_packing;
  if (declared > small && declared / packing > stored) return sizes;
  if (H5Pget_layout(creation) == H5D_CHUNKED) {
    const std::vector<Index> chunk = chunk_of(dataset);
    if (!is_believable(declared_bytes(chunk, each), stored, filtered)) {
      return "declares chunks of " + std::to_string(declared_bytes(chunk, each)) +
             " bytes and holds " + std::to_string(stored) + " in all; the file is damaged";
    }
  } else if (stored != 0 && stored < declared) {
    return sizes;
  }
  if (!is_believable(declared_bytes(frame_of(*extents), each), stored, filtered)) return sizes;
  return std::nullopt;
}

std::optional<std::string> place_problem(hid_t dataset, hid_t creation) {
  if (H5Pget_layout(creation) != H5D_CONTIGUOUS || H5Pget_external_count(creation) > 0) {
    return std::nullopt;
  }
  const haddr_t place = H5Dget_offset(dataset);
  const std::uint64_t size = std::filesystem::file_size(hdf5_path(dataset));
  const std::uint64_t stored = stored_bytes(dataset);
  if (place == HADDR_UNDEF || (place <= size && stored <= size - place)) return std::nullopt;
  return "lies at byte " + std::to_string(place) + " and ends after the file";
}

std::optional<std::string> problem_at(hid_t dataset, int level) {
  silence_hdf5();
  const Hid creation = creation_of(dataset);
  if (H5Pget_layout(creation) == H5D_VIRTUAL) {
    const auto extents = extents_of(dataset);
    if (!extents ||
        declared_bytes(frame_of(*extents), element_bytes(dataset)) > most_virtual_frame) {
      return "declares extents beyond reason";
    }
    return virtual_problem(dataset, creation, level);
  }
  if (auto problem = filter_problem(dataset, creation)) return problem;
  if (auto problem = external_problem(dataset, creation)) return problem;
  if (auto problem = size_problem(dataset, creation)) return problem;
  return place_problem(dataset, creation);
}

}  // namespace

std::optional<std::vector<Index>> extents_of(hid_t dataset) {
  silence_hdf5();
  const Hid space(H5Dget_space(dataset));
  if (!space.is_open() || H5Sget_simple_extent_type(space) == H5S_NULL) return std::nullopt;
  const std::vector<Index> extents = shape_of(dataset);
  std::uint64_t elements = 1;
  for (const Index extent : extents) {
    constexpr std::uint64_t most = std::uint64_t{1} << 58;
    if (extent < 0 ||
        __builtin_mul_overflow(elements, static_cast<std::uint64_t>(extent), &elements) ||
        elements > most) {
      return std::nullopt;
    }
  }
  return extents;
}

std::optional<std::string> storage_problem(hid_t dataset) {
  return problem_at(dataset, 0);
}

std::uint64_t stored_bytes(hid_t dataset) {
  silence_hdf5();
  return H5Dget_storage_size(dataset);
}

std::optional<std::uint64_t> plain_place(hid_t dataset, hid_t type) {
  const Hid creation = creation_of(dataset), stored(H5Dget_type(dataset));
  const Hid file(H5Iget_file_id(dataset)), file_creation(H5Fget_create_plist(file));
  hsize_t user_block = 1;
  if (H5Pget_layout(creation) != H5D_CONTIGUOUS || H5Pget_external_count(creation) != 0 ||
      H5Tequal(stored, type) <= 0 || H5Pget_userblock(file_creation, &user_block) < 0 ||
      user_block != 0) {
    return std::nullopt;
  }
  const auto extents = extents_of(dataset);
  const haddr_t place = H5Dget_offset(dataset);
  if (!extents || place == HADDR_UNDEF ||
      stored_bytes(dataset) != declared_bytes(*extents, element_bytes(dataset))) {
    return std::nullopt;
  }
  return place;
}

bool is_chunked(hid_t dataset) {
  return H5Pget_layout(creation_of(dataset)) == H5D_CHUNKED;
}

bool is_filtered(hid_t dataset) {
  return H5Pget_nfilters(creation_of(dataset)) > 0;
}

ChunkCount count_chunks(hid_t dataset) {
  const std::vector<Index> extents = shape_of(dataset), chunk = chunk_of(dataset);
  ChunkCount count{1, 0};
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    count.whole = checked_product(count.whole, (extents[axis] + chunk[axis] - 1) / chunk[axis]);
  }
  const Hid space = readable(H5Dget_space(dataset), dataset, "the extent of a dataset");
  hsize_t written = 0;
  readable(H5Dget_num_chunks(dataset, space, &written), dataset, "the chunks of a dataset");
  count.written = static_cast<Index>(written);
  return count;
}

}  // namespace kinema::io
