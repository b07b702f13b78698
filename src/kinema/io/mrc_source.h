// The frames of an MRC file: as they lie there, or made whole numbers of their own.
#pragma once

#include "kinema/base/options.h"
#include "kinema/data/movie_source.h"
#include "kinema/io/file.h"
#include "kinema/io/mrc_header.h"

namespace kinema::io {

/// A source over a file whose header was read. `format.type` is the mode's own type, or u8 over
/// mode 6 for 8-bit numbers that were held wider, u8 over mode 101, c64 over mode 3. `side_car`
/// goes into metadata() beside the headers where it is not empty.
class MrcSource : public MovieSource {
 public:
  MrcSource(InputFile file, MrcHeader header, FrameFormat format, MovieInfo info, Json side_car);

  FrameFormat format() const override { return format_; }
  std::optional<Index> frames() const override { return header_.size[2]; }
  const MovieInfo& info() const override { return info_; }
  void read(Index first, Index count, std::span<std::byte> out) override;
  Json metadata() const override;

 private:
  /// Bytes of a frame in the file.
  Index stored_bytes() const;
  void read_stored(Index first, std::span<std::byte> out) const;
  void convert(Index frame, std::span<const std::byte> stored, std::span<std::byte> out) const;

  InputFile file_;
  MrcHeader header_;
  const MrcMode& mode_;
  FrameFormat format_;
  MovieInfo info_;
  Json side_car_;
};

/// The label by which kinema marks 8-bit numbers that it held as 16 bits.
inline constexpr char mrc_narrowed_label[] =
    "kinema: 8-bit numbers (uint8) held as 16 bits (mode 6)";

/// Whether the pixels are such: by the label, as long as the densities are within 0 to 255.
bool is_narrowed(const MrcHeader& header);

/// The fields of the main header by their names, with the labels that hold text.
Json mrc_header_tree(const MrcHeader& header);

}  // namespace kinema::io
