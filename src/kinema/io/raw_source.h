// Frames that lie one after another in a file, as numbers of one type: what is common to NPY and
// the plainest TIFF.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/file.h"

#include <cstdint>

namespace kinema::io {

/// Where the pixels lie and how they are stored.
struct RawLayout {
  std::uint64_t offset = 0;  // of the first pixel in the file
  PixelType stored = PixelType::u8;
  bool swapped = false;        // the other byte order than this machine's
  bool fortran_order = false;  // the frame index runs fastest, then y, then x
};

/// Reverses the bytes of each of the numbers, `bytes_each` long.
void swap_bytes(std::span<std::byte> numbers, Index bytes_each);

/// Throws FileError unless `frames` whole frames lie in the file from `offset` on; says how many
/// do.
void require_whole_frames(const InputFile& file,
                          std::uint64_t offset,
                          const FrameFormat& stored,
                          Index frames);

/// A source over such a file; `format.type` is `layout.stored`.
class RawSource : public MovieSource {
 public:
  RawSource(InputFile file, RawLayout layout, FrameFormat format, Index frames, MovieInfo info);

  FrameFormat format() const override { return format_; }
  std::optional<Index> frames() const override { return frames_; }
  const MovieInfo& info() const override { return info_; }
  void read(Index first, Index count, std::span<std::byte> out) override;

 private:
  void gather(Index first, Index count, std::span<std::byte> out) const;

  InputFile file_;
  RawLayout layout_;
  FrameFormat format_;
  Index frames_;
  MovieInfo info_;
};

}  // namespace kinema::io
