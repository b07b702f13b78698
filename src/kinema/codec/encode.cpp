// Streaming a movie through the masked sum.
#include "kinema/codec/encode.h"

#include "kinema/base/cpu.h"
#include "kinema/base/parallel.h"
#include "kinema/codec/encode_kernel.h"
#include "kinema/codec/group_keeper.h"
#include "kinema/codec/group_planner.h"
#include "kinema/codec/group_queue.h"
#include "kinema/codec/mask_bank.h"
#include "kinema/restore/noise.h"

#include <algorithm>
#include <cmath>

namespace kinema::codec {
namespace {

/// Sums of finite floats may still exceed what a float holds.
void require_finite_sums(const Snapshot& snapshot, Index pixels) {
  if (snapshot.type != PixelType::f32) return;
  const Group& group = snapshot.group;
  const std::span sums(reinterpret_cast<const float*>(snapshot.sum),
                       static_cast<std::size_t>(group.buckets * pixels));
  if (std::all_of(sums.begin(), sums.end(), [](float value) { return std::isfinite(value); })) {
    return;
  }
  throw InputError("encode: the sum of frames " + std::to_string(group.first) + ":" +
                   std::to_string(group.first + group.frames) +
                   " exceeds what float32 holds; scale the movie down before it is encoded");
}

/// Groups of frames that are held at once: the next is read while one is summed, where memory
/// allows, and frames that come by themselves may wait in all of it.
Index groups_at_once(Index frames, const FrameFormat& format, Index memory, bool live) {
  const Index bytes = checked_product(frames, format.bytes());
  if (bytes > memory) {
    throw InputError("encode: one group of " + std::to_string(frames) + " frames takes " +
                     std::to_string(bytes >> 20) + " MiB, more than the " +
                     std::to_string(memory >> 20) +
                     " MiB allowed; lower --ratio or raise --memory");
  }
  if (bytes > memory / 3) return 1;
  return live ? memory / bytes - 1 : 2;
}

/// Rows of an exposure that stay in the second-level cache until the next exposure takes its share
/// of the same frames.
Index rows_in_cache(Index frames, Index row_bytes) {
  constexpr Index cache = Index{1} << 19;
  return std::max<Index>(1, cache / std::max<Index>(1, frames * row_bytes));
}

/// Watches how far the work is behind what comes.
class FlowMeter {
 public:
  explicit FlowMeter(const GroupQueue& queue) : queue_(queue) {}

  /// The group is done with.
  void committed(const FrameGroup& group) {
    using Seconds = std::chrono::duration<double>;
    const auto now = std::chrono::steady_clock::now();
    if (flow_.frames == 0) begin_ = group.first_arrival;
    flow_.most_behind = std::max(flow_.most_behind, queue_.arrived() - flow_.frames);
    flow_.frames += group.count;
    flow_.seconds = Seconds(now - begin_).count();
    flow_.longest_lag = std::max(flow_.longest_lag, Seconds(now - group.first_arrival).count());
    flow_.losses.insert(flow_.losses.end(), group.losses.begin(), group.losses.end());
  }

  Flow flow(const FeedEnd& end) {
    if (end.lost > 0) flow_.losses.push_back({flow_.frames, end.lost});
    flow_.trailing_bytes = end.trailing_bytes;
    flow_.end = end.reason;
    return flow_;
  }

