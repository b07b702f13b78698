// Streaming a movie through the masked sum.
#include "kinema/codec/encode.h"

#include "kinema/base/cpu.h"
#include "kinema/base/parallel.h"
#include "kinema/codec/encode_kernel.h"
#include "kinema/codec/group_keeper.h"
#include "kinema/restore/noise.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <future>

namespace kinema::codec {
namespace {

/// Pixel type that the kernel sums: half and double precision are taken as float.
PixelType summed_type(PixelType recorded) {
  return recorded == PixelType::f16 || recorded == PixelType::f64 ? PixelType::f32 : recorded;
}

/// A group's frames as the kernel takes them.
struct Frames {
  Array<std::byte, 1> recorded, floats;
  const std::byte* data = nullptr;
};

class GroupReader {
 public:
  /// `longest` is the most frames that are read at a time.
  GroupReader(MovieSource& movie, Index longest)
      : movie_(movie), format_(movie.format()), longest_(longest) {}

  void read(Index first, Index count, Frames& frames) const {
    if (frames.recorded.empty()) {
      frames.recorded = Array<std::byte, 1>::uninitialised({longest_ * format_.bytes()});
    }
    const Index bytes = count * format_.bytes();
    movie_.read(first, count, frames.recorded.flat().first(static_cast<std::size_t>(bytes)));
    frames.data = frames.recorded.data();
    if (summed_type(format_.type) != format_.type) convert(count, frames);
    if (is_float(format_.type)) require_finite(first, count, frames);
  }

 private:
  void convert(Index count, Frames& frames) const {
    if (frames.floats.empty()) {
      frames.floats = Array<std::byte, 1>::uninitialised(
          {longest_ * format_.pixels() * static_cast<Index>(sizeof(float))});
    }
    floats_from(format_.type,
                frames.recorded.data(),
                count * format_.pixels(),
                reinterpret_cast<float*>(frames.floats.data()));
    frames.data = frames.floats.data();
  }

  void require_finite(Index first, Index count, const Frames& frames) const {
    const auto* pixels = reinterpret_cast<const float*>(frames.data);
    for (Index i = 0; i < count * format_.pixels(); ++i) {
      if (std::isfinite(pixels[i])) continue;
      const Index pixel = i % format_.pixels();
      throw InputError("encode: frame " + std::to_string(first + i / format_.pixels()) +
                       ", pixel (y " + std::to_string(pixel / format_.width) + ", x " +
                       std::to_string(pixel % format_.width) +
                       ") is not a finite number; mend the movie before it is encoded");
    }
  }

