// Surface nets: one point in every cell that the level crosses, joined across the edges it crosses.
#include "kinema/report/surface.h"

#include "kinema/base/parallel.h"

#include <algorithm>
#include <cmath>

namespace kinema::report {
namespace {

/// The density at whole places and between them; places in voxels (x, y, z).
class Field {
 public:
  explicit Field(const Array<float, 3>& density) : density_(density), shape_(density.shape()) {}

  float at(Index z, Index y, Index x) const { return density_(z, y, x); }

  double value(const Vec3& place) const {
    return mixed(place, [this](Index z, Index y, Index x) { return double{at(z, y, x)}; });
  }

  /// Central differences, interpolated.
  Vec3 gradient(const Vec3& place) const {
    Vec3 slope{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      slope[axis] = mixed(place, [this, axis](Index z, Index y, Index x) {
        std::array<Index, 3> below{z, y, x}, above{z, y, x};
        Index& low = below[2 - axis];
        Index& high = above[2 - axis];
        low = std::max<Index>(low - 1, 0);
        high = std::min(high + 1, shape_[2 - axis] - 1);
        return (at(above[0], above[1], above[2]) - at(below[0], below[1], below[2])) /
               static_cast<double>(std::max<Index>(high - low, 1));
      });
    }
    return slope;
  }

 private:
  /// The trilinear mean of what `corner` gives at the eight voxels around a place.
  template <class Corner>
  double mixed(const Vec3& place, Corner corner) const {
    Index low[3], high[3];
    double share[3];
    for (std::size_t i = 0; i < 3; ++i) {
      const Index last = shape_[2 - i] - 1;
      const double at = std::clamp(place[i], 0.0, static_cast<double>(last));
      low[i] = std::min(static_cast<Index>(at), std::max<Index>(last - 1, 0));
      high[i] = std::min(low[i] + 1, last);
      share[i] = at - static_cast<double>(low[i]);
    }
    double sum = 0.0;
    for (int bits = 0; bits < 8; ++bits) {
      const bool x = (bits & 1) != 0, y = (bits & 2) != 0, z = (bits & 4) != 0;
      const double weight = (x ? share[0] : 1.0 - share[0]) * (y ? share[1] : 1.0 - share[1]) *
                            (z ? share[2] : 1.0 - share[2]);
      if (weight > 0.0) {
        sum += weight * corner(z ? high[2] : low[2], y ? high[1] : low[1], x ? high[0] : low[0]);
      }
    }
    return sum;
  }