 private:
  const GroupQueue& queue_;
  std::chrono::steady_clock::time_point begin_{};
  Flow flow_;
};

}  // namespace

PixelType sum_type(PixelType recorded, Index frames) {
  if (!is_grey(recorded)) {
    throw InputError("encode: pixels of type " + to_text(recorded) +
                     " are no grey levels; `kinema convert --part` makes them so");
  }
  switch (recorded) {
    case PixelType::u8:
      return frames * 255 <= 65535 ? PixelType::u16 : PixelType::i32;
    case PixelType::i8:
    case PixelType::u16:
    case PixelType::i16:
      return PixelType::i32;
    case PixelType::f16:
    case PixelType::f32:
    case PixelType::f64:
      return PixelType::f32;
    default:
      throw InputError("encode: pixels of type " + to_text(recorded) +
                       " are not encoded, because their sums could overflow; convert the movie to "
                       "uint16 or float32 first");
  }
}

PixelType sum_type(PixelType recorded, const MaskSet& masks) {
  return sum_type(recorded, longest_exposure(masks.kind, masks.ratio()));
}

int core_type(PixelType type) {
  switch (type) {
    case PixelType::u8:
      return KINEMA_U8;
    case PixelType::i8:
      return KINEMA_I8;
    case PixelType::u16:
      return KINEMA_U16;
    case PixelType::i16:
      return KINEMA_I16;
    case PixelType::i32:
      return KINEMA_I32;
    case PixelType::f32:
      return KINEMA_F32;
    default:
      return 0;
  }
}

void encode_rows(Simd simd, PixelType recorded, PixelType sum, const EncodeRows& task) {
  const int plain = kinema_runs(KINEMA_NEON) != 0 ? KINEMA_NEON : KINEMA_SCALAR;
  const int family = simd == Simd::avx512 ? KINEMA_AVX512
                     : simd == Simd::avx2 ? KINEMA_AVX2
                                          : plain;
  if (kinema_masked_sum(family, core_type(recorded), core_type(sum), &task) == 0) return;
  throw std::logic_error("encode_rows: no kernel for " + to_text(recorded));
}

Index longest_group(const MaskSet& masks, const Coding& coding) {
  if (masks.kind != MaskKind::staggered) return masks.ratio();
  return checked_product(masks.adaptive ? std::min<Index>(2, coding.buckets) : coding.buckets,
                         masks.ratio());
}

void encode_group(PixelType recorded,
                  const std::byte* frames,
                  Index count,
                  const MaskSet& masks,
                  PixelType sum,
                  void* out) {
  const Index height = masks.height(), width = masks.width();
  const Index frame_bytes = height * width * bytes_of(recorded);
  const Index sum_bytes = height * width * bytes_of(sum);
  std::vector<std::vector<MaskPlane>> planes;
  const std::vector<Exposure> exposures = exposures_of(masks, count);
  for (const Exposure& exposure : exposures) {
    planes.emplace_back();
    for (const Shutter& shutter : exposure.shutters) {
      planes.back().push_back(
          {masks.masks.row(shutter.mask, 0), shutter.turned ? ~std::uint64_t{0} : 0});
    }
  }
  const bool alone = exposures.size() == 1;
  const Index rows_a_task = alone ? std::max<Index>(1, (Index{1} << 16) / std::max<Index>(1, width))
                                  : rows_in_cache(2 * masks.ratio(), width * bytes_of(recorded));
  const Index tasks = alone && threads() == 1 ? 1 : (height + rows_a_task - 1) / rows_a_task;
  parallel_for(tasks, [&](Index i) {
    const Index first = tasks == 1 ? 0 : i * rows_a_task;
    const Index last = tasks == 1 ? height : std::min(height, first + rows_a_task);
    // Kept from call to call: fresh pages would cost more than a small frame's sum.
    thread_local auto scratch = Array<std::byte, 1>::uninitialised({encode_scratch_bytes});
    for (std::size_t k = 0; k < exposures.size(); ++k) {
      encode_rows(best_simd(),
                  recorded,
                  sum,
                  {frames + exposures[k].first * frame_bytes,
                   static_cast<Index>(planes[k].size()),
                   height,
                   width,
                   planes[k].data(),
                   masks.masks.words_per_row(),
                   first,
                   last,
                   static_cast<std::byte*>(out) + static_cast<Index>(k) * sum_bytes,
                   scratch.data()});
    }
  });
}

void require_same_size(const FrameFormat& frames, const MaskSet& masks) {
  if (frames.height == masks.height() && frames.width == masks.width()) return;
  throw InputError("encode: the movie's frames are " + std::to_string(frames.height) + " x " +
                   std::to_string(frames.width) + " and the masks " +
                   std::to_string(masks.height()) + " x " + std::to_string(masks.width()) +
                   "; make masks of the movie's size with `kinema codec masks`");
}

namespace {

void require_buckets(const Coding& coding) {
  if (coding.buckets >= 1 && coding.buckets <= largest_ratio) return;
  throw InputError("encode: buckets must be 1 to " + std::to_string(largest_ratio) +
                   " snapshots of a group, not " + std::to_string(coding.buckets));
}

/// Judges groups one after the other, sums them and hands them on.
class GroupEncoder {
 public:
  GroupEncoder(const FrameFormat& format,
               const MaskSet& masks,
               const Coding& coding,
               const SnapshotSink& sink,
               Index from)
      : taken_{summed_type(format.type), format.height, format.width},
        coding_(coding),
        sink_(sink),
        from_(from),
        movie_masks_(masks),
        masks_(masks),
        sum_(sum_type(format.type, masks)),
        noise_(format.height, format.width),
        keeper_(coding, format, taken_.type) {
    const Index buckets = masks.kind == MaskKind::staggered ? coding.buckets : 1;
    sums_ = Array<std::byte, 1>::uninitialised(
        {checked_product(checked_product(buckets, format.pixels()), bytes_of(sum_))});
  }

