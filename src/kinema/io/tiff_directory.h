// The bones of TIFF 6.0 and BigTIFF: the file's header, and the directories with their tags, read
// without libtiff, so that no damaged directory can surprise it and long stacks open at once.
#pragma once

#include "kinema/base/array.h"
#include "kinema/io/file.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kinema::io {

/// The tags that are read, by their names in the standard and of their makers.
enum class TiffTag : std::uint16_t {
  subfile_type = 254,
  old_subfile_type = 255,
  width = 256,
  height = 257,
  bits_per_sample = 258,
  compression = 259,
  photometric = 262,
  fill_order = 266,
  description = 270,
  make = 271,
  model = 272,
  strip_offsets = 273,
  orientation = 274,
  samples_per_pixel = 277,
  rows_per_strip = 278,
  strip_byte_counts = 279,
  x_resolution = 282,
  y_resolution = 283,
  planar = 284,
  t4_options = 292,
  t6_options = 293,
  resolution_unit = 296,
  software = 305,
  date_time = 306,
  artist = 315,
  predictor = 317,
  tile_width = 322,
  tile_height = 323,
  tile_offsets = 324,
  tile_byte_counts = 325,
  extra_samples = 338,
  sample_format = 339,
  jpeg_tables = 347,
  ycbcr_subsampling = 530,
  olympus_sis = 33560,
  zeiss = 34118,
  fei_sfeg = 34680,
  fei_titan = 34682,
  tvips = 37706,
  imagej_counts = 50838,
  imagej_data = 50839,
  dm_unit_x = 65003,
  dm_unit_y = 65004,
  dm_unit_z = 65005,
  dm_origin_x = 65006,
  dm_origin_y = 65007,
  dm_origin_z = 65008,
  dm_scale_x = 65009,
  dm_scale_y = 65010,
  dm_scale_z = 65011,
  dm_intensity_unit = 65022,
  dm_intensity_origin = 65024,
  dm_intensity_scale = 65025
};

struct TiffHeader {
  std::endian order = std::endian::little;
  bool big = false;  // BigTIFF
  std::uint64_t first_directory = 0;
};

/// Throws FileError where the file is no TIFF or has no directory.
TiffHeader read_tiff_header(const InputFile& file);

/// One tag and where its values lie in the file.
struct TiffEntry {
  std::uint16_t tag = 0, type = 0;
  std::uint64_t count = 0, place = 0;
};

/// A directory. Its values are fetched when they are asked for.
class TiffDirectory {
 public:
  /// Reads the entries at `place` of the file's `index`th directory; `file` must outlive this.
  /// Throws FileError where they do not lie in the file.
  TiffDirectory(const InputFile& file, const TiffHeader& header, std::uint64_t place, Index index);

  static constexpr std::size_t usual_text = 1 << 16;

  /// For errors: "directory 5 (the 5 before it are whole)".
  std::string name() const;
  std::uint64_t place() const { return place_; }
  std::uint64_t next() const { return next_; }  // 0 behind the last
  const TiffHeader& header() const { return header_; }
  const InputFile& file() const { return *file_; }
  const std::vector<TiffEntry>& entries() const { return entries_; }
  bool has(TiffTag tag) const { return find(tag) != nullptr; }
  const TiffEntry* find(TiffTag tag) const;

  /// The first of a tag's whole numbers.
  std::uint64_t number(TiffTag tag, std::uint64_t fallback) const;
  /// All of them, none where the tag is absent; FileError where there are more than `most` or they
  /// are no whole numbers.
  std::vector<std::uint64_t> numbers(TiffTag tag, std::uint64_t most) const;
  /// The first numbers of any kind, at most `most`; none where there are none to read.
  std::vector<double> reals(const TiffEntry& entry, std::size_t most) const;
  std::optional<double> real(TiffTag tag) const;
  /// A text as UTF-8 (other bytes are taken as Latin-1) up to its first NUL, at most `most` bytes
  /// of it; empty where there is none.
  std::string text(TiffTag tag, std::size_t most = usual_text) const;
  std::string text(const TiffEntry& entry, std::size_t most = usual_text) const;
  /// The bytes of a tag; none where it is absent, beyond the file or longer than `most`.
  std::vector<std::byte> bytes(TiffTag tag, std::size_t most) const;

 private:
  /// Bytes of an entry's values, from the block read already where they lie in it.
  std::vector<std::byte> raw(const TiffEntry& entry, std::uint64_t bytes) const;
  bool lies_in_file(const TiffEntry& entry) const;

  const InputFile* file_;
  TiffHeader header_;
  Index index_ = 0;
  std::uint64_t place_ = 0, next_ = 0;
  std::vector<TiffEntry> entries_;
  std::vector<std::byte> block_;  // what was read from place_ on
};

/// As TiffDirectory::name().
std::string tiff_directory_name(Index index);

}  // namespace kinema::io