  const Array<float, 3>& density_;
  Shape<3> shape_;
};

constexpr std::int32_t no_point = -1;

/// Mean of the places where the level crosses the twelve edges of cell (z, y, x); none where it
/// crosses none.
std::optional<Vec3> crossing(const Field& field, Index z, Index y, Index x, float level) {
  float corner[8];
  int above = 0;
  for (int i = 0; i < 8; ++i) {
    corner[i] = field.at(z + (i >> 2 & 1), y + (i >> 1 & 1), x + (i & 1));
    above += corner[i] > level ? 1 : 0;
  }
  if (above == 0 || above == 8) return std::nullopt;
  Vec3 sum{};
  double count = 0.0;
  for (int i = 0; i < 8; ++i) {
    for (int axis = 0; axis < 3; ++axis) {
      const int j = i | 1 << axis;
      if (j == i || (corner[i] > level) == (corner[j] > level)) continue;
      const double share = (level - corner[i]) / static_cast<double>(corner[j] - corner[i]);
      Vec3 place{static_cast<double>(x + (i & 1)),
                 static_cast<double>(y + (i >> 1 & 1)),
                 static_cast<double>(z + (i >> 2 & 1))};
      place[static_cast<std::size_t>(axis)] += share;
      for (std::size_t k = 0; k < 3; ++k) sum[k] += place[k];
      count += 1.0;
    }
  }
  for (double& part : sum) part /= count;
  return sum;
}

/// Brings a point onto the level by two steps of Newton, at most half a voxel in all, and returns
/// the direction in which the density falls.
Vec3 settle(const Field& field, Vec3& place, double level) {
  const Vec3 begin = place;
  Vec3 slope{};
  for (int step = 0; step < 3; ++step) {
    slope = field.gradient(place);
    const double square = slope[0] * slope[0] + slope[1] * slope[1] + slope[2] * slope[2];
    if (square <= 0.0 || step == 2) break;
    const double by = (level - field.value(place)) / square;
    for (std::size_t k = 0; k < 3; ++k) {
      place[k] = std::clamp(place[k] + by * slope[k], begin[k] - 0.5, begin[k] + 0.5);
    }
  }
  const double length = std::sqrt(slope[0] * slope[0] + slope[1] * slope[1] + slope[2] * slope[2]);
  if (length <= 0.0) return {0.0, 0.0, 1.0};
  return {-slope[0] / length, -slope[1] / length, -slope[2] / length};
}

/// Every crossed edge between two voxels joins the points of the four cells around it.
void join(Surface& surface, const Field& field, const Array<std::int32_t, 3>& points, float level) {
  const auto [depth, height, width] = points.shape();
  for (Index z = 0; z < depth; ++z) {
    for (Index y = 0; y < height; ++y) {
      for (Index x = 0; x < width; ++x) {
        if (points(z, y, x) == no_point) continue;
        const bool inside = field.at(z, y, x) > level;
        const auto quad = [&](bool other, std::array<std::int32_t, 4> corners) {
          if (inside == other || *std::min_element(corners.begin(), corners.end()) == no_point) {
            return;
          }
          if (!inside) std::reverse(corners.begin(), corners.end());
          const auto [a, b, c, d] = corners;
          const auto index = [](std::int32_t i) { return static_cast<std::uint32_t>(i); };
          surface.triangles.push_back({index(a), index(b), index(c)});
          surface.triangles.push_back({index(a), index(c), index(d)});
        };
        const auto at = [&](Index dz, Index dy, Index dx) {
          return points(z - dz, y - dy, x - dx);
        };
        if (y > 0 && z > 0) {
          quad(field.at(z, y, x + 1) > level, {at(0, 0, 0), at(0, 1, 0), at(1, 1, 0), at(1, 0, 0)});
        }
        if (x > 0 && z > 0) {
          quad(field.at(z, y + 1, x) > level, {at(0, 0, 0), at(1, 0, 0), at(1, 0, 1), at(0, 0, 1)});
        }
        if (x > 0 && y > 0) {
          quad(field.at(z + 1, y, x) > level, {at(0, 0, 0), at(0, 0, 1), at(0, 1, 1), at(0, 1, 0)});
        }
      }
    }
  }
}

}  // namespace

Surface isosurface(const Volume& volume, double level) {
  Surface surface;
  const Shape<3> shape = volume.density.shape();
  if (std::min({shape[0], shape[1], shape[2]}) < 2) return surface;
  const Field field(volume.density);
  Array<std::int32_t, 3> points({shape[0] - 1, shape[1] - 1, shape[2] - 1}, no_point);
  const auto [depth, height, width] = points.shape();
  for (Index z = 0; z < depth; ++z) {
    for (Index y = 0; y < height; ++y) {
      for (Index x = 0; x < width; ++x) {
        const auto place = crossing(field, z, y, x, static_cast<float>(level));
        if (!place) continue;
        points(z, y, x) = static_cast<std::int32_t>(surface.points.size());
        surface.points.push_back(*place);
      }
    }
  }
  join(surface, field, points, static_cast<float>(level));
  surface.normals.resize(surface.points.size());
  constexpr std::size_t share = 4096;
  const auto count = static_cast<Index>((surface.points.size() + share - 1) / share);
  parallel_for(count, [&](Index part) {
    const std::size_t first = static_cast<std::size_t>(part) * share;
    for (std::size_t i = first; i < std::min(first + share, surface.points.size()); ++i) {
      Vec3& point = surface.points[i];
      surface.normals[i] = settle(field, point, level);
      for (std::size_t k = 0; k < 3; ++k) {
        point[k] = volume.origin[k] + point[k] * volume.voxel_size.value;
      }
    }
  });
  return surface;
}

Volume refined(const Volume& volume, Index factor) {
  Array<float, 3> fine = Array<float, 3>::copy_of(volume.density.view());
  for (int axis = 0; axis < 3; ++axis) {
    // Every pass makes the last axis finer and puts it first.
    const auto [a, b, coarse] = fine.shape();
    const Index many = (coarse - 1) * factor + 1;
    Array<float, 3> next = Array<float, 3>::uninitialised({many, a, b});
    parallel_for(many, [&, a = a, b = b, coarse = coarse](Index i) {
      const Index cell = std::min(i / factor, std::max<Index>(coarse - 2, 0));
      const auto t = static_cast<float>(i - cell * factor) / static_cast<float>(factor);
      const float weights[4] = {0.5F * t * (-1.0F + t * (2.0F - t)),
                                1.0F + 0.5F * t * t * (-5.0F + 3.0F * t),
                                0.5F * t * (1.0F + t * (4.0F - 3.0F * t)),
                                0.5F * t * t * (t - 1.0F)};
      Index from[4];
      for (Index k = 0; k < 4; ++k) from[k] = std::clamp<Index>(cell + k - 1, 0, coarse - 1);
      for (Index j = 0; j < a * b; ++j) {
        const float* row = fine.data() + j * coarse;
        next.data()[i * a * b + j] = weights[0] * row[from[0]] + weights[1] * row[from[1]] +
                                     weights[2] * row[from[2]] + weights[3] * row[from[3]];
      }
    });
    fine = std::move(next);
  }
  return {std::move(fine), {volume.voxel_size.value / static_cast<double>(factor)}, volume.origin};
}

double contour_level(const Volume& volume) {
  std::vector<float> values(volume.density.flat().begin(), volume.density.flat().end());
  const auto bright = values.begin() + static_cast<std::ptrdiff_t>(values.size() * 995 / 1000);
  std::nth_element(values.begin(), bright, values.end());
  return 0.4 * double{*bright};
}

}  // namespace kinema::report
