// Snapshots as floats, and whether a measurement's parts agree.
#include "kinema/data/measurement.h"

#include <nlohmann/json.hpp>

namespace kinema {

nlohmann::ordered_json to_json(const NoiseModel& noise) {
  return {{"gain", noise.gain}, {"read_variance", noise.read_variance}, {"change", noise.change}};
}

void require_groups(std::span<const Group> groups, Index ratio) {
  Index next = 0, row = 0;
  for (const Group& group : groups) {
    if (group.first != next || group.frames < 1 || group.frames > ratio || group.buckets != 1 ||
        group.mode != GroupMode::coded || group.step != 0.0) {
      throw InputError("group " + std::to_string(row) +
                       " is damaged or of a newer kinema: it is not 1 to " + std::to_string(ratio) +
                       " coded frames that follow the group before it");
    }
    next += group.frames;
    ++row;
  }
}

void require_consistent(const Measurement& measurement) {
  const MaskSet& masks = measurement.masks;
  const Shape<3> shape = shape_of(measurement.snapshots);
  if (shape !=
      Shape<3>{static_cast<Index>(measurement.groups.size()), masks.height(), masks.width()}) {
    throw InputError("a measurement of " + std::to_string(shape[0]) + " snapshots of " +
                     std::to_string(shape[1]) + " x " + std::to_string(shape[2]) + " has " +
                     std::to_string(measurement.groups.size()) + " groups and masks of " +
                     std::to_string(masks.height()) + " x " + std::to_string(masks.width()));
  }
  require_groups(measurement.groups, masks.ratio());
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
