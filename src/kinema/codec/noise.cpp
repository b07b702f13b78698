// Block variances and a robust line through them.
#include "kinema/codec/noise.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace kinema::codec {
namespace {

constexpr Index block = 16;          // pixels a side
constexpr Index blocks_a_side = 12;  // sampled per group
constexpr std::size_t most_samples = 20000;

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

template <class Value>
double variance_of(Value&& value) {
  double sum = 0.0, squares = 0.0;
  for (Index y = 0; y < block; ++y) {
    for (Index x = 0; x < block; ++x) {
      sum += value(y, x);
      squares += value(y, x) * value(y, x);
    }
  }
  const double n = static_cast<double>(block * block);
  return std::max(0.0, squares / n - sum / n * (sum / n)) * n / (n - 1.0);
}

/// Mean over the block's pixels of their variance over `count` frames.
template <class Value>
double mean_variance_in_time(Value&& value, Index count) {
  if (count < 2) return 0.0;
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

/// Line through samples by least squares relative to the fit, with weights that fall for samples
/// above it; gain and read variance are not negative.
template <class Samples>
NoiseModel fit_line(const Samples& samples) {
  const auto median_variance = [&] {
    std::vector<double> variances;
    for (const auto& sample : samples) variances.push_back(sample.variance);
    std::nth_element(variances.begin(),
                     variances.begin() + static_cast<Index>(variances.size() / 2),
                     variances.end());
    return variances[variances.size() / 2];
  }();
  NoiseModel model{0.0, median_variance};
  for (int pass = 0; pass < 12; ++pass) {
    double w = 0, m = 0, v = 0, mm = 0, mv = 0;
    for (const auto& sample : samples) {
      const double expected = std::max(model.variance(sample.mean), 1e-12);
      const double excess = sample.variance / expected - 1.0;
      const double weight =
          (excess > 0.25 ? 0.0625 / (excess * excess) : 1.0) / (expected * expected);
      w += weight;
      m += weight * sample.mean;
      v += weight * sample.variance;
      mm += weight * sample.mean * sample.mean;
      mv += weight * sample.mean * sample.variance;
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
  if (height_ < block || width_ < block || count < 1) return;
  std::vector<Sample> samples;
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
      const Index t = count < 2 ? 0 : i % (count - 1);
      const T* now = pixels + (t * height_ + y0) * width_ + x0;
      const T* next = now + (count < 2 ? 0 : height_ * width_);
      const auto value = [&](Index y, Index x) { return static_cast<double>(now[y * width_ + x]); };
      const auto change = [&](Index y, Index x) {
        return (value(y, x) - static_cast<double>(next[y * width_ + x])) * std::sqrt(0.5);
      };
      double mean = 0.0;
      for (Index y = 0; y < block; ++y) {
        for (Index x = 0; x < block; ++x) mean += value(y, x);
      }
      mean /= static_cast<double>(block * block);
      double variance = mean_square_laplacian(value);
      if (count >= 2)
        variance = std::min({variance, variance_of(change), mean_square_laplacian(change)});
      const T* corner = pixels + y0 * width_ + x0;
      const auto in_time = [&](Index frame, Index y, Index x) {
        return static_cast<double>(corner[(frame * height_ + y) * width_ + x]);
      };
      samples.push_back({mean, variance, mean_variance_in_time(in_time, count)});
    }
  });
  keep(std::move(samples));
}

void NoiseMeter::keep(std::vector<Sample>&& samples) {
  if (samples_.size() + samples.size() > most_samples) return;
  samples_.insert(samples_.end(), samples.begin(), samples.end());
}

NoiseModel NoiseMeter::model() const {
  if (samples_.empty()) return {};
  NoiseModel model = fit_line(samples_);
  double seen = 0.0, explained = 0.0;
  for (const Sample& sample : samples_) {
    if (sample.in_time == 0.0) continue;
    seen += sample.in_time;
    explained += model.variance(sample.mean);
  }
  if (explained > 0.0) model.change = seen / explained;
  return model;
}

NoiseModel noise_from_mean(ArrayView<const float, 2> mean, double open) {
  const auto [height, width] = mean.shape();
  struct Sample {
    double mean, variance;
  };
  std::vector<Sample> samples;
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
  for (const Sample& sample : samples) seen += sample.variance;
  const double all = seen / static_cast<double>(samples.size());
  const auto quiet = static_cast<Index>(samples.size() / 10 + 1);
  std::nth_element(samples.begin(),
                   samples.begin() + quiet - 1,
                   samples.end(),
                   [](const Sample& a, const Sample& b) { return a.variance < b.variance; });
  samples.resize(static_cast<std::size_t>(quiet));
  NoiseModel model = fit_line(samples);
  const double typical = model.variance(samples.back().mean);
  if (typical > 0.0) model.change = all / typical;
  return model;
}

}  // namespace kinema::codec
