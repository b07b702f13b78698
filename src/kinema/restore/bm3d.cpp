// Two passes, one after another along the movie: each holds the frames in which blocks are sought
// and lets a frame go once no later reference block can add to it.
#include "kinema/restore/bm3d.h"

#include "kinema/restore/bm3d_pass.h"
#include "kinema/restore/whitening.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <string>
#include <utility>

namespace kinema::restore {
namespace {

void require_sensible(const NoiseColour& noise, const Bm3dOptions& options) {
  for (const float deviation : noise.deviations) {
    if (!(deviation > 0.0F)) throw InputError("BM3D: sigma must be positive");
  }
  if (options.step < 1 || options.step > block_edge) {
    throw InputError("BM3D: step is 1 to 8 pixels");
  }
  if (options.search < 1 || options.search > 50) {
    throw InputError("BM3D: search is 1 to 50 pixels");
  }
  if (options.neighbours < 0 || options.neighbours > 16) {
    throw InputError("BM3D: neighbours are 0 to 16 frames");
  }
  if (options.group < 1 || 2 * options.group > most_blocks ||
      (options.group & (options.group - 1)) != 0) {
    throw InputError("BM3D: group is a power of two up to 32");
  }
  if (options.frame_search < 0 || options.frame_search > options.search) {
    throw InputError("BM3D: frame_search is 0 to search pixels");
  }
}

/// Noise alone makes alike blocks differ by 2 variances a pixel in the first pass. Where they are
/// whitened it scatters about that by 0.35, so that less will do; of guides, too, much less is
/// left.
Comparison comparison_of(const NoiseColour& noise, bool second) {
  const Index apart = distance_apart(noise);
  const float of_white = second ? 2.0F : 8.0F, of_whitened = second ? 0.25F : 3.0F;
  return {block_pixels * (apart > 1 ? of_whitened : of_white * variance_of(noise)), apart};
}

/// A noisy frame and, after the first pass, what it estimates.
struct Estimate {
  BlockFrame noisy, basic;
};

using Pull = std::function<std::optional<Estimate>()>;

/// One pass as a stream: what it emits at t depends on frames up to t + 2 neighbours.
class PassStream {
 public:
  /// Blocks are compared on frames that `whiten` filters; none: on those that are pulled.
  PassStream(Pull pull,
             const Bm3dPass& pass,
             const std::optional<Whitening>& whiten,
             Index neighbours)
      : pull_(std::move(pull)), pass_(pass), whiten_(whiten), neighbours_(neighbours) {}

  std::optional<Estimate> next() {
    while (finished_ >= reference_ - neighbours_ && !(ended_ && reference_ == end())) step();
    if (finished_ == end()) return std::nullopt;
    Estimate out{std::move(frames_.front().seen.noisy), frames_.front().sums.mean()};
    frames_.pop_front();
    ++finished_;
    return out;
  }

 private:
  struct Held {
    Estimate seen;
    BlockFrame white;  // of the guide or, in the first pass, the noisy frame
    BlockSums sums;

    const BlockFrame* guide() const { return seen.basic.pixels.empty() ? nullptr : &seen.basic; }
    const BlockFrame& compared() const {
      if (!white.pixels.empty()) return white;
      return guide() != nullptr ? *guide() : seen.noisy;
    }
  };
  Index end() const { return finished_ + static_cast<Index>(frames_.size()); }

  /// Filters the groups of one more frame, once those that it may look at are there.
  void step() {
    while (!ended_ && end() <= reference_ + neighbours_) {
      std::optional<Estimate> seen = pull_();
      if (!seen) {
        ended_ = true;
      } else {
        const Index height = seen->noisy.height, width = seen->noisy.width;
        frames_.push_back({std::move(*seen), {}, BlockSums(height, width)});
        Held& held = frames_.back();
        if (whiten_) held.white = (*whiten_)(held.compared());
      }
    }
    if (reference_ == end()) return;
    // Frames before the reach of this one wait for nothing but to be taken.
    const Index first = std::max(finished_, reference_ - neighbours_);
    BlockWindow window{{}, reference_ - first};
    for (Index t = first; t < std::min(end(), reference_ + neighbours_ + 1); ++t) {
      Held& held = frames_[static_cast<std::size_t>(t - finished_)];
      window.frames.push_back({&held.seen.noisy, held.guide(), &held.compared(), &held.sums});
    }
    pass_.filter(window);
    ++reference_;
  }

