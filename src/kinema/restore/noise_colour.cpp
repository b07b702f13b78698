// Cosine transforms of differences between frames, block by block.
#include "kinema/restore/noise_colour.h"

#include "kinema/restore/bm3d_kernel.h"
#include "kinema/restore/bm3d_pass.h"

#include <cmath>
#include <numeric>

namespace kinema::restore {
namespace {

constexpr Index blocks_a_side = 48;  // looked at, at most
constexpr double still = 1.05;       // change over some frames, over that between neighbours

using Powers = std::array<double, block_pixels>;

/// Adds half the power of every coefficient of the difference of two frames; how many blocks.
Index add_change(const Array<float, 2>& a, const Array<float, 2>& b, Powers& powers) {
  const auto [height, width] = a.shape();
  const BlockTransform cosine = cosine_transform();
  const Bm3dKernels kernels = bm3d_kernels(best_simd());
  const Index rows = std::min(height / block_edge, blocks_a_side);
  const Index columns = std::min(width / block_edge, blocks_a_side);
  float change[block_pixels], spectrum[block_pixels];
  for (Index i = 0; i < rows * columns; ++i) {
    const Index y0 = (i / columns) * (height / block_edge) / rows * block_edge;
    const Index x0 = (i % columns) * (width / block_edge) / columns * block_edge;
    for (Index p = 0; p < block_pixels; ++p) {
      const Index y = y0 + p / block_edge, x = x0 + p % block_edge;
      change[p] = b(y, x) - a(y, x);
    }
    kernels.transform(change, block_edge, cosine, spectrum);
    for (std::size_t p = 0; p < powers.size(); ++p) powers[p] += 0.5 * spectrum[p] * spectrum[p];
  }
  return rows * columns;
}

}  // namespace

NoiseColour white_noise() {
  NoiseColour colour;
  colour.deviations.fill(1.0F);
  return colour;
}

std::optional<NoiseColour> colour_of(std::span<const Array<float, 2>> frames) {
  if (frames.size() < 4) return std::nullopt;
  Powers near{}, far{};
  Index near_blocks = 0, far_blocks = 0;
  for (std::size_t t = 0; t + 1 < frames.size(); ++t) {
    near_blocks += add_change(frames[t], frames[t + 1], near);
  }
  const std::size_t half = frames.size() / 2;
  for (std::size_t t = 0; t < half; ++t) far_blocks += add_change(frames[t], frames[t + half], far);
  const auto mean = [](const Powers& powers, Index blocks) {
    return std::accumulate(powers.begin(), powers.end(), 0.0) / static_cast<double>(blocks);
  };
  const double changed = mean(near, near_blocks);
  if (!(changed > 0.0) || mean(far, far_blocks) > still * changed) return std::nullopt;
  NoiseColour colour{};
  for (std::size_t k = 0; k < near.size(); ++k) {
    const double power = near[k] / static_cast<double>(near_blocks);
    colour.deviations[k] = static_cast<float>(std::sqrt(power));
  }
  return colour;
}

}  // namespace kinema::restore
