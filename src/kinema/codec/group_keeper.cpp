// Block means, and how much they change from frame to frame.
#include "kinema/codec/group_keeper.h"

#include "kinema/base/parallel.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace kinema::codec {
namespace {

constexpr Index block = 16, sampled_rows = 4;
constexpr double few_electrons = 0.1;  // a pixel and frame
constexpr std::size_t remembered = 64;

// A break changes blocks by much more than noise does, than frames did lately, and by as much as
// the scene itself varies from place to place.
constexpr double times_noise = 25.0, times_usual = 16.0, times_scene = 0.25;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The sum of up to 16 pixels.
template <class T>
double sum_of(const T* pixels, Index count) {
  using Sum = std::conditional_t<std::is_integral_v<T>, std::int64_t, double>;
  Sum sum = 0;
  if (count == block) {
    for (Index x = 0; x < block; ++x) sum += static_cast<Sum>(pixels[x]);
  } else {
    for (Index x = 0; x < count; ++x) sum += static_cast<Sum>(pixels[x]);
  }
  return static_cast<double>(sum);
}

}  // namespace

GroupKeeper::GroupKeeper(const Coding& coding, const FrameFormat& recorded, PixelType type)
    : coding_(coding), recorded_(recorded), type_(type) {
  if (coding.is_exact()) coding_ = Coding::exact();
  if (coding.mode == EncodeMode::events && is_float(recorded.type)) {
    throw InputError("encode: pixels of type " + to_text(recorded.type) +
                     " are no counts of electrons; use --mode lossless, or convert the movie to "
                     "uint8 or uint16 first if it holds whole numbers");
  }
  if (coding.audit < 0) throw InputError("encode: audit must be 0 or more groups");
  if (recorded.type != PixelType::f64) return;
  if (coding.is_lossless() || coding.audit > 0) {
    throw InputError(
        "encode: pixels of type float64 are not kept lossless; convert the movie to float32 first");
  }
  coding_.mode = EncodeMode::coded;
  coding_.keep_breaks = false;
}

bool GroupKeeper::keeps(const std::byte* frames, Index count, const NoiseModel& noise) {
  if (coding_.is_lossless()) return true;
  if (coding_.mode == EncodeMode::coded && !coding_.keep_breaks) return false;
  std::vector<Blocks> blocks(static_cast<std::size_t>(count));
  parallel_for(count, [&](Index t) {
    blocks[static_cast<std::size_t>(t)] =
        blocks_of(frames + t * recorded_.pixels() * bytes_of(type_));
  });
  double mean = 0.0;
  for (const Blocks& of_frame : blocks) mean += of_frame.mean / static_cast<double>(count);
  const bool counts = !is_float(recorded_.type) && noise.gain > 0.0 && mean >= 0.0;
  if (coding_.mode == EncodeMode::automatic && counts && mean / noise.gain < few_electrons) {
    return true;
  }
  return coding_.keep_breaks && breaks(blocks, noise);
}

GroupKeeper::Blocks GroupKeeper::blocks_of(const std::byte* frame) const {
  const Index height = recorded_.height, width = recorded_.width;
  const Index rows = (height + block - 1) / block, columns = (width + block - 1) / block;
  std::vector<double> sums(static_cast<std::size_t>(rows * columns)), counts(sums.size());
  with_pixel_type(type_, [&](auto zero) {
    using T = decltype(zero);
    const T* pixels = reinterpret_cast<const T*>(frame);
    for (Index y = 0; y < height; y += sampled_rows) {
      for (Index x0 = 0; x0 < width; x0 += block) {
        const Index size = std::min(block, width - x0);
        const auto at = static_cast<std::size_t>(y / block * columns + x0 / block);
        sums[at] += sum_of(pixels + y * width + x0, size);
        counts[at] += static_cast<double>(size);
      }
    }
  });
  Blocks blocks;
  double squares = 0.0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    blocks.means.push_back(sums[i] / counts[i]);
    blocks.mean += blocks.means.back();
    squares += blocks.means.back() * blocks.means.back();
  }
  const auto all = static_cast<double>(sums.size());
  blocks.mean /= all;
  blocks.variance = std::max(0.0, squares / all - blocks.mean * blocks.mean);
  return blocks;
}

/// Also remembers how much frames usually change.
bool GroupKeeper::breaks(const std::vector<Blocks>& frames, const NoiseModel& noise) {
  const double noise_of_block =
      2.0 * noise.variance(frames[0].mean) / static_cast<double>(block * block / sampled_rows);
  std::vector<double> changes;
  bool far = false;
  for (std::size_t t = 1; t < frames.size(); ++t) {
    double squares = 0.0;
    for (std::size_t i = 0; i < frames[t].means.size(); ++i) {
      const double change = frames[t].means[i] - frames[t - 1].means[i];
      squares += change * change;
    }
    changes.push_back(squares / static_cast<double>(frames[t].means.size()));
    const double scene = std::max(frames[t].variance, frames[t - 1].variance);
    const double bound = std::max(times_noise * noise_of_block, times_scene * scene);
    far = far || (changes.back() > bound && changes.back() > 0.0);
  }
  if (changes.empty()) return false;
  std::vector<double> usual(changes_.begin(), changes_.end());
  usual.insert(usual.end(), changes.begin(), changes.end());
  const double most = *std::max_element(changes.begin(), changes.end());
  for (const double change : changes) {
    changes_.push_back(change);
    if (changes_.size() > remembered) changes_.pop_front();
  }
  return far && most > times_usual * median(usual);
}

}  // namespace kinema::codec
