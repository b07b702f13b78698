// Reading the main header and choosing its byte order.
#include "kinema/io/mrc_header.h"

#include "kinema/io/byte_reader.h"

#include <algorithm>

namespace kinema::io {
namespace {

template <class T>
void take(ByteReader& reader, std::size_t at, std::array<T, 3>& numbers) {
  reader.seek(at);
  for (T& number : numbers) number = reader.read<T>();
}

template <class T>
void take(ByteReader& reader, std::size_t at, T& number) {
  reader.seek(at);
  number = reader.read<T>();
}

constexpr MrcMode modes[] = {{0, PixelType::i8, 1, false, true},
                             {1, PixelType::i16, 1, false, true},
                             {2, PixelType::f32, 1, false, true},
                             {3, PixelType::i16, 2, false, true},
                             {4, PixelType::f32, 2, false, true},
                             {6, PixelType::u16, 1, false, true},
                             {12, PixelType::f16, 1, false, true},
                             {16, PixelType::u8, 3, false, false},
                             {101, PixelType::u8, 1, true, true}};

std::string text_at(ByteReader& reader, std::size_t at, std::size_t bytes) {
  reader.seek(at);
  return reader.text(bytes, "characters");
}

bool is_stamp(std::span<const std::byte> head, std::uint8_t first) {
  return std::to_integer<std::uint8_t>(head[mrc_at::machine]) == first;
}

}  // namespace

std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, ' ');
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::uint64_t mrc_pixels_at(const MrcHeader& header) {
  return mrc_main_bytes + static_cast<std::uint64_t>(header.extended_bytes);
}

const MrcMode* find_mrc_mode(std::int32_t mode) {
  const auto* found = std::find_if(
      std::begin(modes), std::end(modes), [&](const MrcMode& known) { return known.mode == mode; });
  return found == std::end(modes) ? nullptr : found;
}

bool MrcHeader::is_big_endian() const {
  return swapped != (std::endian::native == std::endian::big);
}

bool MrcHeader::has_label(std::string_view text) const {
  return std::any_of(labels.begin(), labels.end(), [&](const std::string& label) {
    return label.starts_with(text);
  });
}

bool MrcHeader::contradicts_stamp() const {
  if (machine[0] == 0x44) return is_big_endian();
  return machine[0] == 0x11 && !is_big_endian();
}

bool MrcHeader::is_sane() const {
  constexpr std::int32_t most = 1 << 28;
  const auto is_size = [](std::int32_t extent) { return extent > 0 && extent <= most; };
  const auto is_axis = [](std::int32_t axis) { return axis >= 0 && axis <= 3; };
  return std::all_of(size.begin(), size.end(), is_size) &&
         std::all_of(axes.begin(), axes.end(), is_axis) && extended_bytes >= 0 &&
         find_mrc_mode(mode) != nullptr;
}

MrcHeader parse_mrc_header(std::span<const std::byte> head,
                           bool big_endian,
                           const std::filesystem::path& path) {
  ByteReader reader(head.first(std::min(head.size(), mrc_main_bytes)), path);
  reader.set_order(big_endian ? std::endian::big : std::endian::little);
  MrcHeader header;
  header.swapped = reader.swapped();
  take(reader, mrc_at::size, header.size);
  take(reader, mrc_at::mode, header.mode);
  take(reader, mrc_at::start, header.start);
  take(reader, mrc_at::grid, header.grid);
  take(reader, mrc_at::cell, header.cell);
  take(reader, mrc_at::angles, header.angles);
  take(reader, mrc_at::axes, header.axes);
  take(reader, mrc_at::density, header.smallest);
  header.largest = reader.read<float>();
  header.mean = reader.read<float>();
  take(reader, mrc_at::space_group, header.space_group);
  take(reader, mrc_at::extended, header.extended_bytes);
  header.extended_type = text_at(reader, mrc_at::extended_type, 4);
  header.extended_type.erase(
      std::min(header.extended_type.find_last_not_of(std::string_view(" \0", 2)) + 1, 4UL));
  take(reader, mrc_at::version, header.version);
  take(reader, mrc_at::integers, header.integers);
  take(reader, mrc_at::reals, header.reals);
  take(reader, mrc_at::imod_stamp, header.imod_stamp);
  take(reader, mrc_at::imod_flags, header.imod_flags);
  take(reader, mrc_at::origin, header.origin);
  header.map = text_at(reader, mrc_at::map, 4);
  for (std::uint8_t& byte : header.machine) byte = reader.read<std::uint8_t>();
  take(reader, mrc_at::rms, header.rms);
  take(reader, mrc_at::label_count, header.label_count);
  for (std::string& label : header.labels) label = reader.text(mrc_label_bytes, "characters");
  return header;
}

std::optional<MrcHeader> find_mrc_header(std::span<const std::byte> head,
                                         const std::filesystem::path& path) {
  if (head.size() < mrc_main_bytes) return std::nullopt;
  const bool big_endian = is_stamp(head, 0x11);
  for (const bool order : {big_endian, !big_endian}) {
    MrcHeader header = parse_mrc_header(head, order, path);
    if (header.is_sane()) return header;
  }
  return std::nullopt;
}

}  // namespace kinema::io
