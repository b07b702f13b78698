// The MRC header, both ways, and what is to be believed of it.
#include "kinema/io/mrc.h"

#include "kinema/data/provenance.h"
#include "kinema/io/raw_source.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace kinema::io {
namespace {

// Byte offsets of the fields that are used (MRC2014; IMOD's two in its "extra" space).
constexpr std::size_t at_size = 0, at_mode = 12, at_grid = 28, at_cell = 40, at_angles = 52,
                      at_axes = 64, at_density = 76, at_space_group = 88, at_extended = 92,
                      at_version = 108, at_imod_stamp = 152, at_imod_flags = 156, at_map = 208,
                      at_machine = 212, at_rms = 216, at_label_count = 220, at_labels = 224;
constexpr std::int32_t imod_stamp = 1146047817, imod_signed = 1;
constexpr std::size_t label_bytes = 80;
constexpr char narrowed_label[] = "kinema: 8-bit numbers (uint8) held as 16 bits (mode 6)";

/// The first 1024 bytes, read in either byte order.
class Header {
 public:
  Header(std::span<const std::byte> bytes, bool swapped) : swapped_(swapped) {
    std::copy_n(bytes.begin(), bytes_.size(), bytes_.begin());
  }
  std::int32_t integer(std::size_t at) const { return number<std::int32_t>(at); }
  float real(std::size_t at) const { return number<float>(at); }
  bool swapped() const { return swapped_; }
  bool has_label(std::string_view text) const {
    for (std::size_t i = 0; i < 10; ++i) {
      const auto* label =
          reinterpret_cast<const char*>(bytes_.data()) + at_labels + i * label_bytes;
      if (std::string_view(label, label_bytes).starts_with(text)) return true;
    }
    return false;
  }

  /// Nothing in it contradicts an MRC file of this byte order.
  bool is_sane() const {
    constexpr std::int32_t modes[] = {0, 1, 2, 3, 4, 6, 12, 101};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::int32_t size = integer(at_size + 4 * axis);
      if (size <= 0 || size > (1 << 28)) return false;
      const std::int32_t map = integer(at_axes + 4 * axis);
      if (map < 0 || map > 3) return false;
    }
    return integer(at_extended) >= 0 &&
           std::find(std::begin(modes), std::end(modes), integer(at_mode)) != std::end(modes);
  }

 private:
  template <class T>
  T number(std::size_t at) const {
    std::array<std::byte, sizeof(T)> raw;
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at), sizeof(T), raw.begin());
    if (swapped_) std::reverse(raw.begin(), raw.end());
    return std::bit_cast<T>(raw);
  }

  std::array<std::byte, mrc_header_bytes> bytes_;
  bool swapped_;
};

bool has_map_mark(std::span<const std::byte> head) {
  return std::memcmp(head.data() + at_map, "MAP", 3) == 0;
}

/// The header in the byte order of its machine stamp, or in the other where only that makes sense.
std::optional<Header> find_header(std::span<const std::byte> head) {
  if (head.size() < static_cast<std::size_t>(mrc_header_bytes)) return std::nullopt;
  const bool big_endian = head[at_machine] == std::byte{0x11};
  const Header stamped(head, big_endian), other(head, !big_endian);
  if (stamped.is_sane()) return stamped;
  if (other.is_sane()) return other;
  return std::nullopt;
}

