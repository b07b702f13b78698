// One pass of block matching over one frame: its reference blocks, the groups of alike blocks that
// they find in this and in neighbouring frames, and the weighted sums of what is left of them.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/cpu.h"
#include "kinema/base/progress.h"
#include "kinema/restore/bm3d.h"
#include "kinema/restore/bm3d_kernel.h"

#include <vector>

namespace kinema::restore {

/// A frame (Y, X) that the kernels may read a little beyond its end.
struct BlockFrame {
  BlockFrame() = default;
  BlockFrame(Index rows, Index columns);
  explicit BlockFrame(ArrayView<const float, 2> frame);
  const float* at(Index y, Index x) const { return pixels.data() + y * width + x; }
  Index height = 0, width = 0;
  std::vector<float> pixels;
};

/// Sums of estimates of a frame (Y, X), and of their weights.
struct BlockSums {
  BlockSums(Index rows, Index columns);
  BlockFrame mean() const;
  Index height, width;
  std::vector<float> values, weights;
};

/// The frames in which blocks are sought, and which of them the reference blocks are of.
struct BlockWindow {
  struct Frame {
    const BlockFrame* noisy;
    const BlockFrame* guide;     // null in the first pass
    const BlockFrame* compared;  // where alike blocks are sought
    BlockSums* sums;
  };
  std::vector<Frame> frames;
  Index reference = 0;
};

/// How blocks are compared.
struct Comparison {
  float farthest = 0.0F;  // squared distance of a block of a group from its reference, at most
  Index apart = 1;        // pixels from block to block of one frame in a group, at least
};

class Bm3dPass {
 public:
  /// `noise` is that of the noisy frames. `progress` is asked whether to stop. The second pass has
  /// guides.
  Bm3dPass(const NoiseColour& noise,
           const Comparison& comparison,
           bool second,
           const Bm3dOptions& options,
           const Progress& progress,
           Simd simd);

  /// Adds the filtered groups of every reference block. The sums are the same by any number of
  /// threads: tiles that work at the same time are too far from each other to touch.
  void filter(const BlockWindow& window) const;

 private:
  struct Place {
    Index t = 0, y = 0, x = 0;
    friend bool operator==(const Place&, const Place&) = default;
  };
  struct Match {
    float distance = 0.0F;
    Place place;
  };
  class Matches;
  class Surroundings;
  struct Scratch;

  void filter_tile(const BlockWindow& window, Index tile_y, Index tile_x) const;
  void match(const BlockWindow& window, const Place& reference, Scratch& scratch) const;
  Place seek(const BlockWindow& window,
             const Place& reference,
             const Place& centre,
             Index radius,
             Scratch& scratch) const;
  Place take(const Place& reference, const Place& centre, Scratch& scratch) const;
  Place take_apart(const Place& reference, Scratch& scratch) const;
  void filter_group(const BlockWindow& window, Scratch& scratch) const;
  void put(const float* block, const Place& place, float weight, BlockSums& sums) const;

  NoiseColour noise_;
  float variance_;  // of the noise, mean over its coefficients
  Comparison comparison_;
  bool second_;
  Bm3dOptions options_;
  const Progress& progress_;
  Bm3dKernels kernels_;
  BlockTransform cosine_;
  std::vector<float> window_;  // over a block: soft seams between overlapping estimates
  Index tile_;                 // edge in pixels
};

}  // namespace kinema::restore
