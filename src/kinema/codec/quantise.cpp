// Steps as the integral of 1 / width(z), in closed form: straight up to the bend, a square root
// beyond.
#include "kinema/codec/quantise.h"

#include "kinema/base/options.h"
#include "kinema/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <mutex>
#include <type_traits>

namespace kinema::codec {
namespace {

constexpr double most_steps = 1 << 30;
constexpr Index longest_table = 1 << 20;
constexpr Index pixels_a_task = 1 << 16;

/// body(first, last) for parts of [0, pixels), on all threads.
template <class Body>
void for_each_part(Index pixels, const Body& body) {
  parallel_for((pixels + pixels_a_task - 1) / pixels_a_task, [&](Index i) {
    body(i * pixels_a_task, std::min(pixels, (i + 1) * pixels_a_task));
  });
}

template <class T>
struct Extremes {
  T low, high;
};

template <class T>
Extremes<T> extremes_of(const T* values, Index pixels) {
  Extremes<T> all{values[0], values[0]};
  std::mutex mutex;
  for_each_part(pixels, [&](Index first, Index last) {
    T low = values[first], high = low;
    for (Index i = first; i < last; ++i) {
      low = std::min(low, values[i]);
      high = std::max(high, values[i]);
    }
    const std::lock_guard lock(mutex);
    all = {std::min(all.low, low), std::max(all.high, high)};
  });
  return all;
}

/// Values of a function of whole numbers, looked up where hardly more numbers than pixels come.
class Table {
 public:
  template <class Function>
  Table(std::int64_t first, std::int64_t last, Index pixels, const Function& function)
      : first_(first) {
    if (last - first >= std::min(longest_table, pixels)) return;
    for (std::int64_t k = first; k <= last; ++k) {
      values_.push_back(function(k));
    }
  }
  bool empty() const { return values_.empty(); }
  double operator[](std::int64_t k) const { return values_[static_cast<std::size_t>(k - first_)]; }

 private:
  std::int64_t first_;
  std::vector<double> values_;
};

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

Quantiser::Quantiser(const Group& group, const OpenCounts& open, bool whole)
    : step_(group.step), whole_(whole), open_(open) {
  uniform_ = open.fewest == open.most;
  exposure_ = std::max(1.0, 0.5 * (open.fewest + open.most));
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

std::int32_t Quantiser::step_number(double z, bool& fits) const {
  const double step = std::floor(step_at(z) + 0.5);
  fits = fits && std::abs(step) < most_steps;
  return static_cast<std::int32_t>(std::clamp(step, -most_steps, most_steps));
}

template <class T>
bool Quantiser::find_steps(const T* sums, std::int32_t* steps) const {
  if constexpr (std::is_integral_v<T>) {
    if (whole_ && uniform_) {
      const auto [low, high] = extremes_of(sums, open_.pixels);
      bool fits = true;
      const Table table(static_cast<std::int64_t>(low),
                        static_cast<std::int64_t>(high),
                        open_.pixels,
                        [&](std::int64_t z) { return step_number(static_cast<double>(z), fits); });
      if (!table.empty()) {
        for_each_part(open_.pixels, [&](Index first, Index last) {
          for (Index i = first; i < last; ++i) {
            steps[i] = static_cast<std::int32_t>(table[static_cast<std::int64_t>(sums[i])]);
          }
        });
        return fits;
      }
    }
  }
  std::atomic<bool> all_fit = true;
  for_each_part(open_.pixels, [&](Index first, Index last) {
    bool fits = true;
    for (Index i = first; i < last; ++i) {
      const auto y = static_cast<double>(sums[i]);
      const double z = y * exposure_ / std::max<double>(1.0, open_.counts[i]);
      steps[i] = step_number(uniform_ ? y : z, fits);
    }
    if (!fits) all_fit = false;
  });
  return all_fit;
}

bool Quantiser::steps(PixelType type,
                      const std::byte* sums,
                      std::vector<std::int32_t>& steps) const {
  steps.resize(static_cast<std::size_t>(open_.pixels));
  bool fits = true;
  with_pixel_type(type, [&](auto zero) {
    using T = decltype(zero);
    fits = find_steps(reinterpret_cast<const T*>(sums), steps.data());
  });
  return fits;
}

void Quantiser::sums(std::span<const std::int32_t> steps, float* sums) const {
  const auto [low, high] = extremes_of(steps.data(), open_.pixels);
  const Table table(low, high, open_.pixels, [this](std::int64_t step) {
    return middle(static_cast<std::int32_t>(step));
  });
  for_each_part(open_.pixels, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      const std::int32_t step = steps[static_cast<std::size_t>(i)];
      const double z = table.empty() ? middle(step) : table[step];
      sums[i] = static_cast<float>(uniform_ ? z : z * open_.counts[i] / exposure_);
    }
  });
}

double Quantiser::kept_share(std::int32_t step) const {
  const double z = edge(step), w = width(z);
  const double added = whole_ && w <= 1.0 ? 0.0 : w * w / 12.0;
  const double noise = in_noise_ ? sigma_squared(z) : 0.0;
  return noise > 0.0 ? noise / (noise + added) : 1.0;
}

double Quantiser::kept_dose(std::span<const std::int32_t> steps) const {
  constexpr std::size_t sampled = 13;  // every so many pixels
  const auto [low, high] = extremes_of(steps.data(), open_.pixels);
  const Table table(
      low, high, open_.pixels / static_cast<Index>(sampled), [this](std::int64_t step) {
        return kept_share(static_cast<std::int32_t>(step));
      });
  double kept = 0.0, count = 0.0;
  for (std::size_t i = 0; i < steps.size(); i += sampled, count += 1.0) {
    kept += table.empty() ? kept_share(steps[i]) : table[steps[i]];
  }
  return count > 0.0 ? kept / count : 1.0;
}

}  // namespace kinema::codec