/// Pixel type of the mode; for mode 0 with a note of what decided.
PixelType type_of(const Header& header,
                  const std::filesystem::path& path,
                  Mode0 mode0,
                  std::vector<std::string>& notes) {
  switch (header.integer(at_mode)) {
    case 1:
      return PixelType::i16;
    case 2:
      return PixelType::f32;
    case 6:
      return PixelType::u16;
    case 12:
      return PixelType::f16;
    case 0:
      break;
    default:
      throw InputError(path.string() + ": MRC mode " + std::to_string(header.integer(at_mode)) +
                       " (complex or 4-bit numbers) is not a movie that kinema reads; known are "
                       "modes 0, 1, 2, 6 and 12");
  }
  const auto decided = [&](bool with_sign, const std::string& reason) {
    notes.push_back("mode 0 is read as " + std::string(with_sign ? "signed" : "unsigned") +
                    " 8-bit numbers: " + reason);
    return with_sign ? PixelType::i8 : PixelType::u8;
  };
  if (mode0 != Mode0::automatic) return decided(mode0 == Mode0::with_sign, "the user says so");
  if (header.integer(at_imod_stamp) == imod_stamp) {
    return decided((header.integer(at_imod_flags) & imod_signed) != 0, "IMOD's flags say so");
  }
  const float smallest = header.real(at_density), largest = header.real(at_density + 4);
  if (smallest < 0.0F && smallest >= -128.0F && largest <= 127.0F && largest >= smallest) {
    return decided(true, "the header's smallest density is negative");
  }
  if (smallest >= 0.0F && largest > 127.0F && largest <= 255.0F) {
    return decided(false, "the header's largest density is above 127");
  }
  return decided(true, "the standard says so; --mode0 unsigned reads them the other way");
}

/// Rounded to the seven digits that a 32-bit float carries.
double seven_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.7g", value);
  return std::strtod(text, nullptr);
}

/// Edge of a pixel along file axis `axis` (0: columns, 1: rows), in angstrom; 0 where undefined.
double pixel_edge(const Header& header, std::size_t axis) {
  std::int32_t along = header.integer(at_axes + 4 * axis) - 1;  // 0, 1, 2 = x, y, z of the cell
  if (along < 0) along = static_cast<std::int32_t>(axis);
  const auto field = 4 * static_cast<std::size_t>(along);
  const std::int32_t intervals = header.integer(at_grid + field);
  const double cell = header.real(at_cell + field);
  return intervals > 0 && std::isfinite(cell) ? seven_digits(cell / intervals) : 0.0;
}

void note_axes(const Header& header, std::vector<std::string>& notes) {
  const std::int32_t columns = header.integer(at_axes), rows = header.integer(at_axes + 4);
  if ((columns == 1 && rows == 2) || (columns == 0 && rows == 0)) return;
  notes.push_back("the file's columns, rows and sections are axes " + std::to_string(columns) +
                  ", " + std::to_string(rows) + ", " + std::to_string(header.integer(at_axes + 8)) +
                  " of the map; they are taken as x, y and frames");
}

template <class T>
void put(std::vector<std::byte>& header, std::size_t at, T value) {
  std::memcpy(header.data() + at, &value, sizeof value);
}

void put_label(std::vector<std::byte>& header, std::string_view text) {
  std::int32_t count = 0;
  std::memcpy(&count, header.data() + at_label_count, sizeof count);
  std::byte* label = header.data() + at_labels + static_cast<std::size_t>(count) * label_bytes;
  std::fill_n(label, label_bytes, std::byte{' '});
  std::memcpy(label, text.data(), std::min(text.size(), label_bytes));
  put(header, at_label_count, count + 1);
}

std::int32_t mode_of(PixelType stored) {
  switch (stored) {
    case PixelType::i8:
      return 0;
    case PixelType::i16:
      return 1;
    case PixelType::f32:
      return 2;
    case PixelType::u16:
      return 6;
    case PixelType::f16:
      return 12;
    default:
      throw std::logic_error("MRC has no mode for " + to_text(stored));
  }
}

}  // namespace

bool is_mrc(std::span<const std::byte> head) {
  const std::optional<Header> header = find_header(head);
  if (!header) return false;
  if (has_map_mark(head)) return true;
  // Older files lack the mark: then the axes must be a permutation, or all left at 0.
  const std::int32_t columns = header->integer(at_axes), rows = header->integer(at_axes + 4),
                     sections = header->integer(at_axes + 8);
  return (columns == 0 && rows == 0 && sections == 0) ||
         (columns * rows * sections == 6 && columns + rows + sections == 6);
}

