// See whitening.h.
#include "kinema/restore/whitening.h"

#include "kinema/base/parallel.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <vector>

namespace kinema::restore {
namespace {

/// Index i of n, mirrored at both ends; less than n beyond them.
Index mirrored(Index i, Index n) {
  return i < 0 ? -1 - i : i < n ? i : 2 * n - 1 - i;
}

}  // namespace

/// One over the deviations, at frequencies of 0 to 7 sixteenths a pixel; the eighth is as the
/// seventh, and negative ones are as positive ones.
Whitening::Whitening(const NoiseColour& noise) {
  const auto wave = [](Index frequency, Index at) {
    const double folds = frequency == 0 || frequency == block_edge ? 1.0 : 2.0;
    return folds * std::cos(std::numbers::pi * static_cast<double>(frequency * at) / block_edge);
  };
  for (Index i = 0; i < (reach + 1) * (reach + 1); ++i) {
    double sum = 0.0;
    for (Index k = 0; k <= block_edge; ++k) {
      for (Index l = 0; l <= block_edge; ++l) {
        const Index place = std::min(k, reach) * block_edge + std::min(l, reach);
        sum += wave(k, i / (reach + 1)) * wave(l, i % (reach + 1)) /
               noise.deviations[static_cast<std::size_t>(place)];
      }
    }
    quarter_[static_cast<std::size_t>(i)] = static_cast<float>(sum / (4 * block_pixels));
  }
}

BlockFrame Whitening::operator()(const BlockFrame& frame) const {
  const Index padded = frame.width + 2 * reach;
  std::vector<float> wide(static_cast<std::size_t>((frame.height + 2 * reach) * padded));
  for (Index y = 0; y < frame.height + 2 * reach; ++y) {
    const float* row = frame.at(mirrored(y - reach, frame.height), 0);
    for (Index x = 0; x < padded; ++x) {
      wide[static_cast<std::size_t>(y * padded + x)] = row[mirrored(x - reach, frame.width)];
    }
  }
  BlockFrame out(frame.height, frame.width);
  parallel_for(frame.height, [&](Index y) {
    float* row = out.pixels.data() + y * frame.width;
    for (Index dy = -reach; dy <= reach; ++dy) {
      for (Index dx = -reach; dx <= reach; ++dx) {
        const auto place = static_cast<std::size_t>(std::abs(dy) * (reach + 1) + std::abs(dx));
        const float weight = quarter_[place];
        const float* from = wide.data() + (y + reach + dy) * padded + reach + dx;
        for (Index x = 0; x < frame.width; ++x) row[x] += weight * from[x];
      }
    }
  });
  return out;
}

}  // namespace kinema::restore
