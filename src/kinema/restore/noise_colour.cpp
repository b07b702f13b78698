// Cosine transforms of differences between frames, block by block.
#include "kinema/restore/noise_colour.h"

#include "kinema/restore/bm3d_kernel.h"
#include "kinema/restore/bm3d_pass.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace kinema::restore {
namespace {

constexpr Index least_blocks = 16;    // in a frame
constexpr Index blocks_a_side = 48;   // looked at, at most
constexpr double still = 1.1;         // change over some frames, over that between neighbours
constexpr float most_flicker = 1.5F;  // of a block's mean, over the lowest frequencies
constexpr float least_share = 0.01F;  // of the lowest frequencies' deviation
constexpr double least_normal = 0.5;  // variance by the median, over that by the upper quartile

constexpr double little = 0.15;  // correlation of noise that counts as none

/// Of the square of a normal number of variance one.
struct Quantile {
  double share, of_square;
};
constexpr Quantile median{0.5, 0.4549}, upper_quartile{0.75, 1.3233};

/// Powers of each coefficient, one a block.
using Powers = std::array<std::vector<float>, block_pixels>;

/// Adds half the power of every coefficient of the difference of two frames, of blocks that begin
/// every `pitch` pixels or, of large frames, every few times as many.
void add_change(const Array<float, 2>& a, const Array<float, 2>& b, Index pitch, Powers& powers) {
  const auto [height, width] = a.shape();
  const BlockTransform cosine = cosine_transform();
  const Bm3dKernels kernels = bm3d_kernels(best_simd());
  const Index rows = std::min(height / pitch, blocks_a_side);
  const Index columns = std::min(width / pitch, blocks_a_side);
  float change[block_pixels], spectrum[block_pixels];
  for (Index i = 0; i < rows * columns; ++i) {
    const Index y0 = (i / columns) * (height / pitch) / rows * pitch;
    const Index x0 = (i % columns) * (width / pitch) / columns * pitch;
    for (Index p = 0; p < block_pixels; ++p) {
      const Index y = y0 + p / block_edge, x = x0 + p % block_edge;
      change[p] = b(y, x) - a(y, x);
    }
    kernels.transform(change, block_edge, cosine, spectrum);
    for (std::size_t k = 0; k < powers.size(); ++k) {
      powers[k].push_back(0.5F * spectrum[k] * spectrum[k]);
    }
  }
}

/// Variance of every coefficient of normal noise, by a quantile over the blocks: those that move do
/// not count, where they are few.
std::array<double, block_pixels> variances_of(Powers& powers, const Quantile& quantile) {
  std::array<double, block_pixels> variances{};
  for (std::size_t k = 0; k < powers.size(); ++k) {
    const auto count = static_cast<double>(powers[k].size());
    const auto place = powers[k].begin() + static_cast<std::ptrdiff_t>(quantile.share * count);
    std::nth_element(powers[k].begin(), place, powers[k].end());
    variances[k] = *place / quantile.of_square;
  }
  return variances;
}

/// What each basis vector adds to the covariance of pixels `lag` apart, mean over their places.
std::array<double, block_edge> products_at(Index lag) {
  const BlockTransform cosine = cosine_transform();
  std::array<double, block_edge> products{};
  for (Index k = 0; k < block_edge; ++k) {
    const float* basis = cosine.basis + k * block_edge;
    double sum = 0.0;
    for (Index x = 0; x + lag < block_edge; ++x) sum += basis[x] * basis[x + lag];
    products[static_cast<std::size_t>(k)] = sum / static_cast<double>(block_edge - lag);
  }
  return products;
}

/// Over all coefficients but the first, in which a beam that flickers is seen.
double sum_of(const std::array<double, block_pixels>& variances) {
  return std::accumulate(variances.begin() + 1, variances.end(), 0.0);
}

/// By blocks that begin every `pitch` pixels.
std::optional<NoiseColour> measured(std::span<const Array<float, 2>> frames, Index pitch) {
  const auto [height, width] = frames[0].shape();
  if (height / pitch * (width / pitch) < least_blocks) return std::nullopt;
  Powers near, far;
  for (std::size_t t = 0; t + 1 < frames.size(); ++t) {
    add_change(frames[t], frames[t + 1], pitch, near);
  }
  const std::size_t half = frames.size() / 2;
  for (std::size_t t = 0; t < half; ++t) add_change(frames[t], frames[t + half], pitch, far);
  const auto variances = variances_of(near, median);
  const double changed = sum_of(variances), later = sum_of(variances_of(far, median));
  const bool is_normal = changed > least_normal * sum_of(variances_of(near, upper_quartile));
  if (!is_normal || later > still * changed) return std::nullopt;
  NoiseColour colour{};
  for (std::size_t k = 0; k < variances.size(); ++k) {
    colour.deviations[k] = static_cast<float>(std::sqrt(variances[k]));
  }
  std::array<float, block_pixels>& deviations = colour.deviations;
  const float lowest = std::max(deviations[1], deviations[block_edge]);
  deviations[0] = std::min(deviations[0], most_flicker * lowest);
  for (float& deviation : deviations) deviation = std::max(deviation, least_share * lowest);
  return colour;
}

}  // namespace

float variance_of(const NoiseColour& noise) {
  float variance = 0.0F;
  for (const float deviation : noise.deviations) variance += deviation * deviation / block_pixels;
  return variance;
}

std::array<double, block_edge> correlation_of(const NoiseColour& noise) {
  std::array<double, block_edge> correlation{};
  const auto still = products_at(0);
  const double variance = variance_of(noise);
  for (Index lag = 0; lag < block_edge; ++lag) {
    const auto moved = products_at(lag);
    double along_y = 0.0, along_x = 0.0;
    for (std::size_t i = 0; i < noise.deviations.size(); ++i) {
      const std::size_t k = i / block_edge, l = i % block_edge;
      const double power = noise.deviations[i] * noise.deviations[i] / variance;
      along_y += power * moved[k] * still[l];
      along_x += power * still[k] * moved[l];
    }
    correlation[static_cast<std::size_t>(lag)] = std::max(along_y, along_x);
  }
  return correlation;
}

Index distance_apart(const NoiseColour& noise) {
  const auto correlation = correlation_of(noise);
  Index apart = 1;
  while (apart < block_edge && correlation[static_cast<std::size_t>(apart)] > little) ++apart;
  return apart;
}

NoiseColour white_noise() {
  NoiseColour colour;
  colour.deviations.fill(1.0F);
  return colour;
}

std::optional<NoiseColour> colour_of(std::span<const Array<float, 2>> frames) {
  if (frames.size() < 4) return std::nullopt;
  const std::optional<NoiseColour> colour = measured(frames, block_edge);
  if (!colour || distance_apart(*colour) == 1) return colour;
  // JPEG leaves blocks that begin where its own do less noise than others.
  const std::optional<NoiseColour> others = measured(frames, block_edge + 1);
  return others ? others : colour;
}

}  // namespace kinema::restore
