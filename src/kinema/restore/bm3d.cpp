// Two passes over reference blocks: find alike blocks, filter them together, put them back
// weighted.
#include "kinema/restore/bm3d.h"

#include "kinema/base/parallel.h"
#include "kinema/restore/bm3d_kernel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace kinema::restore {
namespace {

constexpr Index strip_rows = 48;  // of reference blocks, worked on by one thread

/// DCT-II of 8 numbers, orthonormal.
BlockTransform cosine_transform() {
  BlockTransform out{};
  for (Index k = 0; k < block_edge; ++k) {
    const double norm = std::sqrt((k == 0 ? 1.0 : 2.0) / block_edge);
    for (Index x = 0; x < block_edge; ++x) {
      out.basis[k * block_edge + x] = static_cast<float>(
          norm *
          std::cos(std::numbers::pi * static_cast<double>(k * (2 * x + 1)) / (2 * block_edge)));
    }
  }
  return out;
}

/// Kaiser window (beta = 2) over a block: soft seams between overlapping estimates.
std::vector<float> kaiser_window() {
  const auto bessel = [](double x) { return std::cyl_bessel_i(0.0, x); };
  std::vector<float> line(block_edge), window(block_pixels);
  for (Index i = 0; i < block_edge; ++i) {
    const double at = 2.0 * static_cast<double>(i) / (block_edge - 1) - 1.0;
    line[static_cast<std::size_t>(i)] =
        static_cast<float>(bessel(2.0 * std::sqrt(1.0 - at * at)) / bessel(2.0));
  }
  for (std::size_t i = 0; i < window.size(); ++i) {
    window[i] = line[i / block_edge] * line[i % block_edge];
  }
  return window;
}

/// Frames whose rows may be read `distance_lanes` pixels beyond their end.
struct Padded {
  explicit Padded(ArrayView<const float, 3> frames)
      : height(frames.shape()[1]), width(frames.shape()[2]), stride(width + distance_lanes) {
    const Index count = frames.shape()[0];
    pixels.resize(static_cast<std::size_t>(checked_product(count * height + 1, stride)));
    for (Index row = 0; row < count * height; ++row) {
      std::copy_n(frames.data() + row * width, width, pixels.begin() + row * stride);
    }
  }
  const float* at(Index t, Index y, Index x) const {
    return pixels.data() + (t * height + y) * stride + x;
  }
  Index height, width, stride;
  std::vector<float> pixels;
};

struct Place {
  Index t = 0, y = 0, x = 0;
};

struct Match {
  float distance = 0.0F;
  Place place;
};

/// The best `most` matches, nearest first.
class Matches {
 public:
  Matches(Index most, float bound) : most_(static_cast<std::size_t>(most)), bound_(bound) {}
  float worst() const { return found_.size() < most_ ? bound_ : found_.back().distance; }
  void add(const Match& match) {
    if (match.distance >= worst()) return;
    if (found_.size() == most_) found_.pop_back();
    const auto place = std::upper_bound(
        found_.begin(), found_.end(), match.distance, [](float distance, const Match& other) {
          return distance < other.distance;
        });
    found_.insert(place, match);
  }
  void keep_power_of_two() {
    std::size_t count = 1;
    while (2 * count <= found_.size()) count *= 2;
    found_.resize(count);
  }
  const std::vector<Match>& found() const { return found_; }

 private:
  std::size_t most_;
  float bound_;
  std::vector<Match> found_;
};

/// Weighted sums of estimates, for rows [y0, y1) of frames [t0, t1).
struct Sums {
  Index t0 = 0, t1 = 0, y0 = 0, y1 = 0, width = 0;
  std::vector<float> values, weights;

  Sums(Index from_t, Index to_t, Index from_y, Index to_y, Index columns)
      : t0(from_t),
        t1(to_t),
        y0(from_y),
        y1(to_y),
        width(columns),
        values(static_cast<std::size_t>((to_t - from_t) * (to_y - from_y) * columns)),
        weights(values.size()) {}
  std::size_t at(const Place& place) const {
    return static_cast<std::size_t>(((place.t - t0) * (y1 - y0) + place.y - y0) * width + place.x);
  }
};

/// What both passes share; `guide` is null in the first.
class Pass {
 public:
  Pass(const Padded& noisy,
       const Padded* guide,
       Index frames,
       double sigma,
       const Bm3dOptions& options,
       Simd simd)
      : noisy_(noisy),
        guide_(guide),
        frames_(frames),
        sigma_(static_cast<float>(sigma)),
        options_(options),
        kernels_(bm3d_kernels(simd)),
        cosine_(cosine_transform()),
        window_(kaiser_window()) {}

