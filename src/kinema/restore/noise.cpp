// Block variances and a robust line through them.
#include "kinema/restore/noise.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace kinema::restore {
namespace {

constexpr Index block = 16;         // pixels a side
constexpr Index blocks_a_side = 8;  // sampled per group
constexpr std::size_t most_samples = 4096;
constexpr double still = 1.05;  // change over half a group, over that between neighbours

/// Laplacian-like mask 1 -2 1 / -2 4 -2 / 1 -2 1, which cancels planes and ramps (Immerkaer,
/// Computer Vision and Image Understanding 64, 300 (1996)); its squared weights sum to 36.
template <class Value>
double mean_square_laplacian(Value&& value) {
  double sum = 0.0;
  for (Index y = 1; y + 1 < block; ++y) {
    for (Index x = 1; x + 1 < block; ++x) {
      const double high = value(y - 1, x - 1) - 2.0 * value(y - 1, x) + value(y - 1, x + 1) -
                          2.0 * value(y, x - 1) + 4.0 * value(y, x) - 2.0 * value(y, x + 1) +
                          value(y + 1, x - 1) - 2.0 * value(y + 1, x) + value(y + 1, x + 1);
      sum += high * high;
    }
  }
  return sum / static_cast<double>((block - 2) * (block - 2)) / 36.0;
}

/// Over all frames: what chance adds to the mean then goes with what it adds to the variance, as
/// the line through both asks for.
template <class Value>
double mean_of_block(Value&& value, Index count) {
  double sum = 0.0;
  for (Index t = 0; t < count; ++t) {
    for (Index y = 0; y < block; ++y) {
      for (Index x = 0; x < block; ++x) sum += value(t, y, x);
    }
  }
  return sum / static_cast<double>(count * block * block);
}

/// Half the mean square of what a pixel changes over `lag` frames, over all pairs of the group.
template <class Value>
double half_change(Value&& value, Index count, Index lag) {
  double squares = 0.0;
  for (Index t = 0; t + lag < count; ++t) {
    for (Index y = 0; y < block; ++y) {
      for (Index x = 0; x < block; ++x) {
        const double change = value(t + lag, y, x) - value(t, y, x);
        squares += change * change;
      }
    }
  }
  return squares / 2.0 / static_cast<double>((count - lag) * block * block);
}

/// Mean over the block's pixels of their variance over `count` frames.
template <class Value>
double mean_variance_in_time(Value&& value, Index count) {
  double total = 0.0;
  for (Index y = 0; y < block; ++y) {
    for (Index x = 0; x < block; ++x) {
      double sum = 0.0, squares = 0.0;
      for (Index t = 0; t < count; ++t) {
        const double v = value(t, y, x);
        sum += v;
        squares += v * v;
      }
      const double n = static_cast<double>(count);
      total += std::max(0.0, squares - sum * sum / n) / (n - 1.0);
    }
  }
  return total / static_cast<double>(block * block);
}

/// What the Laplacian leaves of frames and of differences of frames, on the mean over several: the
/// lesser where the specimen makes them differ, else, since the lesser of two uncertain numbers is
/// too small, the mean of both.
template <class Value>
double white_noise_of_block(Value&& value, Index count) {
  const Index looks = std::min<Index>(8, std::max<Index>(1, count - 1));
  double spatial = 0.0, temporal = 0.0;
  for (Index look = 0; look < looks; ++look) {
    const Index t = look * (count - 1) / looks;
    spatial += mean_square_laplacian([&](Index y, Index x) { return value(t, y, x); });
    if (count < 2) continue;
    temporal += mean_square_laplacian(
        [&](Index y, Index x) { return (value(t + 1, y, x) - value(t, y, x)) * std::sqrt(0.5); });
  }
  const double lesser = std::min(spatial, temporal), greater = std::max(spatial, temporal);
  const double both = lesser > 0.75 * greater ? (lesser + greater) / 2.0 : lesser;
  return (count < 2 ? spatial : both) / static_cast<double>(looks);
}

/// Line through samples, each a mean and a variance, by least squares relative to the fit, with
/// weights that fall for samples above it; gain and read variance are not negative.
template <class Point>
NoiseModel fit_line(const std::vector<Point>& samples) {
  const auto median_variance = [&] {
    std::vector<double> variances;
    for (const Point& sample : samples) variances.push_back(sample.variance);
    std::nth_element(variances.begin(),
                     variances.begin() + static_cast<Index>(variances.size() / 2),
                     variances.end());
    return variances[variances.size() / 2];
  }();
  NoiseModel model{0.0, median_variance};
  for (int pass = 0; pass < 12; ++pass) {
    double w = 0, m = 0, v = 0, mm = 0, mv = 0;
    for (const Point& sample : samples) {
      const double expected = std::max(model.variance(sample.mean), 1e-12);
      const double excess = sample.variance / expected - 1.0;
      const double weight =
          (excess > 0.25 ? 0.0625 / (excess * excess) : 1.0) / (expected * expected);
      const double mean = std::max(sample.mean, 0.0);  // as NoiseModel takes it
      w += weight;
      m += weight * mean;
      v += weight * sample.variance;
      mm += weight * mean * mean;
      mv += weight * mean * sample.variance;
    }
    const double spread = mm - m * m / w;
    // With hardly any spread of means the line's slope is not known: then the noise is taken as
    // signal-independent.
    double gain = spread > 1e-4 * mm ? (mv - m * v / w) / spread : 0.0;
    double read = (v - gain * m) / w;
    if (gain < 0.0) gain = 0.0, read = v / w;
    if (read < 0.0) read = 0.0, gain = mm > 0.0 ? std::max(0.0, mv / mm) : 0.0;
    model = {gain, read, 1.0};
  }
  return model;
}

}  // namespace