std::unique_ptr<MovieSource> open_mrc(const std::filesystem::path& path,
                                      const ReadOptions& options) {
  InputFile file(path);
  const std::optional<Header> header = find_header(file.head(mrc_header_bytes));
  if (!header) throw FileError(path, 0, "this is no MRC header of 1024 bytes in either byte order");

  MovieInfo info;
  const PixelType stored = type_of(*header, path, options.mode0, info.notes);
  const FrameFormat layout{stored, header->integer(at_size + 4), header->integer(at_size)};
  const Index frames = header->integer(at_size + 8);
  const auto offset = static_cast<std::uint64_t>(mrc_header_bytes) +
                      static_cast<std::uint64_t>(header->integer(at_extended));
  if (offset > file.size()) {
    throw FileError(path,
                    at_extended,
                    "the extended header (NSYMBT) of " +
                        std::to_string(header->integer(at_extended)) +
                        " bytes is longer than the file");
  }
  require_whole_frames(file, offset, layout, frames);
  const std::uint64_t end = offset + static_cast<std::uint64_t>(layout.bytes() * frames);
  if (end < file.size()) {
    info.notes.push_back(std::to_string(file.size() - end) +
                         " bytes follow the last frame and are ignored");
  }
  set_pixel_size(info, {{pixel_edge(*header, 0)}, {pixel_edge(*header, 1)}}, "header");
  note_axes(*header, info.notes);

  FrameFormat format = layout;
  if (stored == PixelType::u16 && header->has_label(narrowed_label) &&
      header->real(at_density) >= 0.0F && header->real(at_density + 4) <= 255.0F) {
    format.type = PixelType::u8;
    info.notes.emplace_back("8-bit numbers are held as 16 bits (mode 6)");
  }
  return std::make_unique<RawSource>(std::move(file),
                                     RawLayout{offset, stored, header->swapped()},
                                     format,
                                     frames,
                                     std::move(info));
}

std::optional<PixelType> mrc_stored_type(PixelType type) {
  switch (type) {
    case PixelType::u8:
      return PixelType::u16;
    case PixelType::i8:
    case PixelType::i16:
    case PixelType::u16:
    case PixelType::f16:
    case PixelType::f32:
      return type;
    default:
      return std::nullopt;
  }
}

std::vector<std::byte> make_mrc_header(const FrameFormat& format,
                                       Index frames,
                                       const MovieInfo& info,
                                       const std::optional<DensityStatistics>& statistics) {
  std::vector<std::byte> header(mrc_header_bytes);
  const std::array<Index, 3> size = {format.width, format.height, frames};
  const PixelSize pixel = info.pixel_size.value_or(PixelSize{});
  const std::array<double, 3> edge = {pixel.x.value, pixel.y.value, pixel.x.value};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto extent = static_cast<std::int32_t>(size[axis]);
    put(header, at_size + 4 * axis, extent);
    const std::int32_t intervals = axis < 2 ? extent : 1;  // MZ is 1 in a stack of images
    put(header, at_grid + 4 * axis, intervals);
    put(header, at_cell + 4 * axis, static_cast<float>(edge[axis] * intervals));
    put(header, at_angles + 4 * axis, 90.0F);
    put(header, at_axes + 4 * axis, static_cast<std::int32_t>(axis) + 1);
  }
  put(header, at_mode, mode_of(mrc_stored_type(format.type).value()));
  // Unknown is told by a maximum below the minimum, a mean below both and a negative rms.
  const DensityStatistics density = statistics.value_or(DensityStatistics{0.0, -1.0, -2.0, -1.0});
  put(header, at_density, static_cast<float>(density.smallest));
  put(header, at_density + 4, static_cast<float>(density.largest));
  put(header, at_density + 8, static_cast<float>(density.mean));
  put(header, at_rms, static_cast<float>(density.rms));
  put(header, at_space_group, std::int32_t{0});  // a stack of images, no volume
  put(header, at_version, std::int32_t{20140});
  if (format.type == PixelType::i8) {
    put(header, at_imod_stamp, imod_stamp);
    put(header, at_imod_flags, imod_signed);
  }
  std::memcpy(header.data() + at_map, "MAP ", 4);
  put(header, at_machine, std::int32_t{0x00004444});
  put_label(header, "written by kinema " + version());
  if (format.type == PixelType::u8) put_label(header, narrowed_label);
  return header;
}

}  // namespace kinema::io
