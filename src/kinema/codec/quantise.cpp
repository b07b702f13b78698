// The steps of whole snapshots on all threads; those of a pixel are the core library's.
#include "kinema/codec/quantise.h"

#include "kinema/base/options.h"
#include "kinema/base/parallel.h"
#include "kinema/core/steps.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <type_traits>

namespace kinema::codec {
namespace {

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

Quantiser::Quantiser(const Group& group, const OpenCounts& open, bool whole) : open_(open) {
  kinema_plan_steps(
      &steps_, group.step, group.gain, group.read_variance, whole ? 1 : 0, open.fewest, open.most);
}

template <class T>
bool Quantiser::find_steps(const T* sums, std::int32_t* steps) const {
  if constexpr (std::is_integral_v<T>) {
    if (steps_.whole != 0 && steps_.uniform != 0) {
      const auto [low, high] = extremes_of(sums, open_.pixels);
      bool fits = true;
      const Table table(
          static_cast<std::int64_t>(low),
          static_cast<std::int64_t>(high),
          open_.pixels,
          [&](std::int64_t z) { return core::step_number(steps_, static_cast<double>(z), fits); });
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
    const bool uniform = steps_.uniform != 0;
    for (Index i = first; i < last; ++i) {
      const auto y = static_cast<double>(sums[i]);
      const double z = y * steps_.exposure / std::max<double>(1.0, open_.counts[i]);
      steps[i] = core::step_number(steps_, uniform ? y : z, fits);
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
    return core::middle(steps_, static_cast<std::int32_t>(step));
  });
  for_each_part(open_.pixels, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      const std::int32_t step = steps[static_cast<std::size_t>(i)];
      const double z = table.empty() ? core::middle(steps_, step) : table[step];
      sums[i] = static_cast<float>(steps_.uniform != 0 ? z : z * open_.counts[i] / steps_.exposure);
    }
  });
}

double Quantiser::kept_share(std::int32_t step) const {
  const double z = core::edge(steps_, step), w = core::width(steps_, z);
  const double added = steps_.whole != 0 && w <= 1.0 ? 0.0 : w * w / 12.0;
  const double noise = steps_.in_noise != 0 ? core::variance(steps_, z) : 0.0;
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
