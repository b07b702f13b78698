// Headers, entries and values of TIFF files, each checked against what the file holds.
#include "kinema/io/tiff_directory.h"

#include "kinema/io/byte_reader.h"
#include "kinema/io/text_encoding.h"

#include <algorithm>

namespace kinema::io {
namespace {

constexpr std::size_t block_bytes = 4096;  // read at once: most directories lie in it whole
constexpr std::uint64_t most_entries = 65535;

enum Type : std::uint16_t {
  byte = 1,
  ascii = 2,
  uint16 = 3,
  uint32 = 4,
  rational = 5,
  int8 = 6,
  undefined = 7,
  int16 = 8,
  int32 = 9,
  signed_rational = 10,
  float32 = 11,
  float64 = 12,
  directory = 13,
  uint64 = 16,
  int64 = 17,
  directory64 = 18
};

/// Bytes of one value; 0 for types that the standard does not know.
std::uint64_t bytes_of_type(std::uint16_t type) {
  constexpr std::uint8_t bytes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};
  return type < std::size(bytes) ? bytes[type] : 0;
}

std::uint64_t read_offset(ByteReader& reader, bool big) {
  return big ? reader.read<std::uint64_t>() : reader.read<std::uint32_t>();
}

/// The next whole number of a type; negative ones wrap.
std::uint64_t read_whole(ByteReader& reader, std::uint16_t type) {
  switch (type) {
    case byte:
    case undefined:
    case ascii:
      return reader.read<std::uint8_t>();
    case int8:
      return static_cast<std::uint64_t>(reader.read<std::int8_t>());
    case uint16:
      return reader.read<std::uint16_t>();
    case int16:
      return static_cast<std::uint64_t>(reader.read<std::int16_t>());
    case uint32:
    case directory:
      return reader.read<std::uint32_t>();
    case int32:
      return static_cast<std::uint64_t>(reader.read<std::int32_t>());
    case uint64:
    case int64:
    case directory64:
      return reader.read<std::uint64_t>();
    default:
      reader.fail("a number is stored as type " + std::to_string(type) +
                  ", which is no whole number");
  }
}

double read_real(ByteReader& reader, std::uint16_t type) {
  switch (type) {
    case rational: {
      const double above = reader.read<std::uint32_t>(), below = reader.read<std::uint32_t>();
      return above / below;
    }
    case signed_rational: {
      const double above = reader.read<std::int32_t>(), below = reader.read<std::int32_t>();
      return above / below;
    }
    case float32:
      return reader.read<float>();
    case float64:
      return reader.read<double>();
    case int8:
    case int16:
    case int32:
    case int64:
      return static_cast<double>(static_cast<std::int64_t>(read_whole(reader, type)));
    default:
      return static_cast<double>(read_whole(reader, type));
  }
}

}  // namespace

TiffHeader read_tiff_header(const InputFile& file) {
  const std::vector<std::byte> head = file.head(16);
  ByteReader reader(head, file.path());
  TiffHeader header;
  const auto mark = reader.read<std::uint16_t>();
  header.order = mark == 0x4D4D ? std::endian::big : std::endian::little;
  reader.set_order(header.order);
  const auto version = reader.read<std::uint16_t>();
  if ((mark != 0x4949 && mark != 0x4D4D) || (version != 42 && version != 43)) {
    throw FileError(file.path(), 0, "is no TIFF file");
  }
  header.big = version == 43;
  if (header.big && (reader.read<std::uint16_t>() != 8 || reader.read<std::uint16_t>() != 0)) {
    reader.fail("a BigTIFF file whose offsets are not of 8 bytes");
  }
  header.first_directory = read_offset(reader, header.big);
  if (header.first_directory == 0) {
    throw FileError(file.path(), 4, "the TIFF file has no directory; it was not completed");
  }
  return header;
}

std::string tiff_directory_name(Index index) {
  const std::string name = "directory " + std::to_string(index);
  if (index == 0) return name;
  return name + " (the " + std::to_string(index) + " before it " + (index == 1 ? "is" : "are") +
         " whole)";
}

std::string TiffDirectory::name() const {
  return tiff_directory_name(index_);
}

