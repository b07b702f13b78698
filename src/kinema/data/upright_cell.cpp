// Gram and Schmidt on the edges of a box.
#include "kinema/data/upright_cell.h"

#include "kinema/base/error.h"

#include <algorithm>
#include <cmath>

namespace kinema {
namespace {

double dot(const Vec3& a, const Vec3& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

Vec3 cross(const Vec3& a, const Vec3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

Vec3 scaled(const Vec3& a, double factor) {
  return {a[0] * factor, a[1] * factor, a[2] * factor};
}

/// Rounding must not tilt a box that stands upright already.
double cleaned(double tilt, double length) {
  return std::abs(tilt) < 1e-12 * length ? 0.0 : tilt;
}

}  // namespace

UprightCell upright(const Cell& cell) {
  const auto& [a, b, c] = cell.edges;
  const Vec3 normal = cross(a, b);
  const double lengths = std::sqrt(dot(a, a) * dot(b, b) * dot(c, c));
  const double volume = dot(normal, c);
  if (!std::isfinite(lengths) || !(std::abs(volume) > 1e-9 * lengths)) {
    throw InputError("the edges of the cell span no volume; give it three that do");
  }
  if (volume < 0.0) {
    throw InputError("the edges of the cell are left-handed; exchange two of them");
  }
  UprightCell box;
  const Vec3 along_x = scaled(a, 1.0 / std::sqrt(dot(a, a)));
  const Vec3 along_z = scaled(normal, 1.0 / std::sqrt(dot(normal, normal)));
  box.rotation = {along_x, cross(along_z, along_x), along_z};
  box.lx = dot(a, along_x);
  box.ly = dot(b, box.rotation[1]);
  box.lz = dot(c, along_z);
  box.xy = cleaned(dot(b, along_x), box.lx);
  box.xz = cleaned(dot(c, along_x), box.lx);
  box.yz = cleaned(dot(c, box.rotation[1]), box.ly);
  box.low = to_upright(box, cell.origin);
  return box;
}

Vec3 to_upright(const UprightCell& cell, const Vec3& position) {
  return {dot(cell.rotation[0], position),
          dot(cell.rotation[1], position),
          dot(cell.rotation[2], position)};
}

Vec3 from_upright(const UprightCell& cell, const Vec3& position_in_box) {
  Vec3 position{};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      position[axis] += cell.rotation[row][axis] * position_in_box[row];
    }
  }
  return position;
}

Vec3 fraction_of(const UprightCell& cell, const Vec3& vector_in_box) {
  Vec3 fraction{};
  fraction[2] = vector_in_box[2] / cell.lz;
  fraction[1] = (vector_in_box[1] - fraction[2] * cell.yz) / cell.ly;
  fraction[0] = (vector_in_box[0] - fraction[1] * cell.xy - fraction[2] * cell.xz) / cell.lx;
  return fraction;
}

Vec3 without_edges(const UprightCell& cell, Vec3 vector_in_box, const Vec3& count) {
  vector_in_box[0] -= count[0] * cell.lx + count[1] * cell.xy + count[2] * cell.xz;
  vector_in_box[1] -= count[1] * cell.ly + count[2] * cell.yz;
  vector_in_box[2] -= count[2] * cell.lz;
  return vector_in_box;
}

Cell box_around(const AtomicModel& model, double margin) {
  Vec3 low{}, high{};
  if (!model.positions.empty()) low = high = model.positions.front();
  for (const Vec3& position : model.positions) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      low[axis] = std::min(low[axis], position[axis]);
      high[axis] = std::max(high[axis], position[axis]);
    }
  }
  Cell cell{{}, {false, false, false}, {}};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    cell.origin[axis] = low[axis] - margin;
    cell.edges[axis][axis] = high[axis] - low[axis] + 2.0 * margin;
  }
  return cell;
}

}  // namespace kinema
