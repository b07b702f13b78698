// Snapshots as floats, and whether a measurement's parts agree.
#include "kinema/data/measurement.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace kinema {

nlohmann::ordered_json to_json(const NoiseModel& noise) {
  return {{"gain", noise.gain}, {"read_variance", noise.read_variance}, {"change", noise.change}};
}

namespace {

bool is_amount(double value) {
  return std::isfinite(value) && value >= 0.0;
}

}  // namespace

std::vector<Index> first_snapshots(std::span<const Group> groups) {
  std::vector<Index> first = {0};
  for (const Group& group : groups) first.push_back(first.back() + group.buckets);
  return first;
}

Index bucket_of_frame(const Group& group, Index t) {
  if (group.mode == GroupMode::lossless) return t;
  return group.buckets == 1 ? 0 : std::min(t / group.ratio, group.buckets - 1);
}

Index first_frame_of(const Group& group, Index k) {
  if (group.mode == GroupMode::lossless) return k;
  return k == 0 ? 0 : k * group.ratio - group.ratio / 2;
}

Index nominal_ratio(std::span<const Group> groups, Index ratio) {
  Index frames = 0, snapshots = 0;
  for (const Group& group : groups) {
    // A short last group tells less than how many frames a snapshot is meant for.
    if (group.mode == GroupMode::lossless) continue;
    frames += group.ratio == 0 ? ratio * group.buckets : group.ratio * group.buckets;
    snapshots += group.buckets;
  }
  return snapshots == 0 ? ratio : (frames + snapshots / 2) / snapshots;
}

void require_groups(std::span<const Group> groups, MaskKind kind, Index ratio) {
  const bool staggered = kind == MaskKind::staggered;
  Index next = 0, row = 0;
  for (const Group& group : groups) {
    const Index own = group.ratio == 0 ? ratio : group.ratio;
    const bool sound = group.first == next && group.frames >= 1 && own >= 1 && own <= ratio &&
                       (staggered ? group.frames / own <= group.buckets : group.frames <= own) &&
                       is_amount(group.step) && is_amount(group.gain) &&
                       is_amount(group.read_variance);
    if (!sound || group.buckets != (group.mode == GroupMode::lossless
                                        ? group.frames
                                        : coded_buckets(kind, own, group.frames))) {
      throw InputError(
          "group " + std::to_string(row) + " is damaged or of a newer kinema: it is not " +
          (staggered ? "as many" : "1 to " + std::to_string(own)) +
          " frames that follow the group before it" + (staggered ? " as its snapshots sum" : ""));
    }
    next += group.frames;
    ++row;
  }
}

void require_consistent(const Measurement& measurement) {
  const MaskSet& masks = measurement.masks;
  const Shape<3> shape = shape_of(measurement.snapshots);
  const Index snapshots = first_snapshots(measurement.groups).back();
  if (shape != Shape<3>{snapshots, masks.height(), masks.width()}) {
    throw InputError("a measurement of " + std::to_string(shape[0]) + " snapshots of " +
                     std::to_string(shape[1]) + " x " + std::to_string(shape[2]) + " has " +
                     std::to_string(snapshots) + " in its groups and masks of " +
                     std::to_string(masks.height()) + " x " + std::to_string(masks.width()));
  }
  require_groups(measurement.groups, masks.kind, masks.ratio());
}

Shape<3> shape_of(const Snapshots& snapshots) {
  return std::visit([](const auto& array) { return array.shape(); }, snapshots);
}

Array<float, 2> snapshot_floats(const Snapshots& snapshots, Index s) {
  const auto [count, height, width] = shape_of(snapshots);
  auto out = Array<float, 2>::uninitialised({height, width});
  std::visit(
      [&](const auto& array) {
        const auto* in = array[s].data();
        for (Index i = 0; i < height * width; ++i) out.data()[i] = static_cast<float>(in[i]);
      },
      snapshots);
  return out;
}

}  // namespace kinema
