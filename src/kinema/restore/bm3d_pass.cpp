// See bm3d_pass.h.
#include "kinema/restore/bm3d_pass.h"

#include "kinema/base/parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

namespace kinema::restore {
namespace {

constexpr Index least_tile = 64;

/// Kaiser window (beta = 2) over a block.
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

/// Calls visit(i) on the grid of reference blocks from `first` up to `end`, and at the last block.
template <class Visit>
void on_grid(Index first, Index end, Index step, Index last, Visit&& visit) {
  for (Index i = first; i < std::min(end, last + 1); ++i) {
    if (i % step == 0 || i == last) visit(i);
  }
}

}  // namespace

BlockTransform cosine_transform() {
  BlockTransform out{};
  for (Index k = 0; k < block_edge; ++k) {
    const double norm = std::sqrt((k == 0 ? 1.0 : 2.0) / block_edge);
    for (Index x = 0; x < block_edge; ++x) {
      const double angle =
          std::numbers::pi * static_cast<double>(k * (2 * x + 1)) / (2 * block_edge);
      out.basis[k * block_edge + x] = static_cast<float>(norm * std::cos(angle));
    }
  }
  return out;
}

BlockFrame::BlockFrame(Index rows, Index columns)
    : height(rows),
      width(columns),
      pixels(static_cast<std::size_t>(checked_product(rows, columns) + distance_lanes)) {}

BlockFrame::BlockFrame(ArrayView<const float, 2> frame)
    : BlockFrame(frame.shape()[0], frame.shape()[1]) {
  if (height < block_edge || width < block_edge) {
    throw InputError("BM3D: frames of " + std::to_string(height) + " x " + std::to_string(width) +
                     " pixels are smaller than its blocks of 8 x 8");
  }
  std::copy_n(frame.data(), frame.size(), pixels.begin());
}

BlockSums::BlockSums(Index rows, Index columns)
    : height(rows),
      width(columns),
      values(static_cast<std::size_t>(rows * columns)),
      weights(values.size()) {}

BlockFrame BlockSums::mean() const {
  BlockFrame out(height, width);
  for (std::size_t i = 0; i < values.size(); ++i) out.pixels[i] = values[i] / weights[i];
  return out;
}

/// The best matches, nearest first.
class Bm3dPass::Matches {
 public:
  Matches(std::size_t most, float bound) : most_(most), bound_(bound) { found_.reserve(most + 1); }
  void begin(const Place& reference) { found_.assign(1, {-1.0F, reference}); }
  float worst() const { return found_.size() < most_ ? bound_ : found_.back().distance; }
  void add(const Match& match) {
    const auto place = std::upper_bound(
        found_.begin(), found_.end(), match.distance, [](float distance, const Match& other) {
          return distance < other.distance;
        });
    found_.insert(place, match);
    if (found_.size() > most_) found_.pop_back();
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

/// Distances from a reference block to all blocks around a place in one frame.
class Bm3dPass::Surroundings {
 public:
  /// Room for the blocks of `image` within `radius` of `centre`.
  void begin(const BlockFrame& image, const Place& centre, Index radius) {
    first_ = {
        centre.t, std::max<Index>(0, centre.y - radius), std::max<Index>(0, centre.x - radius)};
    rows_ = std::min(image.height - block_edge, centre.y + radius) - first_.y + 1;
    columns_ = std::min(image.width - block_edge, centre.x + radius) - first_.x + 1;
    stride_ = (columns_ + distance_lanes - 1) / distance_lanes * distance_lanes;
    distances_.resize(static_cast<std::size_t>(rows_ * stride_));
    nearest_.resize(static_cast<std::size_t>(rows_));
  }
  const Place& first() const { return first_; }
  Index rows() const { return rows_; }
  Index columns() const { return columns_; }
  float* row(Index y) { return distances_.data() + y * stride_; }
  Match at(Index y, Index x) { return {row(y)[x], {first_.t, first_.y + y, first_.x + x}}; }

  /// Finds the nearest of every row, for `nearest`.
  void rank() {
    for (Index y = 0; y < rows_; ++y) rank(y);
  }
  Match nearest() {
    const auto less = [this](Index a, Index b) {
      return row(a)[nearest_of(a)] < row(b)[nearest_of(b)];
    };
    Index best = 0;
    for (Index y = 1; y < rows_; ++y) {
      if (less(y, best)) best = y;
    }
    return at(best, nearest_of(best));
  }
  /// Leaves out what lies fewer than `apart` pixels from `place`, along y and along x.
  void strike(const Place& place, Index apart) {
    const Index y0 = place.y - first_.y, x0 = place.x - first_.x;
    const Index left = std::max<Index>(0, x0 - apart + 1), right = std::min(columns_, x0 + apart);
    for (Index y = std::max<Index>(0, y0 - apart + 1); y < std::min(rows_, y0 + apart); ++y) {
      std::fill(row(y) + left, row(y) + right, std::numeric_limits<float>::max());
      rank(y);
    }
  }

 private:
  Index& nearest_of(Index y) { return nearest_[static_cast<std::size_t>(y)]; }
  void rank(Index y) { nearest_of(y) = std::min_element(row(y), row(y) + columns_) - row(y); }

  Place first_;
  Index rows_ = 0, columns_ = 0, stride_ = 0;
  std::vector<float> distances_;
  std::vector<Index> nearest_;  // the column, in every row
};

/// What one thread works with: the matches of a reference block, and the transformed blocks of its
/// group and of the guide.
struct Bm3dPass::Scratch {
  Matches matches;
  Surroundings around = {};
  std::vector<float> group = std::vector<float>(most_blocks * block_pixels), guide = group;
};

Bm3dPass::Bm3dPass(const NoiseColour& noise,
                   const Comparison& comparison,
                   bool second,
                   const Bm3dOptions& options,
                   const Progress& progress,
                   Simd simd)
    : noise_(noise),
      variance_(variance_of(noise)),
      comparison_(comparison),
      second_(second),
      options_(options),
      progress_(progress),
      kernels_(bm3d_kernels(simd)),
      cosine_(cosine_transform()),
      window_(kaiser_window()) {
  const Index reach =
      std::max<Index>(options.search, Index{options.neighbours} * options.frame_search);
  tile_ = std::max(least_tile, 2 * reach + block_edge);
}

/// Tiles in four sets, one after another: two of one set are a tile apart and never write the same
/// pixel.
void Bm3dPass::filter(const BlockWindow& window) const {
  const BlockFrame& frame = *window.frames.front().noisy;
  const Index down = (frame.height - block_edge) / tile_ + 1;
  const Index across = (frame.width - block_edge) / tile_ + 1;
  for (const Index odd_y : {0, 1}) {
    for (const Index odd_x : {0, 1}) {
      const Index rows = (down - odd_y + 1) / 2, columns = (across - odd_x + 1) / 2;
      parallel_for(rows * columns, [&](Index i) {
        progress_.check();
        filter_tile(window, 2 * (i / columns) + odd_y, 2 * (i % columns) + odd_x);
      });
    }
  }
}

void Bm3dPass::filter_tile(const BlockWindow& window, Index tile_y, Index tile_x) const {
  const BlockFrame& frame = *window.frames.front().noisy;
  const auto most = static_cast<std::size_t>(second_ ? 2 * options_.group : options_.group);
  Scratch scratch{Matches(most, comparison_.farthest)};
  const Index y0 = tile_y * tile_, x0 = tile_x * tile_, step = options_.step;
  on_grid(y0, y0 + tile_, step, frame.height - block_edge, [&](Index y) {
    on_grid(x0, x0 + tile_, step, frame.width - block_edge, [&](Index x) {
      match(window, {window.reference, y, x}, scratch);
      filter_group(window, scratch);
    });
  });
}

/// In the block's own frame, then from frame to frame around the best match of the one before.
void Bm3dPass::match(const BlockWindow& window, const Place& reference, Scratch& scratch) const {
  scratch.matches.begin(reference);
  seek(window, reference, reference, options_.search, scratch);
  const auto frames = static_cast<Index>(window.frames.size());
  for (const Index direction : {-1, 1}) {
    Place centre = reference;
    for (centre.t += direction; centre.t >= 0 && centre.t < frames; centre.t += direction) {
      centre = seek(window, reference, centre, options_.frame_search, scratch);
    }
  }
  scratch.matches.keep_power_of_two();
}

/// Blocks around `centre` in its frame, into the matches; the place of the best comes back.
Bm3dPass::Place Bm3dPass::seek(const BlockWindow& window,
                               const Place& reference,
                               const Place& centre,
                               Index radius,
                               Scratch& scratch) const {
  const auto compared = [&](Index t) -> const BlockFrame& {
    return *window.frames[static_cast<std::size_t>(t)].compared;
  };
  const BlockFrame& image = compared(centre.t);
  const float* block = compared(reference.t).at(reference.y, reference.x);
  Surroundings& around = scratch.around;
  around.begin(image, centre, radius);
  for (Index y = 0; y < around.rows(); ++y) {
    const float* row = image.at(around.first().y + y, around.first().x);
    kernels_.distances(block, row, image.width, around.columns(), around.row(y));
  }
  return comparison_.apart > 1 ? take_apart(reference, scratch) : take(reference, centre, scratch);
}

/// Takes whatever is nearer than the farthest match yet.
Bm3dPass::Place Bm3dPass::take(const Place& reference,
                               const Place& centre,
                               Scratch& scratch) const {
  Surroundings& around = scratch.around;
  Match best{std::numeric_limits<float>::max(), centre};
  for (Index y = 0; y < around.rows(); ++y) {
    for (Index x = 0; x < around.columns(); ++x) {
      const Match match = around.at(y, x);
      if (match.distance < best.distance) best = match;
      if (match.distance < scratch.matches.worst() && match.place != reference) {
        scratch.matches.add(match);
      }
    }
  }
  return best.place;
}

/// Takes the nearest, then the nearest of what lies apart from it, and so on.
Bm3dPass::Place Bm3dPass::take_apart(const Place& reference, Scratch& scratch) const {
  Surroundings& around = scratch.around;
  around.rank();
  const Place best = around.nearest().place;
  if (around.first().t == reference.t) around.strike(reference, comparison_.apart);
  for (Match match = around.nearest(); match.distance < scratch.matches.worst();
       match = around.nearest()) {
    scratch.matches.add(match);
    around.strike(match.place, comparison_.apart);
  }
  return best;
}

void Bm3dPass::filter_group(const BlockWindow& window, Scratch& scratch) const {
  const std::vector<Match>& found = scratch.matches.found();
  const auto transform = [&](const BlockFrame& frame, const Place& place, float* out) {
    kernels_.transform(frame.at(place.y, place.x), frame.width, cosine_, out);
  };
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Place& place = found[i].place;
    const BlockWindow::Frame& frame = window.frames[static_cast<std::size_t>(place.t)];
    transform(*frame.noisy, place, scratch.group.data() + i * block_pixels);
    if (second_) transform(*frame.guide, place, scratch.guide.data() + i * block_pixels);
  }
  float* group = scratch.group.data();
  const auto blocks = static_cast<Index>(found.size());
  const float* deviations = noise_.deviations.data();
  const float kept =
      second_
          ? kernels_.shrink(group, scratch.guide.data(), blocks, deviations)
          : kernels_.threshold(group, blocks, deviations, static_cast<float>(options_.threshold));
  const float weight = 1.0F / std::max(kept / variance_, 1e-3F);
  for (std::size_t i = 0; i < found.size(); ++i) {
    float* block = group + i * block_pixels;
    kernels_.transform_back(block, cosine_);
    const Place& place = found[i].place;
    put(block, place, weight, *window.frames[static_cast<std::size_t>(place.t)].sums);
  }
}

void Bm3dPass::put(const float* block, const Place& place, float weight, BlockSums& sums) const {
  for (Index y = 0; y < block_edge; ++y) {
    const auto at = static_cast<std::size_t>((place.y + y) * sums.width + place.x);
    for (std::size_t x = 0; x < block_edge; ++x) {
      const auto i = static_cast<std::size_t>(y * block_edge) + x;
      const float w = weight * window_[i];
      sums.values[at + x] += w * block[i];
      sums.weights[at + x] += w;
    }
  }
}

Bm3dKernels bm3d_kernels(Simd simd) {
#if defined(__x86_64__)
  if (simd == Simd::avx512) return avx512::bm3d_kernels();
  if (simd == Simd::avx2) return avx2::bm3d_kernels();
#endif
  (void)simd;
  return scalar::bm3d_kernels();
}

}  // namespace kinema::restore