void NoiseMeter::add(PixelType type, const std::byte* frames, Index count) {
  if (height_ < block || width_ < block || count < 1 || samples_.size() >= most_samples) return;
  with_pixel_type(type, [&](auto zero) {
    using T = decltype(zero);
    const T* pixels = reinterpret_cast<const T*>(frames);
    const Index side_y = std::min(blocks_a_side, height_ / block);
    const Index side_x = std::min(blocks_a_side, width_ / block);
    for (Index i = 0; i < side_y * side_x; ++i) {
      const Index y0 =
          (height_ - block) * (i / side_x) / std::max<Index>(1, side_y - 1) * (side_y > 1);
      const Index x0 =
          (width_ - block) * (i % side_x) / std::max<Index>(1, side_x - 1) * (side_x > 1);
      const T* corner = pixels + y0 * width_ + x0;
      const auto value = [&](Index t, Index y, Index x) {
        return static_cast<double>(corner[(t * height_ + y) * width_ + x]);
      };
      const double mean = mean_of_block(value, count);
      const double near = count < 2 ? 0.0 : half_change(value, count, 1);
      samples_.push_back({mean,
                          white_noise_of_block(value, count),
                          near,
                          count < 4 ? near : half_change(value, count, count / 2),
                          count < 2 ? 0.0 : mean_variance_in_time(value, count)});
    }
  });
  fit();
}

/// Where frames far apart differ no more than neighbours do, the specimen rests and all of that is
/// noise, whatever its colour. Elsewhere noise is taken to be white, so as to tell it from motion.
std::vector<NoiseMeter::Point> NoiseMeter::points() const {
  double near = 0.0, far = 0.0;
  for (const Sample& sample : samples_) {
    near += sample.near;
    far += sample.far;
  }
  const bool rests = near > 0.0 && far < still * near;
  std::vector<Point> points;
  for (const Sample& sample : samples_) {
    const double bound = sample.near > 0.0 ? std::min(sample.white, sample.near) : sample.white;
    points.push_back({sample.mean, rests && sample.near > 0.0 ? sample.near : bound});
  }
  return points;
}

void NoiseMeter::fit() {
  model_ = fit_line(points());
  double seen = 0.0, explained = 0.0;
  for (const Sample& sample : samples_) {
    if (sample.in_time == 0.0) continue;
    seen += sample.in_time;
    explained += model_.variance(sample.mean);
  }
  if (explained > 0.0) model_.change = seen / explained;
}

std::optional<CountingNoise> NoiseMeter::counting_noise() const {
  if (samples_.empty()) return std::nullopt;
  std::vector<Point> from_darkest = points();
  double darkest = from_darkest.front().mean;
  for (const Point& point : from_darkest) darkest = std::min(darkest, point.mean);
  for (Point& point : from_darkest) point.mean -= darkest;
  const NoiseModel line = fit_line(from_darkest);
  const double at_zero = line.read_variance - line.gain * darkest;
  if (line.gain > 0.0 && at_zero < 0.0) return CountingNoise{line.gain, -at_zero / line.gain, 0.0};
  return CountingNoise{line.gain, 0.0, std::sqrt(at_zero)};
}

NoiseModel noise_from_mean(ArrayView<const float, 2> mean, double open) {
  const auto [height, width] = mean.shape();
  struct Point {
    double mean, variance;
  };
  std::vector<Point> samples;
  for (Index y0 = 0; y0 + block <= height; y0 += block) {
    for (Index x0 = 0; x0 + block <= width; x0 += block) {
      const auto value = [&](Index y, Index x) {
        return static_cast<double>(mean(y0 + y, x0 + x));
      };
      double level = 0.0;
      for (Index y = 0; y < block; ++y) {
        for (Index x = 0; x < block; ++x) level += value(y, x);
      }
      samples.push_back(
          {level / static_cast<double>(block * block), open * mean_square_laplacian(value)});
    }
  }
  if (samples.empty()) return {};
  // The quietest tenth of the blocks: the others hold moving edges, whose coding looks like noise.
  double seen = 0.0;
  for (const Point& sample : samples) seen += sample.variance;
  const double all = seen / static_cast<double>(samples.size());
  const auto quiet = static_cast<Index>(samples.size() / 10 + 1);
  std::nth_element(samples.begin(),
                   samples.begin() + quiet - 1,
                   samples.end(),
                   [](const Point& a, const Point& b) { return a.variance < b.variance; });
  samples.resize(static_cast<std::size_t>(quiet));
  NoiseModel model = fit_line(samples);
  const double typical = model.variance(samples.back().mean);
  if (typical > 0.0) model.change = all / typical;
  return model;
}

}  // namespace kinema::restore
