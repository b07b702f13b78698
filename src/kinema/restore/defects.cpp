// Excess over the neighbours, judged by what neighbours differ by over the whole frame.
#include "kinema/restore/defects.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace kinema::restore {
namespace {

struct Range {
  double least = std::numeric_limits<double>::max(), most = std::numeric_limits<double>::lowest();
};

/// Least and most among the 8 neighbours; the second of each, so that two bad pixels side by side
/// do not excuse each other.
Range range_around(const Array<double, 2>& values, Index y, Index x) {
  const auto [height, width] = values.shape();
  double found[8];
  int count = 0;
  for (Index v = std::max<Index>(0, y - 1); v <= std::min(height - 1, y + 1); ++v) {
    for (Index u = std::max<Index>(0, x - 1); u <= std::min(width - 1, x + 1); ++u) {
      if (v != y || u != x) found[count++] = values(v, u);
    }
  }
  std::sort(found, found + count);
  if (count < 3) return {found[0], found[count - 1]};
  return {found[1], found[count - 2]};
}

/// How far each value lies above (positive) or below (negative) its neighbours; 0 among them.
Array<double, 2> excess_of(const Array<double, 2>& values) {
  Array<double, 2> excess(values.shape());
  for (Index y = 0; y < values.shape()[0]; ++y) {
    for (Index x = 0; x < values.shape()[1]; ++x) {
      const Range around = range_around(values, y, x);
      excess(y, x) =
          std::max(0.0, values(y, x) - around.most) + std::min(0.0, values(y, x) - around.least);
    }
  }
  return excess;
}

/// Median absolute difference between neighbours in a row. Never 0, so that frames without noise
/// show no defects by rounding.
double scale_of(const Array<double, 2>& values) {
  std::vector<double> differences;
  for (Index y = 0; y < values.shape()[0]; ++y) {
    for (Index x = 0; x + 1 < values.shape()[1]; ++x) {
      differences.push_back(std::abs(values(y, x + 1) - values(y, x)));
    }
  }
  if (differences.empty()) return std::numeric_limits<double>::max();
  const auto middle = differences.begin() + static_cast<std::ptrdiff_t>(differences.size() / 2);
  std::nth_element(differences.begin(), middle, differences.end());
  return std::max(*middle, 1e-12);
}

}  // namespace

void PixelStatistics::add(ArrayView<const float, 2> frame) {
  ++frames_;
  const double share = 1.0 / static_cast<double>(frames_);
  for (Index i = 0; i < mean_.size(); ++i) {
    const double before = frame.data()[i] - mean_.data()[i];
    mean_.data()[i] += before * share;
    squares_.data()[i] += before * (frame.data()[i] - mean_.data()[i]);
  }
}

Array<double, 2> PixelStatistics::deviation() const {
  Array<double, 2> deviation(mean_.shape());
  const double count = std::max<double>(1.0, static_cast<double>(frames_ - 1));
  for (Index i = 0; i < deviation.size(); ++i) {
    deviation.data()[i] = std::sqrt(squares_.data()[i] / count);
  }
  return deviation;
}

Defects find_defects(const PixelStatistics& statistics, double threshold) {
  if (statistics.frames() < 2) throw InputError("defects: at least 2 frames are needed");
  const Array<double, 2>& mean = statistics.mean();
  const Array<double, 2> deviation = statistics.deviation();
  const Array<double, 2> above = excess_of(mean), noisier = excess_of(deviation);
  const double bound = threshold * scale_of(mean), noise_bound = threshold * scale_of(deviation);
  Defects defects{Array<std::uint8_t, 2>(mean.shape())};
  for (Index i = 0; i < mean.size(); ++i) {
    const bool stuck = deviation.data()[i] == 0.0 && noisier.data()[i] < 0.0;
    if (above.data()[i] < -bound || (stuck && above.data()[i] <= bound)) {
      ++defects.dead;
    } else if (above.data()[i] > bound) {
      ++defects.hot;
    } else if (noisier.data()[i] > noise_bound) {
      ++defects.noisy;
    } else {
      continue;
    }
    defects.bad.data()[i] = 1;
  }
  return defects;
}

void inpaint(ArrayView<float, 2> frame, const Defects& defects) {
  const auto [height, width] = frame.shape();
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      if (defects.bad(y, x) == 0) continue;
      double sum = 0.0, weights = 0.0;
      for (Index reach = 1; weights == 0.0 && reach < std::max(height, width); ++reach) {
        for (Index v = std::max<Index>(0, y - reach); v <= std::min(height - 1, y + reach); ++v) {
          for (Index u = std::max<Index>(0, x - reach); u <= std::min(width - 1, x + reach); ++u) {
            if (defects.bad(v, u) != 0) continue;
            const auto distance = static_cast<double>((v - y) * (v - y) + (u - x) * (u - x));
            sum += frame(v, u) / distance;
            weights += 1.0 / distance;
          }
        }
      }
      if (weights > 0.0) frame(y, x) = static_cast<float>(sum / weights);
    }
  }
}

}  // namespace kinema::restore
