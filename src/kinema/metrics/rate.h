// The rate of a compressed movie in true bits: what lies on disk, all of it counted.
#pragma once

#include "kinema/base/array.h"

#include <cstdint>

namespace kinema::metrics {

struct Rate {
  std::uint64_t bytes = 0;      // on disk
  double bits_per_pixel = 0.0;  // of the movie
  double ratio_8bit = 0.0;      // against 8 bits a pixel
  double ratio_16bit = 0.0;     // against 16 bits a pixel
};

/// The rate of `bytes` on disk for a movie of `pixels` pixels in all its frames. Throws InputError
/// where either is 0.
Rate rate_of(std::uint64_t bytes, Index pixels);

}  // namespace kinema::metrics
