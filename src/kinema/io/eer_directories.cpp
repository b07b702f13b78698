// TIFF directories, as far as EER uses them (TIFF 6.0, BigTIFF, and the private tags of EER).
#include "kinema/io/eer_directories.h"

#include "kinema/base/error.h"
#include "kinema/io/byte_reader.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <unordered_set>

namespace kinema::io {
namespace {

constexpr std::uint64_t most_directories = 1 << 20, most_strips = 1 << 22;
constexpr std::uint64_t most_metadata = 4 << 20;

enum Tag : std::uint16_t {
  tag_width = 256,
  tag_height = 257,
  tag_compression = 259,
  tag_strip_offsets = 273,
  tag_orientation = 274,
  tag_strip_bytes = 279,
  tag_metadata = 65001,
  tag_skip_bits = 65007,
  tag_horizontal_bits = 65008,
  tag_vertical_bits = 65009
};

/// Bytes of a value of a TIFF type; 0 for types that EER does not use.
std::uint64_t bytes_of_type(int type) {
  switch (type) {
    case 1:  // byte
    case 2:  // text
    case 7:  // undefined
      return 1;
    case 3:  // 16 bits
      return 2;
    case 4:  // 32 bits
    case 13:
      return 4;
    case 16:  // 64 bits
    case 18:
      return 8;
    default:
      return 0;
  }
}

struct Entry {
  std::uint16_t tag = 0, type = 0;
  std::uint64_t count = 0;
  std::uint64_t value_at = 0;  // offset of the first value in the file
};

class Directory {
 public:
  Directory(const InputFile& file, std::endian order, std::vector<Entry> entries)
      : file_(file), order_(order), entries_(std::move(entries)) {}

  const Entry* find(std::uint16_t tag) const {
    const auto found = std::find_if(
        entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.tag == tag; });
    return found == entries_.end() ? nullptr : &*found;
  }

  std::vector<std::uint64_t> numbers(std::uint16_t tag) const {
    const Entry* entry = find(tag);
    if (entry == nullptr) return {};
    const std::uint64_t each = bytes_of_type(entry->type);
    const std::uint64_t left = file_.size() - std::min(entry->value_at, file_.size());
    if (each == 0 || entry->count > left / each || entry->count > most_strips) {
      throw FileError(file_.path(),
                      entry->value_at,
                      "EER: tag " + std::to_string(tag) + " has " + std::to_string(entry->count) +
                          " values of type " + std::to_string(entry->type) +
                          ", which are no numbers that the file holds");
    }
    ByteReader reader(file_, entry->value_at, entry->value_at + entry->count * each);
    reader.set_order(order_);
    std::vector<std::uint64_t> out;
    for (std::uint64_t i = 0; i < entry->count; ++i) {
      out.push_back(each == 1   ? reader.read<std::uint8_t>()
                    : each == 2 ? reader.read<std::uint16_t>()
                    : each == 4 ? reader.read<std::uint32_t>()
                                : reader.read<std::uint64_t>());
    }
    return out;
  }

  std::optional<std::uint64_t> number(std::uint16_t tag) const {
    const Entry* entry = find(tag);
    if (entry == nullptr || entry->count != 1) return std::nullopt;
    return numbers(tag).front();
  }

  bool holds_electrons() const {
    const auto compression = number(tag_compression);
    return compression && *compression >= 65000 && *compression <= 65002;
  }

  std::string text(std::uint16_t tag) const {
    const Entry* entry = find(tag);
    if (entry == nullptr || bytes_of_type(entry->type) != 1 || entry->count > most_metadata) {
      return "";
    }
    ByteReader reader(file_, std::min(entry->value_at, file_.size()), file_.size());
    return reader.text(entry->count, "bytes of metadata");
  }

 private:
  const InputFile& file_;
  std::endian order_;
  std::vector<Entry> entries_;
};

/// Walks from directory to directory; each is visited once.
class Walk {
 public:
  explicit Walk(const InputFile& file) : file_(file) {
    ByteReader reader(file, 0, std::min<std::uint64_t>(16, file.size()));
    const auto mark = reader.read<std::uint16_t>();
    if (mark != 0x4949 && mark != 0x4D4D) reader.fail("this is no TIFF file");
    order_ = mark == 0x4949 ? std::endian::little : std::endian::big;
    reader.set_order(order_);
    const auto version = reader.read<std::uint16_t>();
    if (version != 42 && version != 43) reader.fail("this is no TIFF file");
    big_ = version == 43;
    if (big_) reader.skip(4);
    next_ = big_ ? reader.read<std::uint64_t>() : reader.read<std::uint32_t>();
  }

  /// The next directory; none after the last.
  std::optional<Directory> next() {
    if (next_ == 0) return std::nullopt;
    if (!visited_.insert(next_).second || visited_.size() > most_directories) {
      throw FileError(file_.path(), next_, "EER: directories without end");
    }
    if (next_ >= file_.size()) {
      throw FileError(file_.path(),
                      next_,
                      "EER: directory " + std::to_string(visited_.size()) +
                          " lies beyond the end of the file; copy the file again from where it "
                          "was recorded");
    }
    return read(next_);
  }

