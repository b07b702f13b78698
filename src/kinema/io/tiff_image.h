// How the pixels of one TIFF directory are stored, checked against what the file can hold, and how
// they become pixels of ours.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/tiff_directory.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kinema::io {

/// How the numbers of samples are to be taken (tag SampleFormat).
namespace tiff_samples {
enum Format : std::uint16_t {
  without_sign = 1,
  with_sign = 2,
  floating = 3,
  unknown = 4,
  complex_integer = 5,
  complex_floating = 6
};
}  // namespace tiff_samples

/// Strips and tiles alike are pieces: a strip is a piece as wide as the image.
struct TiffImage {
  FrameFormat format;   // of the frame that is made of it
  std::string refusal;  // why there is none; all else but the numbers of the header is then unset
  std::uint16_t bits = 1, samples = 1, sample_format = 1, compression = 1, photometric = 1;
  std::uint16_t predictor = 1, fill_order = 1;
  bool planar = false;  // every sample in a plane of its own
  bool apart = false;   // every sample is a frame of its own
  Index sample = 0;     // which of them unpack_row() takes; 0 but where they are apart
  bool tiled = false;
  Index piece_width = 0, piece_height = 0;
  std::vector<std::uint64_t> places, counts;     // of the pieces' bytes in the file
  std::uint32_t t4_options = 0, t6_options = 0;  // of fax compressions
  std::vector<std::byte> jpeg_tables;
  std::vector<std::uint64_t> subsampling;  // of JPEG's colours

  Index pieces_across() const { return (format.width + piece_width - 1) / piece_width; }
  Index pieces_down() const { return (format.height + piece_height - 1) / piece_height; }
  Index planes() const { return planar ? samples : 1; }
  /// How many frames the directory holds.
  Index frames() const { return apart ? samples : 1; }
  /// Samples that lie together in a piece.
  Index samples_together() const { return planar ? 1 : samples; }
  /// Bytes of `pixels` pixels of a row as they are stored, padded to whole bytes.
  Index packed_bytes(Index pixels) const {
    return (checked_product(checked_product(pixels, samples_together()), bits) + 7) / 8;
  }
  Index piece_bytes() const { return checked_product(packed_bytes(piece_width), piece_height); }
};

/// Describes the image of a directory. Throws FileError where the directory contradicts itself or
/// the file; what is sound but no pixels of ours is told in `refusal`.
TiffImage read_tiff_image(const TiffDirectory& directory);

/// Where the frame lies in the file just as it is handed out (but for the order of bytes); none
/// where it must be decoded.
std::optional<std::uint64_t> plain_place(const TiffImage& image);

/// Makes `pixels` pixels of the frame from a stored row of plane `plane`; `out` is the place of the
/// first of them. Planes that the frame has nothing of are passed over.
void unpack_row(
    const TiffImage& image, Index plane, const std::byte* packed, Index pixels, std::byte* out);

/// Whether unpack_row() would only copy.
bool is_stored_plainly(const TiffImage& image);

}  // namespace kinema::io
