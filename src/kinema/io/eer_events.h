// The electrons of one EER camera frame: a stream of bits as positions in a picture.
//
// Bits are taken from the least significant of each byte on. A code is a run of `skip` bits, the
// number of pixels without an electron, and where that is not all ones, the electron on the pixel
// reached with its place within it: `horizontal` and `vertical` bits, signed, from the pixel's
// centre. Described by H. Guo et al., IUCrJ 7, 860 (2020), and the EER file format documentation.
#pragma once

#include "kinema/data/movie_source.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kinema::io {

/// Bits of the parts of a code.
struct EerCode {
  int skip = 7, horizontal = 2, vertical = 2;
  int sub_pixel() const { return horizontal + vertical; }
  int electron() const { return skip + sub_pixel(); }
  friend bool operator==(const EerCode&, const EerCode&) = default;
};

/// Where electrons are put: pixels of the camera, and into how many parts an edge is divided.
struct EerPicture {
  Index height = 0, width = 0;
  int upsampling_bits = 0;  // 0, 1, 2: whole, half, quarter pixels
};

/// Bytes behind the stream that decode_eer() may look at.
inline constexpr std::size_t eer_padding = 8;

/// How a stream ended: with the last pixel and at most 64 bits to spare; with it but with more to
/// spare, or with its last run missing; or before or beyond it.
enum class EerEnd : std::uint8_t { exact, loose, wrong };

/// Places y * (width << upsampling_bits) + x of all electrons, in the order of the camera's rows.
/// `padded_runs`: full runs too are followed by the bits of a place, as early cameras wrote them.
EerEnd decode_eer(std::span<const std::byte> padded_stream,
                  const EerCode& code,
                  const EerPicture& picture,
                  bool padded_runs,
                  std::vector<std::uint32_t>& places);

}  // namespace kinema::io
