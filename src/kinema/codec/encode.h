// Coded exposure: each group of B frames becomes one snapshot, the sum of its masked frames,
//
//   y_s = sum_b m_b * x_(s B + b)        (TCS-DL, Zheng et al., Patterns 2021, Eq. 1)
//
// exactly, in integers where the movie is in integers. A short last group takes the first masks.
#pragma once

#include "kinema/base/progress.h"
#include "kinema/codec/masks.h"
#include "kinema/data/measurement.h"
#include "kinema/data/movie_source.h"

#include <functional>

namespace kinema::codec {

/// How a movie is encoded.
struct EncodeOptions {
  Index ratio = 10;
  MaskKind masks = MaskKind::balanced;
  std::uint64_t seed = 0;

  static void fields(auto& self, auto&& visit) {
    visit("ratio", self.ratio, "frames per snapshot, B");
    visit("masks",
          self.masks,
          "how masks are drawn; balanced opens each pixel in half of the frames");
    visit("seed", self.seed, "seed of the masks");
  }
};

/// One encoded group: `sum` is (Y, X) of `type`, valid during the call.
struct Snapshot {
  Group group;
  PixelType type = PixelType::u16;
  const std::byte* sum = nullptr;
  NoiseModel noise;  // as measured over the frames so far
};

/// Takes snapshots in order.
using SnapshotSink = std::function<void(const Snapshot&)>;

/// Encodes frames [0, frames) in one pass and hands every snapshot to `sink`; while one group is
/// summed the next is read. Holds two groups of frames where `memory` bytes allow it, else one;
/// throws InputError where even one does not fit.
void encode(MovieSource& movie,
            const MaskSet& masks,
            const SnapshotSink& sink,
            Progress& progress,
            Index memory = Index{4} << 30);

/// The same into memory.
Measurement encode(MovieSource& movie, const MaskSet& masks, Progress& progress);

/// One group of frames in memory, (count, Y, X) of `recorded`, into `sum` (Y, X), on all threads.
void encode_group(PixelType recorded,
                  const std::byte* frames,
                  Index count,
                  const MaskSet& masks,
                  PixelType sum_type,
                  void* sum);

/// Throws InputError unless masks and frames are of one size.
void require_same_size(const FrameFormat& frames, const MaskSet& masks);

}  // namespace kinema::codec
