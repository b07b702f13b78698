// Neighbours by a sweep along x over the atoms and their images near the cell's borders.
#include "kinema/md/bonds.h"

#include "kinema/data/upright_cell.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace kinema::md {
namespace {

struct Place {
  Vec3 position;
  Index atom;
  bool is_image;
};

double length_of(const Vec3& v) {
  return std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

/// How many cells away along each axis an image may lie that is still within `reach`.
std::array<int, 3> image_range(const Cell& cell, double reach) {
  const UprightCell box = upright(cell);
  // Distances between opposite faces of the box are its volume over the faces' areas.
  const double volume = box.lx * box.ly * box.lz;
  const double ab = box.lx * box.ly;
  const double ac = box.lx * std::hypot(box.yz, box.lz);
  const double bc =
      length_of({box.ly * box.lz, box.xy * box.lz, box.xy * box.yz - box.ly * box.xz});
  const Vec3 thickness{volume / bc, volume / ac, volume / ab};
  std::array<int, 3> range{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (cell.periodic[axis]) range[axis] = static_cast<int>(reach / thickness[axis]) + 1;
  }
  return range;
}

/// The atoms, moved by whole edges into the cell along its periodic axes.
std::vector<Vec3> wrapped(const AtomicModel& model) {
  std::vector<Vec3> positions = model.positions;
  if (!model.cell) return positions;
  const Cell& cell = *model.cell;
  const UprightCell box = upright(cell);
  for (Vec3& position : positions) {
    Vec3 from_corner = position;
    for (std::size_t axis = 0; axis < 3; ++axis) from_corner[axis] -= cell.origin[axis];
    const Vec3 fraction = fraction_of(box, to_upright(box, from_corner));
    for (std::size_t edge = 0; edge < 3; ++edge) {
      if (!cell.periodic[edge]) continue;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        position[axis] -= std::floor(fraction[edge]) * cell.edges[edge][axis];
      }
    }
  }
  return positions;
}

/// The atoms and those images that lie within `reach` of the atoms' bounds, ordered by x.
std::vector<Place> places_of(const AtomicModel& model, double reach) {
  const std::vector<Vec3> positions = wrapped(model);
  std::vector<Place> places;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    places.push_back({positions[i], static_cast<Index>(i), false});
  }
  if (model.cell && !positions.empty()) {
    const Cell around = box_around({model.atomic_numbers, positions, {}}, reach);
    const auto [na, nb, nc] = image_range(*model.cell, reach);
    const auto& edges = model.cell->edges;
    for (int a = -na; a <= na; ++a) {
      for (int b = -nb; b <= nb; ++b) {
        for (int c = -nc; c <= nc; ++c) {
          if (a == 0 && b == 0 && c == 0) continue;
          for (std::size_t i = 0; i < positions.size(); ++i) {
            Vec3 image = positions[i];
            bool is_near = true;
            for (std::size_t axis = 0; axis < 3; ++axis) {
              image[axis] += a * edges[0][axis] + b * edges[1][axis] + c * edges[2][axis];
              const double from_low = image[axis] - around.origin[axis];
              is_near = is_near && from_low >= 0.0 && from_low <= around.edges[axis][axis];
            }
            if (is_near) places.push_back({image, static_cast<Index>(i), true});
          }
        }
      }
    }
  }
  std::sort(places.begin(), places.end(), [](const Place& p, const Place& q) {
    return p.position[0] < q.position[0];
  });
  return places;
}

/// Whether of the two ways in which a pair is met this is the one to keep: from the lower atom, and
/// of an atom with its own image the one way of both that points up.
bool is_kept(const Place& from, const Place& to, const Vec3& vector) {
  if (from.is_image) return false;
  if (from.atom != to.atom) return from.atom < to.atom;
  return vector > Vec3{};
}

}  // namespace

double Bond::length() const {
  return length_of(vector);
}

double Bond::length_after(std::span<const Vec3> displacements) const {
  Vec3 now = vector;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    now[axis] += displacements[static_cast<std::size_t>(b)][axis] -
                 displacements[static_cast<std::size_t>(a)][axis];
  }
  return length_of(now);
}

std::vector<Bond> bonds_of(const AtomicModel& model, double reach) {
  const std::vector<Place> places = places_of(model, reach);
  std::vector<Bond> bonds;
  const auto consider = [&](const Place& from, const Place& to) {
    Vec3 vector{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      vector[axis] = to.position[axis] - from.position[axis];
    }
    if (length_of(vector) < reach && is_kept(from, to, vector)) {
      bonds.push_back({from.atom, to.atom, vector});
    }
  };
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (std::size_t j = i + 1; j < places.size(); ++j) {
      if (places[j].position[0] - places[i].position[0] >= reach) break;
      consider(places[i], places[j]);
      consider(places[j], places[i]);
    }
  }
  std::sort(bonds.begin(), bonds.end(), [](const Bond& p, const Bond& q) {
    return std::tie(p.a, p.b, p.vector) < std::tie(q.a, q.b, q.vector);
  });
  return bonds;
}

std::vector<int> coordination(Index atoms, std::span<const Bond> bonds) {
  std::vector<int> counts(static_cast<std::size_t>(atoms));
  for (const Bond& bond : bonds) {
    ++counts[static_cast<std::size_t>(bond.a)];
    ++counts[static_cast<std::size_t>(bond.b)];
  }
  return counts;
}

std::vector<Bond> broken_bonds(std::span<const Bond> bonds, std::span<const Vec3> displacements) {
  std::vector<Bond> broken;
  for (const Bond& bond : bonds) {
    if (bond.length_after(displacements) > broken_reach) broken.push_back(bond);
  }
  return broken;
}

}  // namespace kinema::md
