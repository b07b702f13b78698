// Excess over the neighbours, judged by what neighbours differ by over the whole frame.
#include "kinema/restore/defects.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

namespace kinema::restore {
namespace {

/// Least and most among the neighbours that were added, but one: two bad pixels side by side do not
/// excuse each other. Of fewer than three, the very least and most.
class Range {
 public:
  void add(double value) {
    ++count_;
    next_least_ = std::min(next_least_, std::max(value, least_));
    least_ = std::min(least_, value);
    next_most_ = std::max(next_most_, std::min(value, most_));
    most_ = std::max(most_, value);
  }
  double least() const { return count_ < 3 ? least_ : next_least_; }
  double most() const { return count_ < 3 ? most_ : next_most_; }

 private:
  static constexpr double beyond = std::numeric_limits<double>::max();
  int count_ = 0;
  double least_ = beyond, next_least_ = beyond, most_ = -beyond, next_most_ = -beyond;
};

/// Among the 8 neighbours.
Range range_around(const Array<double, 2>& values, Index y, Index x) {
  const auto [height, width] = values.shape();
  Range range;
  for (Index v = std::max<Index>(0, y - 1); v <= std::min(height - 1, y + 1); ++v) {
    for (Index u = std::max<Index>(0, x - 1); u <= std::min(width - 1, x + 1); ++u) {
      if (v != y || u != x) range.add(values(v, u));
    }
  }
  return range;
}

/// How far each value lies above (positive) or below (negative) its neighbours; 0 among them.
Array<double, 2> excess_of(const Array<double, 2>& values) {
  Array<double, 2> excess(values.shape());
  for (Index y = 0; y < values.shape()[0]; ++y) {
    for (Index x = 0; x < values.shape()[1]; ++x) {
      const Range around = range_around(values, y, x);
      excess(y, x) = std::max(0.0, values(y, x) - around.most()) +
                     std::min(0.0, values(y, x) - around.least());
    }
  }
  return excess;
}

/// What neighbours in a row differ by: the median, or what a tenth of them exceeds, scaled as for
/// normal noise, where that is more (half of the frame may be an even background). None where
/// hardly any differ: too few electrons to judge.
std::optional<double> scale_of(const Array<double, 2>& values) {
  std::vector<double> differences;
  for (Index y = 0; y < values.shape()[0]; ++y) {
    for (Index x = 0; x + 1 < values.shape()[1]; ++x) {
      differences.push_back(std::abs(values(y, x + 1) - values(y, x)));
    }
  }
  if (differences.empty()) return std::nullopt;
  const auto quantile = [&](double share) {
    const auto place = differences.begin() +
                       static_cast<std::ptrdiff_t>(share * static_cast<double>(differences.size()));
    std::nth_element(differences.begin(), place, differences.end());
    return *place;
  };
  const double scale = std::max(quantile(0.5), quantile(0.9) * 0.6745 / 1.6449);
  return scale > 0.0 ? std::optional(scale) : std::nullopt;
}

/// Least step between neighbours: what one electron more makes, in movies of few electrons.
double least_step(const Array<double, 2>& values) {
  double least = std::numeric_limits<double>::max();
  for (Index i = 1; i < values.size(); ++i) {
    const double step = std::abs(values.data()[i] - values.data()[i - 1]);
    if (step > 0.0) least = std::min(least, step);
  }
  return least;
}

/// Threshold times the scale; where there is no scale nothing exceeds it.
double bound_of(const Array<double, 2>& values, double threshold) {
  const std::optional<double> scale = scale_of(values);
  return scale ? threshold * *scale : std::numeric_limits<double>::max();
}

/// Whether a pixel without any noise, so much darker and less noisy than its neighbours, did more
/// than miss the few electrons that it was to get: it misses 30 or more.
bool is_no_chance(double darker, double quieter, Index frames) {
  const double missed = static_cast<double>(frames) * darker * darker / (quieter * quieter);
  return darker < 0.0 && missed >= 30.0;
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
  const double bound = std::max(bound_of(mean, threshold), threshold * least_step(mean));
  const double noise_bound = bound_of(deviation, threshold);
  const double darkest = *std::min_element(mean.flat().begin(), mean.flat().end());
  Defects defects{Array<std::uint8_t, 2>(mean.shape())};
  for (Index i = 0; i < mean.size(); ++i) {
    const bool stuck = deviation.data()[i] == 0.0 && noisier.data()[i] < 0.0 &&
                       (mean.data()[i] > darkest ||
                        is_no_chance(above.data()[i], noisier.data()[i], statistics.frames()));
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
