// Steps as the integral of 1 / width(z), in closed form: straight up to the bend, a square root
// beyond.
#include "kinema/codec/quantise.h"

#include "kinema/base/options.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kinema::codec {
namespace {

constexpr double most_steps = 1 << 30;
constexpr Index longest_table = 1 << 20;

}  // namespace

std::string to_text(const Quantise& quantise) {
  if (quantise.step == 0.0) return "none";
  if (!quantise.noise) return shortest_text(quantise.step);
  return quantise.step == 1.0 ? "noise" : "noise/" + shortest_text(1.0 / quantise.step);
}

void from_text(std::string_view text, Quantise& quantise) {
  const std::string_view noise = "noise";
  if (text == "none") {
    quantise = {0.0, false};
  } else if (text == noise) {
    quantise = {};
  } else {
    const bool parts = text.starts_with("noise/");
    double number = 0.0;
    try {
      kinema::from_text(parts ? text.substr(noise.size() + 1) : text, number);
    } catch (const InputError&) {
    }
    if (!(number > 0.0) || number > 1e9) {
      throw InputError(
          "'" + std::string(text) +
          "' is not noise, noise/2 (half its size), none, or a step in recorded units");
    }
    quantise = {parts ? 1.0 / number : number, parts};
  }
}

Group with_step(Group group, const Quantise& quantise, const NoiseModel& noise) {
  if (quantise.noise && !(noise.gain > 0.0) && !(noise.read_variance > 0.0)) return group;
  group.step = quantise.step;
  if (quantise.noise && quantise.step > 0.0) {
    group.gain = noise.gain;
    group.read_variance = noise.read_variance;
  }
  return group;
}

NoiseModel noise_after(const NoiseModel& noise, const Group& group, double open) {
  NoiseModel after = noise;
  if (group.gain > 0.0 || group.read_variance > 0.0) {
    const double grown = group.step * group.step / 12.0;
    after.gain += grown * group.gain;
    after.read_variance += grown * group.read_variance;
  } else {
    after.read_variance += group.step * group.step / 12.0 / std::max(1.0, open);
  }
  return after;
}

Quantiser::Quantiser(const Group& group, const std::uint16_t* open, Index pixels, bool whole)
    : step_(group.step), whole_(whole), open_(open), pixels_(pixels) {
  const auto [fewest, most] = std::minmax_element(open, open + pixels);
  uniform_ = *fewest == *most;
  exposure_ = std::max(1.0, 0.5 * (*fewest + *most));
  in_noise_ = group.gain > 0.0 || group.read_variance > 0.0;
  gain_ = group.gain;
  variance_ = std::max(exposure_ * group.read_variance, 0.25 * group.gain * group.gain);
  least_ = in_noise_ ? step_ * std::sqrt(variance_) : step_;
  if (whole) least_ = std::max(least_, 1.0);
  if (!in_noise_ || gain_ == 0.0) {
    bend_ = std::numeric_limits<double>::infinity();
  } else {
    bend_ = std::max(0.0, (least_ * least_ / (step_ * step_) - variance_) / gain_);
  }
}

double Quantiser::sigma_squared(double z) const {
  return gain_ * std::max(z, 0.0) + variance_;
}

double Quantiser::width(double z) const {
  return z <= bend_ ? least_ : step_ * std::sqrt(sigma_squared(z));
}

double Quantiser::step_at(double z) const {
  if (z <= bend_) return z / least_;
  const double roots = std::sqrt(sigma_squared(z)) - std::sqrt(sigma_squared(bend_));
  return bend_ / least_ + 2.0 / (step_ * gain_) * roots;
}

double Quantiser::edge(double step) const {
  if (step <= bend_ / least_) return step * least_;
  const double root =
      (step - bend_ / least_) * 0.5 * step_ * gain_ + std::sqrt(sigma_squared(bend_));
  return (root * root - variance_) / gain_;
}

double Quantiser::middle(std::int32_t step) const {
  double low = edge(step - 0.5), high = edge(step + 0.5);
  if (whole_ && uniform_) {
    low = std::ceil(low);
    high = std::max(low, std::ceil(high) - 1.0);
  }
  return 0.5 * (low + high);
}

std::optional<std::vector<std::int32_t>> Quantiser::steps(PixelType type,
                                                          const std::byte* sums) const {
  std::vector<std::int32_t> steps(static_cast<std::size_t>(pixels_));
  bool fits = true;
  const auto number = [&](double z) {
    const double step = std::floor(step_at(z) + 0.5);
    fits = fits && std::abs(step) < most_steps;
    return static_cast<std::int32_t>(std::clamp(step, -most_steps, most_steps));
  };
  with_pixel_type(type, [&](auto zero) {
    using T = decltype(zero);
    const T* y = reinterpret_cast<const T*>(sums);
    const auto [low, high] = std::minmax_element(y, y + pixels_);
    const auto first = static_cast<double>(*low), last = static_cast<double>(*high);
    if (whole_ && uniform_ &&
        last - first < static_cast<double>(std::min(longest_table, pixels_))) {
      std::vector<std::int32_t> table;
      for (double z = first; z <= last; z += 1.0) table.push_back(number(z));
      for (std::size_t i = 0; i < steps.size(); ++i) {
        steps[i] = table[static_cast<std::size_t>(static_cast<double>(y[i]) - first)];
      }
      return;
    }
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const double z = static_cast<double>(y[i]) * exposure_ / std::max<double>(1.0, open_[i]);
      steps[i] = number(uniform_ ? static_cast<double>(y[i]) : z);
    }
  });
  if (!fits) return std::nullopt;
  return steps;
}

void Quantiser::sums(std::span<const std::int32_t> steps, float* sums) const {
  const auto [low, high] = std::minmax_element(steps.begin(), steps.end());
  const std::int64_t first = *low, span = std::int64_t{*high} - first + 1;
  std::vector<double> table;
  if (span <= std::min<std::int64_t>(longest_table, pixels_)) {
    for (std::int64_t k = 0; k < span; ++k)
      table.push_back(middle(static_cast<std::int32_t>(first + k)));
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const double z =
        table.empty() ? middle(steps[i]) : table[static_cast<std::size_t>(steps[i] - first)];
    sums[i] = static_cast<float>(uniform_ ? z : z * open_[i] / exposure_);
  }
}

double Quantiser::kept_dose(std::span<const std::int32_t> steps) const {
  constexpr std::size_t sampled = 13;  // every so many pixels
  double kept = 0.0, count = 0.0;
  for (std::size_t i = 0; i < steps.size(); i += sampled, count += 1.0) {
    const double z = edge(steps[i]), w = width(z);
    const double added = whole_ && w <= 1.0 ? 0.0 : w * w / 12.0;
    const double noise = in_noise_ ? sigma_squared(z) : 0.0;
    kept += noise > 0.0 ? noise / (noise + added) : 1.0;
  }
  return count > 0.0 ? kept / count : 1.0;
}

}  // namespace kinema::codec
