// Encoding into memory: the same groups as in a file, as a decoder of that file would see them.
#include "kinema/codec/encode.h"
#include "kinema/codec/encode_kernel.h"
#include "kinema/codec/plane_snapshot.h"

#include <cstring>

namespace kinema::codec {
namespace {

Snapshots snapshots_from(PixelType type,
                         const std::vector<std::byte>& bytes,
                         const Shape<3>& shape) {
  const auto filled = [&](auto zero) -> Snapshots {
    auto array = Array<decltype(zero), 3>::uninitialised(shape);
    std::memcpy(array.data(), bytes.data(), bytes.size());
    return array;
  };
  if (type == PixelType::u16) return filled(std::uint16_t{});
  if (type == PixelType::i32) return filled(std::int32_t{});
  return filled(float{});
}

AuditedFrame frame_of(const RecordedFrame& recorded, const FrameFormat& format) {
  AuditedFrame audited{recorded.frame,
                       Array<float, 2>::uninitialised({format.height, format.width})};
  floats_from(recorded.type, recorded.pixels, format.pixels(), audited.pixels.data());
  return audited;
}

}  // namespace

Measurement encode(MovieSource& movie,
                   const MaskSet& masks,
                   Progress& progress,
                   const Coding& coding) {
  const FrameFormat format = movie.format();
  Measurement measurement;
  measurement.masks = masks;
  measurement.recorded = format.type;
  measurement.info = movie.info();
  const PixelType sum = sum_type(format.type, masks);
  const bool exact = coding.is_exact();
  PlaneSnapshots planes(masks, !is_float(format.type));
  std::vector<std::byte> kept;
  const auto keep_exact = [&](const Snapshot& snapshot) {
    const Index bytes = snapshot.group.buckets * format.pixels() * bytes_of(sum);
    kept.insert(kept.end(), snapshot.sum, snapshot.sum + bytes);
    measurement.groups.push_back(snapshot.group);
  };
  const auto keep_planes = [&](const Snapshot& snapshot) {
    std::vector<float> sums(static_cast<std::size_t>(snapshot.group.buckets * format.pixels()));
    measurement.groups.push_back(planes.quantise(snapshot, sums));
    const auto bytes = std::as_bytes(std::span(sums));
    kept.insert(kept.end(), bytes.begin(), bytes.end());
  };
  encode(
      movie,
      masks,
      coding,
      [&](const Snapshot& snapshot) {
        exact ? keep_exact(snapshot) : keep_planes(snapshot);
        measurement.noise = snapshot.noise;
        if (snapshot.audited) measurement.audited.push_back(frame_of(*snapshot.audited, format));
      },
      progress);
  const Index snapshots = first_snapshots(measurement.groups).back();
  measurement.snapshots =
      snapshots_from(exact ? sum : PixelType::f32, kept, {snapshots, format.height, format.width});
  return measurement;
}

}  // namespace kinema::codec