  Array<float, 3> run(Progress& progress) const {
    Sums all(0, frames_, 0, noisy_.height, noisy_.width);
    const Index strips = (last_row() + strip_rows) / strip_rows;
    for (Index t = 0; t < frames_; ++t) {
      progress.check();
      std::vector<Sums> parts;
      for (Index strip = 0; strip < strips; ++strip) parts.push_back(sums_of_strip(t, strip));
      parallel_for(strips, [&](Index strip) {
        run_strip(t, strip, parts[static_cast<std::size_t>(strip)]);
      });
      for (const Sums& part : parts) add(part, all);  // in order: the same sums by any threads
      progress.advance(1);
    }
    auto out = Array<float, 3>::uninitialised({frames_, noisy_.height, noisy_.width});
    for (std::size_t i = 0; i < all.values.size(); ++i) {
      out.data()[i] = all.values[i] / all.weights[i];
    }
    return out;
  }

 private:
  const Padded& matched() const { return guide_ != nullptr ? *guide_ : noisy_; }
  Index last_row() const { return noisy_.height - block_edge; }
  Index last_column() const { return noisy_.width - block_edge; }

  Index reach() const { return options_.search + Index{options_.frames} * options_.frame_search; }

  Sums sums_of_strip(Index t, Index strip) const {
    const Index first = strip * strip_rows;
    return {std::max<Index>(0, t - options_.frames),
            std::min(frames_, t + options_.frames + 1),
            std::max<Index>(0, first - reach()),
            std::min(noisy_.height, first + strip_rows + reach() + block_edge),
            noisy_.width};
  }

  static void add(const Sums& part, Sums& all) {
    for (Index t = part.t0; t < part.t1; ++t) {
      for (Index y = part.y0; y < part.y1; ++y) {
        const std::size_t from = part.at({t, y, 0}), to = all.at({t, y, 0});
        for (std::size_t x = 0; x < static_cast<std::size_t>(part.width); ++x) {
          all.values[to + x] += part.values[from + x];
          all.weights[to + x] += part.weights[from + x];
        }
      }
    }
  }

  /// Reference blocks on the grid, and always the last row and column of blocks.
  void run_strip(Index t, Index strip, Sums& sums) const {
    const Index step = options_.step, last = last_row();
    std::vector<float> group(most_blocks * block_pixels), guide(group.size());
    for (Index y = strip * strip_rows; y < std::min(last + 1, (strip + 1) * strip_rows); ++y) {
      if (y % step != 0 && y != last) continue;
      for (Index x = 0; x <= last_column();
           x = x < last_column() ? std::min(x + step, last_column()) : x + 1) {
        const Matches matches = match({t, y, x});
        filter(matches.found(), group, guide, sums);
      }
    }
  }

  Matches match(const Place& reference) const {
    const bool first = guide_ == nullptr;
    // Noise alone makes alike blocks differ by 2 sigma^2 a pixel in the first pass.
    const float bound = block_pixels * sigma_ * sigma_ * (first ? 8.0F : 2.0F);
    Matches matches(first ? 16 : most_blocks, bound);
    matches.add({-1.0F, reference});
    const Match own = seek(reference, reference, options_.search, matches);
    for (const Index direction : {-1, 1}) {
      Place centre = own.place;
      centre.t = reference.t;
      centre.y = reference.y;
      centre.x = reference.x;
      for (Index k = 1; k <= options_.frames; ++k) {
        centre.t = reference.t + direction * k;
        if (centre.t < 0 || centre.t >= frames_) break;
        centre = seek(reference, centre, options_.frame_search, matches).place;
      }
    }
    matches.keep_power_of_two();
    return matches;
  }

