// Opening MRC files: what is to be believed of their headers.
#include "kinema/io/mrc.h"

#include "kinema/io/direct_electron.h"
#include "kinema/io/mrc_extended.h"
#include "kinema/io/mrc_source.h"
#include "kinema/io/packed_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace kinema::io {
namespace {

/// Signed or unsigned bytes, with a note of what decided.
PixelType type_of_mode0(const MrcHeader& header, Mode0 mode0, std::vector<std::string>& notes) {
  const auto decided = [&](bool with_sign, const std::string& reason) {
    notes.push_back("mode 0 is read as " + std::string(with_sign ? "signed" : "unsigned") +
                    " 8-bit numbers: " + reason);
    return with_sign ? PixelType::i8 : PixelType::u8;
  };
  if (mode0 != Mode0::automatic) return decided(mode0 == Mode0::with_sign, "the user says so");
  if (header.imod_stamp == mrc_imod_stamp) {
    return decided((header.imod_flags & 1) != 0, "IMOD's flags say so");
  }
  const float smallest = header.smallest, largest = header.largest;
  if (smallest < 0.0F && smallest >= -128.0F && largest <= 127.0F && largest >= smallest) {
    return decided(true, "the header's smallest density is negative");
  }
  if (smallest >= 0.0F && largest > 127.0F && largest <= 255.0F) {
    return decided(false, "the header's largest density is above 127");
  }
  return decided(true, "the standard says so; --mode0 unsigned reads them the other way");
}

PixelType type_of(const MrcHeader& header, Mode0 mode0, std::vector<std::string>& notes) {
  const MrcMode& mode = *find_mrc_mode(header.mode);
  if (header.mode == 0) return type_of_mode0(header, mode0, notes);
  if (mode.count == 2) return PixelType::c64;
  if (mode.count == 3) return PixelType::rgb;
  return is_narrowed(header) ? PixelType::u8 : mode.number;
}

/// The axis of the cell (0, 1, 2 = x, y, z) that file axis `axis` (columns, rows, sections) is.
std::size_t cell_axis(const MrcHeader& header, std::size_t axis) {
  const std::int32_t along = header.axes[axis];
  return along > 0 ? static_cast<std::size_t>(along - 1) : axis;
}

/// Edge of a pixel along a file axis, in angstrom; 0 where undefined.
double pixel_edge(const MrcHeader& header, std::size_t axis) {
  const std::size_t along = cell_axis(header, axis);
  const std::int32_t intervals = header.grid[along];
  const double cell = header.cell[along];
  return intervals > 0 && std::isfinite(cell) ? rounded(cell / intervals, 7) : 0.0;
}

bool is_volume(const MrcHeader& header) {
  return header.size[2] > 1 && header.space_group >= 1;
}

void note_oddities(const MrcHeader& header, std::vector<std::string>& notes) {
  if (!header.has_map_mark()) {
    notes.emplace_back("the mark 'MAP ' is missing; known by its sizes, mode and axes");
  }
  if (header.contradicts_stamp()) {
    notes.emplace_back(std::string("the machine stamp is wrong: the header makes sense only ") +
                       (header.is_big_endian() ? "big-endian" : "little-endian"));
  }
  const auto& [columns, rows, sections] = header.axes;
  if (!(columns == 1 && rows == 2) && !(columns == 0 && rows == 0)) {
    notes.push_back("the file's columns, rows and sections are axes " + std::to_string(columns) +
                    ", " + std::to_string(rows) + ", " + std::to_string(sections) +
                    " of the map; they are taken as x, y and frames");
  }
  if (header.is_volume_stack() && header.grid[2] > 0) {
    notes.push_back("the header calls this a stack of volumes of " +
                    std::to_string(header.grid[2]) + " sections each (ISPG " +
                    std::to_string(header.space_group) + "); all sections are taken as frames");
  } else if (is_volume(header)) {
    notes.push_back("the header calls this a volume (ISPG " + std::to_string(header.space_group) +
                    "); its sections are taken as frames");
  }
}

/// The axes as the header means them; steps only where the edge is known.
std::vector<Axis> axes_of(const MrcHeader& header, bool has_size) {
  constexpr const char* letters[] = {"x", "y", "z"};
  const auto axis_of = [&](std::size_t axis, std::string name, Index size) {
    const double edge = has_size ? pixel_edge(header, axis) : 0.0;
    return Axis{std::move(name), size, edge, 0.0, edge > 0.0 ? "A" : ""};
  };
  std::vector<Axis> axes;
  const Index sections = header.size[2], each = header.grid[2];
  const bool is_stack = header.is_volume_stack() && each > 0 && sections % each == 0;
  if (is_stack) axes.push_back({"volume", sections / each, 0.0, 0.0, ""});
  if (is_stack || is_volume(header)) {
    axes.push_back(axis_of(2, letters[cell_axis(header, 2)], is_stack ? each : sections));
    axes.push_back(axis_of(1, letters[cell_axis(header, 1)], header.size[1]));
    axes.push_back(axis_of(0, letters[cell_axis(header, 0)], header.size[0]));
  } else {
    axes.push_back({"section", sections, 0.0, 0.0, ""});
    axes.push_back(axis_of(1, "y", header.size[1]));
    axes.push_back(axis_of(0, "x", header.size[0]));
  }
  return axes;
}

/// Throws FileError unless the extended header and all frames are there.
void require_whole(const InputFile& file, const MrcHeader& header, Index frame_bytes) {
  const std::uint64_t offset = mrc_pixels_at(header);
  if (offset > file.size()) {
    throw FileError(file.path(),
                    mrc_at::extended,
                    "the extended header (NSYMBT) of " + std::to_string(header.extended_bytes) +
                        " bytes is longer than the file");
  }
  const std::uint64_t held = (file.size() - offset) / static_cast<std::uint64_t>(frame_bytes);
  if (std::cmp_greater_equal(held, header.size[2])) return;
  const std::string declared =
      std::to_string(header.size[2]) + " frames of " + std::to_string(header.size[1]) + " x " +
      std::to_string(header.size[0]) + " pixels of mode " + std::to_string(header.mode);
  if (!file.size_is_exact()) {
    throw FileError(file.path(),
                    0,
                    "the header in the packed file declares " + declared +
                        ", more than its bytes can unpack to; refused");
  }
  throw FileError(file.path(),
                  file.size(),
                  "the file ends here, but its header declares " + declared +
                      ", of which it holds " + std::to_string(held) +
                      " whole ones; copy the file again from where it was recorded");
}

void add_extended_facts(const InputFile& file, const MrcHeader& header, MovieInfo& info) {
  if (header.extended_bytes == 0) return;
  const MrcExtendedFacts facts = read_extended_facts(file, header);
  if (facts.is_diffraction) {
    info.pixel_size = {};
    info.notes.emplace_back(
        "the extended header calls this a diffraction pattern; its pixels have no length");
  } else if (!info.pixel_size && facts.pixel_size) {
    set_pixel_size(info, *facts.pixel_size, "header");
  }
  if (facts.frame_time) info.frame_time = {*facts.frame_time, "header"};
  if (facts.voltage) info.voltage = {*facts.voltage, "header"};
  if (!facts.detector.empty()) info.detector = {facts.detector, "header"};
  if (!facts.date.empty()) info.date = {facts.date, "header"};
  if (facts.dose_per_area && info.pixel_size) {
    const double area = info.pixel_size->x.value * info.pixel_size->y.value;
    info.dose = {Dose{rounded(*facts.dose_per_area * area, 12)}, "header"};
  }
  info.notes.insert(info.notes.end(), facts.notes.begin(), facts.notes.end());
}

/// IMOD's other way to hold 4 bits: bytes of two pixels each, of which NX counts the bytes. Such a
/// header is made one of mode 101.
void unfold_half_bytes(MrcHeader& header, std::vector<std::string>& notes) {
  constexpr std::int32_t two_in_a_byte = 16;
  if (header.mode != 0 || header.imod_stamp != mrc_imod_stamp ||
      (header.imod_flags & two_in_a_byte) == 0) {
    return;
  }
  header.mode = 101;
  header.size[0] *= 2;  // the edge of a pixel stays CELLA / MX
  notes.emplace_back("bytes of mode 0 are read as two 4-bit numbers each: IMOD's flags say so");
}

bool has_map_mark(std::span<const std::byte> head) {
  return head.size() >= mrc_main_bytes && std::memcmp(head.data() + mrc_at::map, "MAP", 3) == 0;
}

std::string text_of(const std::array<std::int32_t, 3>& numbers) {
  return std::to_string(numbers[0]) + ", " + std::to_string(numbers[1]) + ", " +
         std::to_string(numbers[2]);
}

/// Names the field that makes no sense; `head` is one in which find_mrc_header() finds nothing.
[[noreturn]] void refuse_header(std::span<const std::byte> head,
                                const std::filesystem::path& path) {
  constexpr auto big_endian_stamp = std::byte{0x11};
  if (!has_map_mark(head)) {
    throw FileError(path, 0, "this is no MRC header of 1024 bytes in either byte order");
  }
  const MrcHeader header = parse_mrc_header(head, head[mrc_at::machine] == big_endian_stamp, path);
  if (find_mrc_mode(header.mode) == nullptr) {
    throw FileError(path,
                    mrc_at::mode,
                    "MODE is " + std::to_string(header.mode) +
                        "; kinema reads 0, 1, 2, 3, 4, 6, 12, 16 and 101: save the movie in one "
                        "of them");
  }
  if (header.extended_bytes < 0) {
    throw FileError(path,
                    mrc_at::extended,
                    "the length of the extended header (NSYMBT) is " +
                        std::to_string(header.extended_bytes) + "; copy the file again");
  }
  throw FileError(path,
                  mrc_at::size,
                  "NX, NY, NZ are " + text_of(header.size) + " and MAPC, MAPR, MAPS " +
                      text_of(header.axes) +
                      ", which no movie has; copy the file again from where it was recorded");
}

std::unique_ptr<MovieSource> open_content(InputFile file, const ReadOptions& options) {
  std::optional<MrcHeader> header = find_mrc_header(file.head(mrc_main_bytes), file.path());
  if (!header) refuse_header(file.head(mrc_main_bytes), file.path());
  MovieInfo info;
  if (options.mode0 == Mode0::automatic) unfold_half_bytes(*header, info.notes);
  const PixelType type = type_of(*header, options.mode0, info.notes);
  const FrameFormat format{type, header->size[1], header->size[0]};
  const Index frame_bytes =
      checked_product(find_mrc_mode(header->mode)->row_bytes(format.width), format.height);
  checked_product(std::max(frame_bytes, format.bytes()), Index{header->size[2]});
  require_whole(file, *header, frame_bytes);
  const std::uint64_t end =
      mrc_pixels_at(*header) + static_cast<std::uint64_t>(frame_bytes * header->size[2]);
  if (file.size_is_exact() && end < file.size()) {
    info.notes.push_back(std::to_string(file.size() - end) +
                         " bytes follow the last frame and are ignored");
  }
  note_oddities(*header, info.notes);
  set_pixel_size(info, {{pixel_edge(*header, 0)}, {pixel_edge(*header, 1)}}, "header");
  const bool has_size = info.pixel_size.has_value();
  add_extended_facts(file, *header, info);
  info.axes = axes_of(*header, has_size && info.pixel_size.has_value());
  Json side_car = add_direct_electron_facts(file.path(), format, header->size[2], info);
  return std::make_unique<MrcSource>(
      std::move(file), *header, format, std::move(info), std::move(side_car));
}

}  // namespace

bool is_mrc(std::span<const std::byte> head) {
  if (has_map_mark(head)) return true;  // sane or not: open_mrc() says what is wrong
  const std::optional<MrcHeader> header = find_mrc_header(head);
  if (!header) return false;
  // Older files lack the mark: then the axes must be a permutation, or all left at 0.
  const auto& [columns, rows, sections] = header->axes;
  return (columns == 0 && rows == 0 && sections == 0) ||
         (columns * rows * sections == 6 && columns + rows + sections == 6);
}

std::unique_ptr<MovieSource> open_mrc(const std::filesystem::path& path,
                                      const ReadOptions& options) {
  return open_content(InputFile(path), options);
}

bool is_packed_mrc(std::span<const std::byte> head) {
  return packing_of(head).has_value();
}

std::unique_ptr<MovieSource> open_packed_mrc(const std::filesystem::path& path,
                                             const ReadOptions& options) {
  InputFile file = unpacked(path);
  if (!is_mrc(file.head(mrc_main_bytes))) {
    throw InputError(path.string() +
                     ": is a packed file (gzip, bzip2 or zstd), but what is in it "
                     "is no MRC movie; unpack it and give what comes out");
  }
  return open_content(std::move(file), options);
}

}  // namespace kinema::io