  MovieSource& movie_;
  FrameFormat format_;
  Index longest_;
};

/// Sums of finite floats may still exceed what a float holds.
void require_finite_sums(PixelType sum, const Array<std::byte, 1>& snapshot, const Group& group) {
  if (sum != PixelType::f32) return;
  const std::span sums(reinterpret_cast<const float*>(snapshot.data()),
                       static_cast<std::size_t>(snapshot.size()) / sizeof(float));
  if (std::all_of(sums.begin(), sums.end(), [](float value) { return std::isfinite(value); })) {
    return;
  }
  throw InputError("encode: the sum of frames " + std::to_string(group.first) + ":" +
                   std::to_string(group.first + group.frames) +
                   " exceeds what float32 holds; scale the movie down before it is encoded");
}

/// Bytes of a group of frames.
Index require_group_fits(Index frames, const FrameFormat& format, Index memory) {
  const Index bytes = checked_product(frames, format.bytes());
  if (bytes <= memory) return bytes;
  throw InputError("encode: one group of " + std::to_string(frames) + " frames takes " +
                   std::to_string(bytes >> 20) + " MiB, more than the " +
                   std::to_string(memory >> 20) + " MiB allowed; lower --ratio or raise --memory");
}

}  // namespace

PixelType sum_type(PixelType recorded, Index ratio) {
  if (!is_grey(recorded)) {
    throw InputError("encode: pixels of type " + to_text(recorded) +
                     " are no grey levels; `kinema convert --part` makes them so");
  }
  switch (recorded) {
    case PixelType::u8:
      return ratio * 255 <= 65535 ? PixelType::u16 : PixelType::i32;
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

void encode_rows(Simd simd, PixelType recorded, PixelType sum, const EncodeRows& task) {
  bool known = false;
#if defined(__x86_64__)
  if (simd == Simd::avx512) known = avx512::encode_rows(recorded, sum, task);
  if (simd == Simd::avx2) known = avx2::encode_rows(recorded, sum, task);
#endif
  if (simd == Simd::scalar) known = scalar::encode_rows(recorded, sum, task);
  if (!known) throw std::logic_error("encode_rows: no kernel for " + to_text(recorded));
}

void encode_group(PixelType recorded,
                  const std::byte* frames,
                  Index count,
                  const MaskSet& masks,
                  PixelType sum,
                  void* out) {
  const Index height = masks.height();
  const Index rows_a_task =
      std::max<Index>(1, (Index{1} << 16) / std::max<Index>(1, masks.width()));
  const Index tasks = threads() == 1 ? 1 : (height + rows_a_task - 1) / rows_a_task;
  parallel_for(tasks, [&](Index i) {
    const Index first = tasks == 1 ? 0 : i * rows_a_task;
    const Index last = tasks == 1 ? height : std::min(height, first + rows_a_task);
    // Kept from call to call: fresh pages would cost more than a small frame's sum.
    thread_local auto scratch = Array<std::byte, 1>::uninitialised({encode_scratch_bytes});
    encode_rows(best_simd(),
                recorded,
                sum,
                {frames,
                 count,
                 height,
                 masks.width(),
                 masks.masks.row(0, 0),
                 masks.masks.words_per_row(),
                 first,
                 last,
                 out,
                 scratch.data()});
  });
}

void require_same_size(const FrameFormat& frames, const MaskSet& masks) {
  if (frames.height == masks.height() && frames.width == masks.width()) return;
  throw InputError("encode: the movie's frames are " + std::to_string(frames.height) + " x " +
                   std::to_string(frames.width) + " and the masks " +
                   std::to_string(masks.height()) + " x " + std::to_string(masks.width()) +
                   "; make masks of the movie's size with `kinema codec masks`");
}

void encode(MovieSource& movie,
            const MaskSet& masks,
            const Coding& coding,
            const SnapshotSink& sink,
            Progress& progress,
            Index memory,
            Index from) {
  const FrameFormat format = movie.format();
  require_same_size(format, masks);
  const Index ratio = masks.ratio();
  const Index total = movie.frames().value_or(0);
  if (total == 0) throw InputError("encode: the movie has no frames");
  const PixelType sum = sum_type(format.type, ratio);
  const PixelType recorded = summed_type(format.type);
  const Index longest = std::min(ratio, total);
  const Index group_bytes = require_group_fits(longest, format, memory);
  const bool read_ahead = group_bytes <= memory / 3;

  const GroupReader reader(movie, longest);
  auto snapshot =
      Array<std::byte, 1>::uninitialised({checked_product(format.pixels(), bytes_of(sum))});
  restore::NoiseMeter noise(format.height, format.width);
  GroupKeeper keeper(coding, format, recorded);
  Frames now, ahead;
  std::future<void> reading;
  const auto count_at = [&](Index first) { return std::min(ratio, total - first); };

  progress.begin("encode", total, "frames");
  reader.read(0, count_at(0), now);
  for (Index first = 0; first < total; first += ratio) {
    progress.check();
    const Index next = first + ratio;
    if (read_ahead && next < total) {
      reading =
          std::async(std::launch::async, [&, next] { reader.read(next, count_at(next), ahead); });
    }
    const Index count = count_at(first);
    noise.add(recorded, now.data, count);
    const bool kept = keeper.keeps(now.data, count, noise.model());
    if (first >= from && kept) {
      sink({{first, count, count, GroupMode::lossless}, recorded, now.data, noise.model()});
    } else if (first >= from) {
      const Group group{first, count, 1, GroupMode::coded};
      encode_group(recorded, now.data, count, masks, sum, snapshot.data());
      require_finite_sums(sum, snapshot, group);
      sink({with_step(group, coding.quantise, noise.model()), sum, snapshot.data(), noise.model()});
    }
    progress.advance(count);
    if (reading.valid()) {
      reading.get();
      std::swap(now, ahead);
    } else if (next < total) {
      reader.read(next, count_at(next), now);
    }
  }
  progress.end();
}

}  // namespace kinema::codec
