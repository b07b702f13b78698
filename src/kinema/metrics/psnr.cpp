// Sums run over rows in parallel and over the rows' sums in order.
#include "kinema/metrics/psnr.h"

#include "kinema/base/parallel.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace kinema::metrics {
namespace {

std::string text_of(const Shape<2>& shape) {
  return std::to_string(shape[0]) + " x " + std::to_string(shape[1]);
}

}  // namespace

void require_same_size(const std::string& who, Frame a, Frame b) {
  if (a.shape() == b.shape()) return;
  throw InputError(who + ": frames of " + text_of(a.shape()) + " and " + text_of(b.shape()) +
                   " pixels (Y, X) cannot be compared; crop one of them");
}

double mean_squared_error(Frame a, Frame b) {
  require_same_size("mean squared error", a, b);
  const auto [height, width] = a.shape();
  std::vector<double> rows(static_cast<std::size_t>(height));
  const Index band = 16;
  parallel_for((height + band - 1) / band, [&](Index i) {
    for (Index y = i * band; y < std::min(height, (i + 1) * band); ++y) {
      const float *p = a[y].data(), *q = b[y].data();
      double sum = 0.0;
      for (Index x = 0; x < width; ++x) {
        const double difference = static_cast<double>(p[x]) - q[x];
        sum += difference * difference;
      }
      rows[static_cast<std::size_t>(y)] = sum;
    }
  });
  return std::accumulate(rows.begin(), rows.end(), 0.0) / static_cast<double>(a.size());
}

double psnr_from(double mean_squared_error, double peak) {
  if (!(mean_squared_error > 0.0)) return std::numeric_limits<double>::infinity();
  return 10.0 * std::log10(peak * peak / mean_squared_error);
}

double psnr(Frame image, Frame reference, double peak) {
  return psnr_from(mean_squared_error(image, reference), peak);
}

Peak peak_of(PixelType recorded, double reference_maximum) {
  if (recorded == PixelType::u8 || recorded == PixelType::i8) {
    return {255.0, "255, for 8-bit input"};
  }
  return {reference_maximum, "the reference's maximum"};
}

}  // namespace kinema::metrics