  /// The groups of frames that were read at once.
  void take(const FrameGroup& read) {
    for (Index at = 0; at < read.count;) {
      const std::byte* frames = read.data + at * taken_.bytes();
      const GroupPlan plan =
          plan_group(movie_masks_, coding_, {taken_, frames, read.count - at, noise_.model()});
      Group group{read.first + at, plan.frames};
      group.ratio = plan.ratio;
      take(group, frames, losses_in(read, group));
      at += plan.frames;
    }
  }

 private:
  void take(Group group, const std::byte* frames, std::span<const Loss> losses) {
    const Index number = groups_++;
    noise_.add(taken_.type, frames, group.frames);
    const NoiseModel& noise = noise_.model();
    const bool kept = keeper_.keeps(frames, group.frames, noise);
    if (group.first < from_) return;
    if (kept) {
      group.mode = GroupMode::lossless;
      group.buckets = group.frames;
      sink_({group, taken_.type, frames, noise, losses});
      return;
    }
    const MaskSet& masks = masks_.of(group);
    group.buckets = coded_buckets(masks.kind, group.ratio, group.frames);
    encode_group(taken_.type, frames, group.frames, masks, sum_, sums_.data());
    Snapshot snapshot{with_step(group, coding_.quantise, noise), sum_, sums_.data(), noise, losses};
    if (coding_.audit > 0 && number % coding_.audit == 0) {
      const Index middle = group.frames / 2;
      snapshot.audited = {group.first + middle, taken_.type, frames + middle * taken_.bytes()};
    }
    require_finite_sums(snapshot, taken_.pixels());
    sink_(snapshot);
  }

  /// What was lost before frames of the group.
  static std::span<const Loss> losses_in(const FrameGroup& read, const Group& group) {
    const auto before = [](const Loss& loss, Index frame) { return loss.frame < frame; };
    const auto end = read.losses.end();
    const auto from = std::lower_bound(read.losses.begin(), end, group.first, before);
    const auto to = std::lower_bound(from, end, group.first + group.frames, before);
    return {from, to};
  }

  FrameFormat taken_;
  const Coding& coding_;
  const SnapshotSink& sink_;
  Index from_;
  const MaskSet& movie_masks_;
  MaskBank masks_;
  PixelType sum_;
  restore::NoiseMeter noise_;
  GroupKeeper keeper_;
  Array<std::byte, 1> sums_;
  Index groups_ = 0;  // so far
};

}  // namespace

Flow encode(FrameFeed& feed,
            const MaskSet& masks,
            const Coding& coding,
            const SnapshotSink& sink,
            Progress& progress,
            Index memory,
            Index from) {
  const FrameFormat format = feed.format();
  require_same_size(format, masks);
  require_buckets(coding);
  const std::optional<Index> total = feed.frames();
  if (total == 0) throw InputError("encode: the movie has no frames");
  const Index most = longest_group(masks, coding), longest = std::min(most, total.value_or(most));
  GroupEncoder encoder(format, masks, coding, sink, from);
  GroupQueue queue(feed, longest, groups_at_once(longest, format, memory, !total));
  FlowMeter flow(queue);

  progress.begin("encode", total.value_or(0), "frames");
  while (const FrameGroup* now = queue.next(progress)) {
    encoder.take(*now);
    flow.committed(*now);
    progress.advance(now->count);
  }
  progress.end();
  return flow.flow(feed.end());
}

void encode(MovieSource& movie,
            const MaskSet& masks,
            const Coding& coding,
            const SnapshotSink& sink,
            Progress& progress,
            Index memory,
            Index from) {
  MovieFeed feed(movie);
  encode(feed, masks, coding, sink, progress, memory, from);
}

}  // namespace kinema::codec