  Pull pull_;
  const Bm3dPass& pass_;
  const std::optional<Whitening>& whiten_;
  Index neighbours_;
  std::deque<Held> frames_;             // from finished_ on
  Index finished_ = 0, reference_ = 0;  // frames let go; frames whose groups were filtered
  bool ended_ = false;
};

class Bm3dStream : public FrameStream {
 public:
  Bm3dStream(FrameStream& noisy,
             const NoiseColour& noise,
             const Bm3dOptions& options,
             const Progress& progress,
             Simd simd)
      : options_(options),
        whiten_(distance_apart(noise) > 1 ? std::optional(Whitening(noise)) : std::nullopt),
        first_pass_(noise, comparison_of(noise, false), false, options, progress, simd),
        second_pass_(noise, comparison_of(noise, true), true, options, progress, simd),
        first_([&noisy] { return estimate_of(noisy.next()); },
               first_pass_,
               whiten_,
               options.neighbours),
        second_([this] { return first_.next(); }, second_pass_, whiten_, options.neighbours) {}

  std::optional<Array<float, 2>> next() override {
    std::optional<Estimate> out = options_.second_pass ? second_.next() : first_.next();
    if (!out) return std::nullopt;
    const BlockFrame& frame = out->basic;
    auto pixels = Array<float, 2>::uninitialised({frame.height, frame.width});
    std::copy_n(frame.pixels.begin(), pixels.size(), pixels.data());
    return pixels;
  }

 private:
  static std::optional<Estimate> estimate_of(const std::optional<Array<float, 2>>& frame) {
    if (!frame) return std::nullopt;
    return Estimate{BlockFrame(frame->view()), {}};
  }

  Bm3dOptions options_;
  std::optional<Whitening> whiten_;
  Bm3dPass first_pass_, second_pass_;
  PassStream first_, second_;
};

/// Frames of an array, one after another.
class ArrayFrames : public FrameStream {
 public:
  explicit ArrayFrames(ArrayView<const float, 3> frames) : frames_(frames) {}
  std::optional<Array<float, 2>> next() override {
    if (next_ == frames_.shape()[0]) return std::nullopt;
    return Array<float, 2>::copy_of(frames_[next_++]);
  }

 private:
  ArrayView<const float, 3> frames_;
  Index next_ = 0;
};

}  // namespace

std::unique_ptr<FrameStream> bm3d_stream(FrameStream& noisy,
                                         const NoiseColour& noise,
                                         const Bm3dOptions& options,
                                         const Progress& progress,
                                         Simd simd) {
  require_sensible(noise, options);
  return std::make_unique<Bm3dStream>(noisy, noise, options, progress, simd);
}

Index bm3d_frames_held(const Bm3dOptions& options) {
  const Index window = 2 * options.neighbours + 1;
  // Noisy frames, whitened ones and two sums in the first pass; guides too in the second.
  return (options.second_pass ? 9 : 4) * window + 2;
}

Array<float, 3> bm3d(ArrayView<const float, 3> noisy,
                     double sigma,
                     const Bm3dOptions& options,
                     const Progress& progress,
                     Simd simd) {
  ArrayFrames frames(noisy);
  NoiseColour noise = white_noise();
  for (float& deviation : noise.deviations) deviation *= static_cast<float>(sigma);
  const auto stream = bm3d_stream(frames, noise, options, progress, simd);
  auto out = Array<float, 3>::uninitialised(noisy.shape());
  for (Index t = 0; t < noisy.shape()[0]; ++t) {
    const Array<float, 2> frame = stream->next().value();
    std::copy_n(frame.data(), frame.size(), out[t].data());
  }
  return out;
}

}  // namespace kinema::restore
