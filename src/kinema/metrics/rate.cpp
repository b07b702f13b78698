// Bits on disk over pixels.
#include "kinema/metrics/rate.h"

namespace kinema::metrics {

Rate rate_of(std::uint64_t bytes, Index pixels) {
  if (bytes == 0 || pixels <= 0) {
    throw InputError("rate: " + std::to_string(bytes) + " bytes for " + std::to_string(pixels) +
                     " pixels is no rate; both must be 1 or more");
  }
  const double bits = 8.0 * static_cast<double>(bytes) / static_cast<double>(pixels);
  return {bytes, bits, 8.0 / bits, 16.0 / bits};
}

}  // namespace kinema::metrics