  /// Blocks around `centre` in its frame, into `matches`; the best of them comes back.
  Match seek(const Place& reference, const Place& centre, Index radius, Matches& matches) const {
    const Padded& image = matched();
    const float* block = image.at(reference.t, reference.y, reference.x);
    const Index x0 = std::max<Index>(0, centre.x - radius);
    const Index count = std::min(last_column(), centre.x + radius) - x0 + 1;
    float row[128];
    Match best{std::numeric_limits<float>::max(), centre};
    for (Index y = std::max<Index>(0, centre.y - radius);
         y <= std::min(last_row(), centre.y + radius);
         ++y) {
      kernels_.distances(block, image.at(centre.t, y, x0), image.stride, count, row);
      for (Index i = 0; i < count; ++i) {
        if (row[i] < best.distance) best = {row[i], {centre.t, y, x0 + i}};
        if (row[i] >= matches.worst()) continue;
        const Place place{centre.t, y, x0 + i};
        const bool is_reference =
            place.t == reference.t && place.y == reference.y && place.x == reference.x;
        if (!is_reference) matches.add({row[i], place});
      }
    }
    return best;
  }

  void filter(const std::vector<Match>& found,
              std::vector<float>& group,
              std::vector<float>& guide,
              Sums& sums) const {
    const auto blocks = static_cast<Index>(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      const Place& p = found[i].place;
      float* block = group.data() + i * block_pixels;
      kernels_.transform(noisy_.at(p.t, p.y, p.x), noisy_.stride, cosine_, block);
      if (guide_ == nullptr) continue;
      kernels_.transform(
          guide_->at(p.t, p.y, p.x), guide_->stride, cosine_, guide.data() + i * block_pixels);
    }
    float kept = 0.0F;
    if (guide_ == nullptr) {
      const float least = sigma_ * static_cast<float>(options_.threshold);
      kept = static_cast<float>(kernels_.threshold(group.data(), blocks, least));
    } else {
      kept = kernels_.shrink(group.data(), guide.data(), blocks, sigma_ * sigma_);
    }
    const float weight = 1.0F / std::max(kept, 1e-3F);
    for (std::size_t i = 0; i < found.size(); ++i) {
      float* block = group.data() + i * block_pixels;
      kernels_.transform_back(block, cosine_);
      put(block, found[i].place, weight, sums);
    }
  }

  void put(const float* block, const Place& place, float weight, Sums& sums) const {
    for (Index y = 0; y < block_edge; ++y) {
      const std::size_t at = sums.at({place.t, place.y + y, place.x});
      for (Index x = 0; x < block_edge; ++x) {
        const float w = weight * window_[static_cast<std::size_t>(y * block_edge + x)];
        sums.values[at + static_cast<std::size_t>(x)] += w * block[y * block_edge + x];
        sums.weights[at + static_cast<std::size_t>(x)] += w;
      }
    }
  }

  const Padded& noisy_;
  const Padded* guide_;
  Index frames_;
  float sigma_;
  Bm3dOptions options_;
  Bm3dKernels kernels_;
  BlockTransform cosine_;
  std::vector<float> window_;
};

}  // namespace

Bm3dKernels bm3d_kernels(Simd simd) {
#if defined(__x86_64__)
  if (simd == Simd::avx512) return avx512::bm3d_kernels();
  if (simd == Simd::avx2) return avx2::bm3d_kernels();
#endif
  (void)simd;
  return scalar::bm3d_kernels();
}

Array<float, 3> bm3d(ArrayView<const float, 3> noisy,
                     double sigma,
                     const Bm3dOptions& options,
                     Progress& progress,
                     Simd simd) {
  const auto [frames, height, width] = noisy.shape();
  if (height < block_edge || width < block_edge) {
    throw InputError("BM3D: frames of " + std::to_string(height) + " x " + std::to_string(width) +
                     " pixels are smaller than its blocks of 8 x 8");
  }
  if (!(sigma > 0.0) || options.step < 1 || options.step > block_edge || options.search < 1 ||
      options.search > 50 || options.frames < 0 || options.frame_search < 0 ||
      options.frame_search > options.search) {
    throw InputError(
        "BM3D: sigma must be positive, step 1-8, search 1-50, frame_search at most "
        "search");
  }
  progress.begin("bm3d", options.second_pass ? 2 * frames : frames, "frames");
  const Padded padded(noisy);
  Array<float, 3> basic = Pass(padded, nullptr, frames, sigma, options, simd).run(progress);
  if (options.second_pass) {
    const Padded guide(basic.view());
    basic = Pass(padded, &guide, frames, sigma, options, simd).run(progress);
  }
  progress.end();
  return basic;
}

}  // namespace kinema::restore
