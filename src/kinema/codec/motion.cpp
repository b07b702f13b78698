// Sampled runs of pixels of every part of the view.
#include "kinema/codec/motion.h"

#include "kinema/data/pixel_type.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace kinema::codec {
namespace {

constexpr Index parts = 4, least_edge = 16;       // of the view a side; pixels
constexpr Index sampled_rows = 64, longest = 64;  // runs of a part, pixels of a run

/// Sums over the sampled pixels of a part.
struct PartSums {
  double halves = 0.0;      // squared changes between the means of the halves
  double neighbours = 0.0;  // mean squared changes from frame to frame
  double in_time = 0.0;     // variances over the frames
  double mean = 0.0;
  Index pixels = 0;
};

struct Part {
  Index y = 0, x = 0, height = 0, width = 0;
};

/// One pixel's `values` are `step` apart.
template <class T>
void add_pixel(const T* values, Index count, Index step, PartSums& sums) {
  const Index half = count / 2;
  const auto start = static_cast<double>(values[0]);
  double first = 0.0, last = 0.0, changes = 0.0, sum = 0.0, squares = 0.0, before = start;
  for (Index t = 0; t < count; ++t) {
    const auto value = static_cast<double>(values[t * step]);
    if (t < half) first += value;
    if (t >= count - half) last += value;
    changes += (value - before) * (value - before);
    sum += value - start;
    squares += (value - start) * (value - start);
    before = value;
  }
  const double change = (last - first) / static_cast<double>(half);
  sums.halves += change * change;
  sums.neighbours += changes / static_cast<double>(count - 1);
  const auto n = static_cast<double>(count);
  sums.in_time += std::max(0.0, squares - sum * sum / n) / (n - 1.0);
  sums.mean += start + sum / n;
  ++sums.pixels;
}

/// Runs lie in rows evenly apart, each at another place of its row.
PartSums sums_of(const FrameRun& run, const Part& part) {
  PartSums sums;
  const Index rows = std::min(part.height, sampled_rows), length = std::min(part.width, longest);
  with_pixel_type(run.format.type, [&](auto zero) {
    using T = decltype(zero);
    const T* frames = reinterpret_cast<const T*>(run.frames);
    for (Index i = 0; i < rows; ++i) {
      const Index y = part.y + i * part.height / rows;
      const Index x = part.x + i * 37 % (part.width - length + 1);
      const T* pixels = frames + y * run.format.width + x;
      for (Index j = 0; j < length; ++j) {
        add_pixel(pixels + j, run.count, run.format.pixels(), sums);
      }
    }
  });
  return sums;
}

double motion_of(const PartSums& sums, Index count, const NoiseModel& noise) {
  const auto pixels = static_cast<double>(sums.pixels);
  const double known = noise.variance(sums.mean / pixels);
  double variance = 0.5 * sums.neighbours / pixels;
  if (known > 0.0) variance = std::min(variance, known);
  const double halves = sums.halves / pixels;
  if (halves == 0.0) return 0.0;
  if (variance == 0.0) return std::numeric_limits<double>::infinity();
  return static_cast<double>(count / 2) * halves / (2.0 * variance) - 1.0;
}

std::vector<PartSums> sums_of_parts(const FrameRun& run) {
  const Index rows = std::clamp<Index>(run.format.height / least_edge, 1, parts);
  const Index columns = std::clamp<Index>(run.format.width / least_edge, 1, parts);
  std::vector<PartSums> sums;
  for (Index i = 0; i < rows * columns; ++i) {
    const Index y = i / columns * run.format.height / rows;
    const Index x = i % columns * run.format.width / columns;
    const Part part{y,
                    x,
                    (i / columns + 1) * run.format.height / rows - y,
                    (i % columns + 1) * run.format.width / columns - x};
    sums.push_back(sums_of(run, part));
  }
  return sums;
}

}  // namespace

double motion_within(const FrameRun& run) {
  if (run.count < 2) return 0.0;
  double most = 0.0;
  for (const PartSums& sums : sums_of_parts(run)) {
    most = std::max(most, motion_of(sums, run.count, run.noise));
  }
  return most;
}

AddedVariance added_by_motion(const FrameRun& run) {
  if (run.count < 2) return {};
  double between = 0.0, within = 0.0, explained = 0.0;
  for (const PartSums& sums : sums_of_parts(run)) {
    const auto pixels = static_cast<double>(sums.pixels);
    between += 0.5 * sums.neighbours;
    within += sums.in_time;
    explained += pixels * run.noise.variance(sums.mean / pixels);
  }
  const auto over_noise = [&](double seen) {
    if (seen == 0.0) return 0.0;
    return explained > 0.0 ? seen / explained - 1.0 : std::numeric_limits<double>::infinity();
  };
  return {over_noise(between), over_noise(within)};
}

}  // namespace kinema::codec
