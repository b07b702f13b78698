// Coded exposure: each group of B frames becomes one snapshot, the sum of its masked frames,
//
//   y_s = sum_b m_b * x_(s B + b)        (TCS-DL, Zheng et al., Patterns 2021, Eq. 1)
//
// exactly, in integers where the movie is in integers. A short last group takes the first masks.
// Staggered masks make several snapshots of a group, which share all of its electrons
// (data/exposure.h). Who keeps a snapshot keeps it in steps of its noise; groups that are better
// kept frame by frame are.
#pragma once

#include "kinema/base/progress.h"
#include "kinema/codec/masks.h"
#include "kinema/codec/quantise.h"
#include "kinema/data/frame_feed.h"
#include "kinema/data/measurement.h"

#include <functional>

namespace kinema::codec {

/// What becomes of a group of frames: `coded` makes one snapshot of it, `lossless` keeps it frame
/// by frame, `events` too, of movies of counts alone, `automatic` where fewer than a tenth of an
/// electron falls on a pixel and frame.
enum class EncodeMode : std::uint8_t { automatic, coded, lossless, events };
inline constexpr EnumName<EncodeMode> encode_mode_names[] = {{EncodeMode::automatic, "auto"},
                                                             {EncodeMode::coded, "coded"},
                                                             {EncodeMode::lossless, "lossless"},
                                                             {EncodeMode::events, "events"}};
constexpr std::span<const EnumName<EncodeMode>> enum_names(EncodeMode) {
  return encode_mode_names;
}

/// How groups are kept.
struct Coding {
  Quantise quantise;
  EncodeMode mode = EncodeMode::automatic;
  bool keep_breaks = true;
  Index buckets = 4;  // snapshots of a group, with staggered masks
  Index audit = 0;    // the middle frame of every so many groups is kept as recorded, 0: of none

  /// Sums as they are, of all groups: the container that any HDF5 reader unpacks.
  static Coding exact() { return {{0.0, false}, EncodeMode::coded, false}; }
  /// Whether all groups are kept frame by frame.
  bool is_lossless() const { return mode == EncodeMode::lossless || mode == EncodeMode::events; }
  bool is_exact() const { return quantise.step == 0.0 && !is_lossless(); }
};

/// How a movie is encoded.
struct EncodeOptions {
  std::optional<Index> ratio = 10;
  std::optional<MaskKind> masks = MaskKind::balanced;
  std::uint64_t seed = 0;
  Coding coding;

  static void fields(auto& self, auto&& visit) {
    visit("ratio",
          self.ratio,
          "frames per snapshot, B; auto takes 4, 8, 16 or 32 for each group, as motion allows");
    visit("masks",
          self.masks,
          "how masks are drawn; balanced opens each pixel in half of the frames, staggered in all "
          "of them, for one snapshot after the other; auto takes one of these, as motion allows");
    visit("seed", self.seed, "seed of the masks");
    visit("buckets", self.coding.buckets, "snapshots of a group, with staggered masks");
    visit("quantise",
          self.coding.quantise,
          "steps of the snapshots: noise (as large as their noise), noise/2, ..., a number of "
          "recorded units, or none (exact sums of all groups)");
    visit("mode",
          self.coding.mode,
          "auto keeps groups of less than 0.1 electrons a pixel and frame lossless, lossless all, "
          "events all of a movie of counts, coded none");
    visit("keep_breaks",
          self.coding.keep_breaks,
          "keep groups lossless in which the scene changes at once or a frame falls out of line");
    visit(
        "audit",
        self.coding.audit,
        "keep the middle frame of every so many groups as recorded too, so that evaluate can judge "
        "by them; 0: none");
  }
};

/// A frame (Y, X) as recorded, or as float where the kernel takes it so.
struct RecordedFrame {
  Index frame = 0;
  PixelType type = PixelType::u16;
  const std::byte* pixels = nullptr;
};

/// One encoded group: `sum` is (buckets, Y, X) of `type`, exact, valid during the call, and `group`
/// says in which steps it is to be kept; of a lossless group it is the frames (frames, Y, X).
struct Snapshot {
  Group group;
  PixelType type = PixelType::u16;
  const std::byte* sum = nullptr;
  NoiseModel noise;                   // as measured over the frames so far
  std::span<const Loss> losses = {};  // frames that are missing before some of the group's
  std::optional<RecordedFrame> audited = {};
};

/// Takes snapshots in order.
using SnapshotSink = std::function<void(const Snapshot&)>;

/// How the encoding of a feed went.
struct Flow {
  Index frames = 0;          // encoded
  double seconds = 0.0;      // from the first frame's arrival to the end of the last group
  Index most_behind = 0;     // frames that had come when their groups were not yet done with
  double longest_lag = 0.0;  // seconds from a frame's arrival to the end of its group
  std::vector<Loss> losses;
  Index trailing_bytes = 0;  // of a last frame that did not come whole
  std::string end;           // why there were no more frames
};

/// Encodes all frames of `feed` in one pass and hands every snapshot to `sink`; while one group is
/// summed the next is read. Groups before frame `from`, the first of a group, are looked at for the
/// noise and not handed on. Holds two groups of frames where `memory` bytes allow it, of a feed of
/// unknown length as many as fit, else one; throws InputError where even one does not fit.
Flow encode(FrameFeed& feed,
            const MaskSet& masks,
            const Coding& coding,
            const SnapshotSink& sink,
            Progress& progress,
            Index memory = Index{4} << 30,
            Index from = 0);

/// The same of a movie of known length.
void encode(MovieSource& movie,
            const MaskSet& masks,
            const Coding& coding,
            const SnapshotSink& sink,
            Progress& progress,
            Index memory = Index{4} << 30,
            Index from = 0);

/// The same into memory; quantised snapshots are float.
Measurement encode(MovieSource& movie,
                   const MaskSet& masks,
                   Progress& progress,
                   const Coding& coding = Coding::exact());

/// Most frames that are read at once: one group, with adaptive masks one or more.
Index longest_group(const MaskSet& masks, const Coding& coding);

/// One group of frames in memory, (count, Y, X) of `recorded`, into `sum` (buckets, Y, X), on all
/// threads.
void encode_group(PixelType recorded,
                  const std::byte* frames,
                  Index count,
                  const MaskSet& masks,
                  PixelType sum_type,
                  void* sum);

/// Throws InputError unless masks and frames are of one size.
void require_same_size(const FrameFormat& frames, const MaskSet& masks);

}  // namespace kinema::codec