 private:
  Directory read(std::uint64_t at) {
    const std::uint64_t head = big_ ? 8 : 2, each = big_ ? 20 : 12, tail = big_ ? 8 : 4;
    ByteReader count_reader(file_, at, std::min(at + head, file_.size()));
    count_reader.set_order(order_);
    const std::uint64_t count =
        big_ ? count_reader.read<std::uint64_t>() : count_reader.read<std::uint16_t>();
    if (count > 4096)
      count_reader.fail("EER: a directory of " + std::to_string(count) + " entries");
    ByteReader reader(file_, at + head, std::min(at + head + count * each + tail, file_.size()));
    reader.set_order(order_);
    std::vector<Entry> entries;
    for (std::uint64_t i = 0; i < count; ++i) entries.push_back(read_entry(reader));
    next_ = big_ ? reader.read<std::uint64_t>() : reader.read<std::uint32_t>();
    return {file_, order_, std::move(entries)};
  }

  Entry read_entry(ByteReader& reader) const {
    Entry entry;
    entry.tag = reader.read<std::uint16_t>();
    entry.type = reader.read<std::uint16_t>();
    entry.count = big_ ? reader.read<std::uint64_t>() : reader.read<std::uint32_t>();
    const std::uint64_t room = big_ ? 8 : 4;
    const std::uint64_t each = std::max<std::uint64_t>(bytes_of_type(entry.type), 1);
    entry.value_at = reader.position();
    if (entry.count > room / each) {
      entry.value_at = big_ ? reader.read<std::uint64_t>() : reader.read<std::uint32_t>();
    } else {
      reader.skip(room);
    }
    return entry;
  }

  const InputFile& file_;
  std::endian order_ = std::endian::little;
  bool big_ = false;
  std::uint64_t next_ = 0;
  std::unordered_set<std::uint64_t> visited_;
};

EerCode code_of(const InputFile& file, const Directory& directory, int compression) {
  EerCode code{compression == 65000 ? 8 : 7, 2, 2};
  if (compression < 65002) return code;
  const auto bits = [&](std::uint16_t tag, int fallback) {
    return static_cast<int>(
        std::min<std::uint64_t>(directory.number(tag).value_or(fallback), 1000));
  };
  code = {bits(tag_skip_bits, 7), bits(tag_horizontal_bits, 2), bits(tag_vertical_bits, 2)};
  if (code.skip < 2 || code.skip > 16 || code.horizontal > 8 || code.vertical > 8) {
    throw FileError(file.path(),
                    0,
                    "EER: codes of " + std::to_string(code.skip) + ", " +
                        std::to_string(code.horizontal) + " and " + std::to_string(code.vertical) +
                        " bits (tags 65007 to 65009) are not known");
  }
  return code;
}

Index size_of(const InputFile& file, const Directory& directory, std::uint16_t tag) {
  const std::uint64_t size = directory.number(tag).value_or(0);
  if (size < 1 || size > 65536) {
    throw FileError(file.path(), 0, "EER: a frame's edge of " + std::to_string(size) + " pixels");
  }
  return static_cast<Index>(size);
}

void add_frame(const InputFile& file, const Directory& directory, EerDirectories& out) {
  const auto offsets = directory.numbers(tag_strip_offsets);
  const auto bytes = directory.numbers(tag_strip_bytes);
  const std::string name = "EER: camera frame " + std::to_string(out.frames());
  if (offsets.empty() || offsets.size() != bytes.size()) {
    throw FileError(file.path(), 0, name + " has no strips, or not all of their places");
  }
  if (out.strips.size() + offsets.size() > most_strips) {
    throw FileError(file.path(), 0, "EER: more than 2^22 strips");
  }
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    if (offsets[i] > file.size() || bytes[i] > file.size() - offsets[i]) {
      throw FileError(file.path(),
                      offsets[i],
                      name +
                          " lies beyond the end of the file; copy the file again from where it "
                          "was recorded");
    }
    out.strips.push_back({offsets[i], bytes[i]});
  }
  out.strip_ends.push_back(out.strips.size());
}

}  // namespace

bool has_eer_directory(const InputFile& file) {
  try {
    Walk walk(file);
    for (int i = 0; i < 2; ++i) {
      const auto directory = walk.next();
      if (!directory) return false;
      if (directory->holds_electrons()) return true;
    }
  } catch (const InputError&) {
  }
  return false;
}

EerDirectories read_eer_directories(const InputFile& file) {
  EerDirectories out;
  Walk walk(file);
  while (const auto directory = walk.next()) {
    if (out.metadata.empty()) out.metadata = directory->text(tag_metadata);
    if (!directory->holds_electrons()) {
      ++out.other_images;
      continue;
    }
    const auto compression = static_cast<int>(*directory->number(tag_compression));
    const EerCode code = code_of(file, *directory, compression);
    const Index height = size_of(file, *directory, tag_height);
    const Index width = size_of(file, *directory, tag_width);
    if (out.strip_ends.empty()) {
      out.height = height;
      out.width = width;
      out.compression = compression;
      out.code = code;
      out.orientation = static_cast<int>(
          std::min<std::uint64_t>(directory->number(tag_orientation).value_or(1), 9));
    }
    if (height == out.height && width == out.width && code == out.code) {
      add_frame(file, *directory, out);
    } else {
      ++out.other_images;
    }
  }
  if (out.strip_ends.empty()) throw FileError(file.path(), 0, "EER: there is no camera frame");
  return out;
}

}  // namespace kinema::io
