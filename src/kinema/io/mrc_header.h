// The first 1024 bytes of an MRC file as numbers, in whichever byte order they make sense.
// Descriptions: MRC2014 (Cheng et al., 2015, and update 20141); IMOD's mrc_format.txt for its own
// fields.
#pragma once

#include "kinema/data/pixel_type.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kinema::io {

/// Bytes of the main header.
inline constexpr std::size_t mrc_main_bytes = 1024;

/// Byte offsets of the fields, by their names in the standard.
namespace mrc_at {
inline constexpr std::size_t size = 0, mode = 12, start = 16, grid = 28, cell = 40, angles = 52,
                             axes = 64, density = 76, space_group = 88, extended = 92,
                             extended_type = 104, version = 108, integers = 128, reals = 130,
                             imod_stamp = 152, imod_flags = 156, origin = 196, map = 208,
                             machine = 212, rms = 216, label_count = 220, labels = 224;
}  // namespace mrc_at

inline constexpr std::size_t mrc_label_bytes = 80;
inline constexpr std::int32_t mrc_imod_stamp = 1146047817;

/// The fields as they stand. Arrays are columns, rows, sections, or x, y, z.
struct MrcHeader {
  std::array<std::int32_t, 3> size{}, start{}, grid{};
  std::int32_t mode = 0;
  std::array<float, 3> cell{}, angles{};        // angstrom, degree
  std::array<std::int32_t, 3> axes{};           // MAPC, MAPR, MAPS
  float smallest = 0, largest = 0, mean = 0;    // DMIN, DMAX, DMEAN
  std::int32_t space_group = 0;                 // ISPG: 0 images, 1 volume, 401-630 volumes
  std::int32_t extended_bytes = 0;              // NSYMBT
  std::string extended_type;                    // EXTTYP, without blanks at its end
  std::int32_t version = 0;                     // NVERSION
  std::int16_t integers = 0, reals = 0;         // per section of an Agard or SerialEM header
  std::int32_t imod_stamp = 0, imod_flags = 0;  // 1: bytes are signed, 16: they hold two pixels
  std::array<float, 3> origin{};
  std::string map;  // 4 bytes
  std::array<std::uint8_t, 4> machine{};
  float rms = 0;
  std::int32_t label_count = 0;
  std::array<std::string, 10> labels;  // 80 bytes each
  bool swapped = false;                // against this machine's byte order

  bool is_big_endian() const;
  bool has_map_mark() const { return map.starts_with("MAP"); }
  bool has_label(std::string_view text) const;
  /// Volumes stacked along the sections: ISPG 401 to 630.
  bool is_volume_stack() const { return space_group >= 401 && space_group <= 630; }
  /// The stamp names a byte order other than the one in which the header makes sense.
  bool contradicts_stamp() const;
  /// Nothing in it contradicts an MRC file of this byte order.
  bool is_sane() const;
};

/// The header in one byte order, sane or not. `head` has at least 1024 bytes.
MrcHeader parse_mrc_header(std::span<const std::byte> head,
                           bool big_endian,
                           const std::filesystem::path& path);

/// The header in the byte order of its machine stamp (little-endian where that says nothing), or
/// in the other where only that makes sense; none where neither does or the file is too short.
std::optional<MrcHeader> find_mrc_header(std::span<const std::byte> head,
                                         const std::filesystem::path& path = {});

/// With blanks for all that is no printable ASCII, and none at its end.
std::string printable(std::string text);

/// Offset of the first pixel.
std::uint64_t mrc_pixels_at(const MrcHeader& header);

/// How the pixels of a mode lie in the file: as `count` numbers each; `packed` is two in a byte,
/// the left one in its lower half, with rows padded to whole bytes.
struct MrcMode {
  std::int32_t mode;
  PixelType number;
  int count;
  bool packed;
  bool standard;  // in MRC2014, as against IMOD's own

  Index row_bytes(Index width) const {
    return packed ? (width + 1) / 2 : checked_product(width, count * bytes_of(number));
  }
};

/// The mode of that number; null where there is none.
const MrcMode* find_mrc_mode(std::int32_t mode);

}  // namespace kinema::io