TiffDirectory::TiffDirectory(const InputFile& file,
                             const TiffHeader& header,
                             std::uint64_t place,
                             Index index)
    : file_(&file), header_(header), index_(index), place_(place) {
  const std::uint64_t count_bytes = header.big ? 8 : 2, entry_bytes = header.big ? 20 : 12;
  const std::uint64_t offset_bytes = header.big ? 8 : 4;
  const std::uint64_t left = file.size() > place ? file.size() - place : 0;
  if (left < count_bytes) {
    throw FileError(
        file.path(), place, name() + " is said to lie here, beyond the file's end; copy it again");
  }
  block_.resize(std::min<std::uint64_t>(left, block_bytes));
  file.read_at(place, block_);
  ByteReader counter(block_, file.path(), place);
  counter.set_order(header.order);
  const std::uint64_t count =
      header.big ? counter.read<std::uint64_t>() : counter.read<std::uint16_t>();
  if (count == 0 || count > most_entries ||
      count_bytes + count * entry_bytes + offset_bytes > left) {
    throw FileError(
        file.path(),
        place,
        name() + " is said to have " + std::to_string(count) + " entries, which do not lie here");
  }
  const std::uint64_t whole = count_bytes + count * entry_bytes + offset_bytes;
  if (whole > block_.size()) {
    block_.resize(whole);
    file.read_at(place, block_);
  }
  ByteReader reader(block_, file.path(), place);
  reader.set_order(header.order);
  reader.skip(count_bytes);
  entries_.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    TiffEntry entry;
    entry.tag = reader.read<std::uint16_t>();
    entry.type = reader.read<std::uint16_t>();
    entry.count = read_offset(reader, header.big);
    entry.place = reader.position();
    const std::uint64_t value = read_offset(reader, header.big);
    const std::uint64_t each = bytes_of_type(entry.type);
    if (each == 0) continue;  // of a type that is unknown
    if (entry.count > offset_bytes / each) entry.place = value;
    entries_.push_back(entry);
  }
  next_ = read_offset(reader, header.big);
}

const TiffEntry* TiffDirectory::find(TiffTag tag) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [tag](const TiffEntry& entry) {
    return entry.tag == static_cast<std::uint16_t>(tag);
  });
  return found == entries_.end() ? nullptr : &*found;
}

bool TiffDirectory::lies_in_file(const TiffEntry& entry) const {
  return entry.place <= file_->size() &&
         entry.count <= (file_->size() - entry.place) / bytes_of_type(entry.type);
}

std::vector<std::byte> TiffDirectory::raw(const TiffEntry& entry, std::uint64_t bytes) const {
  std::vector<std::byte> out(bytes);
  if (entry.place >= place_ && entry.place - place_ + bytes <= block_.size()) {
    std::copy_n(
        block_.begin() + static_cast<std::ptrdiff_t>(entry.place - place_), bytes, out.begin());
  } else {
    file_->read_at(entry.place, out);
  }
  return out;
}

std::vector<std::uint64_t> TiffDirectory::numbers(TiffTag tag, std::uint64_t most) const {
  const TiffEntry* entry = find(tag);
  if (entry == nullptr) return {};
  if (entry->count > most || !lies_in_file(*entry)) {
    throw FileError(file_->path(),
                    place_,
                    name() + ": its tag " + std::to_string(entry->tag) + " has " +
                        std::to_string(entry->count) + " values at byte " +
                        std::to_string(entry->place) + ", which cannot be");
  }
  const std::vector<std::byte> bytes = raw(*entry, entry->count * bytes_of_type(entry->type));
  ByteReader reader(bytes, file_->path(), entry->place);
  reader.set_order(header_.order);
  std::vector<std::uint64_t> out(entry->count);
  for (std::uint64_t& number : out) number = read_whole(reader, entry->type);
  return out;
}

std::uint64_t TiffDirectory::number(TiffTag tag, std::uint64_t fallback) const {
  const TiffEntry* entry = find(tag);
  if (entry == nullptr || entry->count == 0 || !lies_in_file(*entry)) return fallback;
  const std::vector<std::byte> bytes = raw(*entry, bytes_of_type(entry->type));
  ByteReader reader(bytes, file_->path(), entry->place);
  reader.set_order(header_.order);
  return read_whole(reader, entry->type);
}

std::vector<double> TiffDirectory::reals(const TiffEntry& entry, std::size_t most) const {
  if (!lies_in_file(entry)) return {};
  std::vector<double> out(std::min<std::uint64_t>(entry.count, most));
  const std::vector<std::byte> bytes = raw(entry, out.size() * bytes_of_type(entry.type));
  ByteReader reader(bytes, file_->path(), entry.place);
  reader.set_order(header_.order);
  for (double& number : out) number = read_real(reader, entry.type);
  return out;
}

std::optional<double> TiffDirectory::real(TiffTag tag) const {
  const TiffEntry* entry = find(tag);
  if (entry == nullptr) return std::nullopt;
  const std::vector<double> numbers = reals(*entry, 1);
  return numbers.empty() ? std::nullopt : std::optional(numbers[0]);
}

std::string TiffDirectory::text(const TiffEntry& entry, std::size_t most) const {
  if (bytes_of_type(entry.type) != 1 || !lies_in_file(entry)) return "";
  const std::vector<std::byte> bytes = raw(entry, std::min<std::uint64_t>(entry.count, most));
  return utf8_from({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string TiffDirectory::text(TiffTag tag, std::size_t most) const {
  const TiffEntry* entry = find(tag);
  return entry == nullptr ? "" : text(*entry, most);
}

std::vector<std::byte> TiffDirectory::bytes(TiffTag tag, std::size_t most) const {
  const TiffEntry* entry = find(tag);
  if (entry == nullptr || !lies_in_file(*entry)) return {};
  const std::uint64_t bytes = entry->count * bytes_of_type(entry->type);
  return bytes > most ? std::vector<std::byte>() : raw(*entry, bytes);
}

}  // namespace kinema::io
