// Grey levels by percentiles, weights by the noise.
#include "kinema/codec/weights.h"

#include "kinema/codec/quantise.h"
#include "kinema/restore/noise.h"

#include <algorithm>
#include <cmath>

namespace kinema::codec {
namespace {

// Weights were chosen on simulated nanocrystals (three speeds, 1 to 30 e/px) and on noise-free
// video; they are relative to the noise where it leads, and to the range of levels elsewhere.
constexpr double noisy_space = 0.09, noisy_time = 0.6;        // times the noise of a pixel
constexpr double exact_space = 0.06, exact_time_ratio = 0.2;  // times the range
constexpr double noise_that_leads = 0.03;                     // of the range
constexpr double most_change = 2.0;  // within a group, over what noise explains

double average(ArrayView<const float, 2> image) {
  double sum = 0.0;
  for (const float value : image.flat()) sum += static_cast<double>(value);
  return sum / static_cast<double>(image.size());
}

}  // namespace

GreyLevels grey_levels(std::vector<float> values) {
  if (values.empty()) return {};
  const auto size = static_cast<Index>(values.size());
  const auto ranked = [&](Index rank) {
    std::nth_element(values.begin(), values.begin() + rank, values.end());
    return static_cast<double>(values[static_cast<std::size_t>(rank)]);
  };
  const double level = ranked(size / 2);
  const double lowest = ranked(0), highest = ranked(size - 1);
  const double range = ranked(size - 1 - size / 1000) - ranked(size / 1000);
  if (range > 1e-9 * (highest - lowest)) return {level, range};
  // Hardly a pixel differs from the others: those that do tell the range.
  return {level, highest > lowest ? highest - lowest : 1.0};
}

Weights choose_weights(const DecodeOptions& options,
                       const std::optional<NoiseModel>& noise,
                       const Group& group,
                       MaskKind masks,
                       ArrayView<const float, 2> mean,
                       const GreyLevels& levels) {
  // Frames that a pixel of a snapshot is open: half of them, with staggered masks all.
  const bool staggered = masks == MaskKind::staggered;
  const double frames = static_cast<double>(group.frames) / static_cast<double>(group.buckets);
  const double open = staggered ? frames : std::max(1.0, 0.5 * frames);
  const NoiseModel model =
      noise ? noise_after(*noise, group, open) : restore::noise_from_mean(mean, open);
  Weights weights;
  weights.noise = std::sqrt(std::max(0.0, model.variance(average(mean))));
  const double sigma = weights.noise / levels.range;
  const bool leads = sigma > noise_that_leads && model.change < most_change;
  weights.noise_aware = sigma > 0.0 && (options.data_step == DataStep::noise_aware ||
                                        (options.data_step == DataStep::automatic && leads));
  weights.space = options.tv_weight     ? *options.tv_weight
                  : weights.noise_aware ? noisy_space * sigma
                                        : exact_space;
  const double time_ratio = weights.noise_aware ? noisy_time / noisy_space : exact_time_ratio;
  weights.time = options.tv == TvKind::space_time ? time_ratio * weights.space : 0.0;
  return weights;
}

}  // namespace kinema::codec
