// Snapshots as floats.
#include "kinema/data/measurement.h"

namespace kinema {

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
