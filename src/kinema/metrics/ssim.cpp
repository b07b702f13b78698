// Local moments by a separable window: columns first, one output row at a time, then along the row.
// Moments are taken about the reference's mean, so that floats keep their digits.
#include "kinema/metrics/ssim.h"

#include "kinema/base/parallel.h"

#include <array>
#include <cmath>
#include <numeric>
#include <vector>

namespace kinema::metrics {
namespace {

constexpr Index radius = 5;
constexpr Index taps = 2 * radius + 1;
constexpr int moments = 4;  // x, r, x^2 + r^2, x r

std::array<float, taps> window() {
  std::array<float, taps> weights{};
  double sum = 0.0;
  for (Index i = 0; i < taps; ++i) {
    sum += std::exp(-0.5 * std::pow(static_cast<double>(i - radius) / 1.5, 2.0));
  }
  for (Index i = 0; i < taps; ++i) {
    weights[static_cast<std::size_t>(i)] = static_cast<float>(
        std::exp(-0.5 * std::pow(static_cast<double>(i - radius) / 1.5, 2.0)) / sum);
  }
  return weights;
}

using Rows = std::array<std::vector<float>, moments>;

/// Window-weighted sums down the columns of rows [y, y + 11).
void sum_columns(
    Frame image, Frame reference, float centre, Index y, std::span<const float> w, Rows& out) {
  const Index width = image.shape()[1];
  for (auto& row : out) row.assign(static_cast<std::size_t>(width), 0.0F);
  float *sx = out[0].data(), *sr = out[1].data(), *squares = out[2].data(), *cross = out[3].data();
  for (Index i = 0; i < taps; ++i) {
    const float *px = image[y + i].data(), *pr = reference[y + i].data();
    const float weight = w[static_cast<std::size_t>(i)];
    for (Index x = 0; x < width; ++x) {
      const float a = px[x] - centre, b = pr[x] - centre;
      sx[x] += weight * a;
      sr[x] += weight * b;
      squares[x] += weight * (a * a + b * b);
      cross[x] += weight * (a * b);
    }
  }
}

/// Window-weighted sums along a row: (X) -> (X - 10).
void sum_along(std::span<const float> row, std::span<const float> w, std::span<float> out) {
  for (std::size_t x = 0; x < out.size(); ++x) out[x] = w[radius] * row[x + radius];
  for (std::size_t i = 0; i < radius; ++i) {
    const float weight = w[i];
    const float *left = row.data() + i, *right = row.data() + (taps - 1 - i);
    for (std::size_t x = 0; x < out.size(); ++x) out[x] += weight * (left[x] + right[x]);
  }
}

/// Sum of the SSIM map over one row of local moments.
double sum_of_row(const Rows& m, double centre, double c1, double c2) {
  double sum = 0.0;
  for (std::size_t x = 0; x < m[0].size(); ++x) {
    const double dx = m[0][x], dr = m[1][x];
    const double mean_x = dx + centre, mean_r = dr + centre;
    const double variances = m[2][x] - dx * dx - dr * dr;
    const double covariance = m[3][x] - dx * dr;
    sum += (2.0 * mean_x * mean_r + c1) * (2.0 * covariance + c2) /
           ((mean_x * mean_x + mean_r * mean_r + c1) * (variances + c2));
  }
  return sum;
}

double mean_of(Frame frame) {
  double sum = 0.0;
  for (const float value : frame.flat()) sum += value;
  return sum / static_cast<double>(frame.size());
}

}  // namespace

double ssim(Frame image, Frame reference, double peak) {
  require_same_size("ssim", image, reference);
  const auto [height, width] = image.shape();
  if (height < taps || width < taps) {
    throw InputError("ssim: frames of " + std::to_string(height) + " x " + std::to_string(width) +
                     " pixels are smaller than the window of 11 x 11");
  }
  const double c1 = std::pow(0.01 * peak, 2.0), c2 = std::pow(0.03 * peak, 2.0);
  const double centre = static_cast<float>(mean_of(reference));
  const std::array<float, taps> w = window();
  const Index rows = height - 2 * radius, columns = width - 2 * radius, band = 16;
  std::vector<double> sums(static_cast<std::size_t>(rows));
  parallel_for((rows + band - 1) / band, [&](Index i) {
    Rows down, local;
    for (auto& row : local) row.resize(static_cast<std::size_t>(columns));
    for (Index y = i * band; y < std::min(rows, (i + 1) * band); ++y) {
      sum_columns(image, reference, static_cast<float>(centre), y, w, down);
      for (int m = 0; m < moments; ++m) sum_along(down[m], w, local[m]);
      sums[static_cast<std::size_t>(y)] = sum_of_row(local, centre, c1, c2);
    }
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0) /
         static_cast<double>(checked_product(rows, columns));
}

}  // namespace kinema::metrics
