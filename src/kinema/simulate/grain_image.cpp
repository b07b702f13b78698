// The loops over x are written for the compiler's vectoriser: no branches, no calls to libm but
// sqrt. Lengths are pixels, measured from the grain's centre.
#include "kinema/simulate/grain_image.h"

#include "kinema/simulate/edge.h"

#include <algorithm>
#include <cmath>

namespace kinema::simulate {
namespace {

/// cos(2 pi turns), good to 1e-5.
inline float cosine(float turns) {
  const float whole = static_cast<float>(static_cast<int>(turns + (turns < 0.0F ? -0.5F : 0.5F)));
  const float y = 0.25F - std::abs(turns - whole);  // cos(2 pi x) = sin(2 pi (1/4 - |x|))
  const float y2 = y * y;
  return y *
         (6.2831853F + y2 * (-41.341702F + y2 * (81.605249F + y2 * (-76.70586F + y2 * 42.05869F))));
}

/// The larger of a and b, rounded over a width k where they are close: the curve of a neck.
inline float smooth_max(float a, float b, float k) {
  const float h = std::max(k - std::abs(a - b), 0.0F);
  return std::max(a, b) + 0.25F * h * h / k;
}

}  // namespace

GrainImage::GrainImage(std::span<const Grain> grains, std::span<const GrainPose> poses) {
  grains_.reserve(grains.size());
  for (std::size_t i = 0; i < grains.size(); ++i) grains_.push_back(place(grains[i], poses[i]));
}

GrainImage::Placed GrainImage::place(const Grain& grain, const GrainPose& pose) {
  Placed placed{.x = pose.centre.x,
                .y = pose.centre.y,
                .extent = 0.0,
                .radius = static_cast<float>(grain.radius),
                .ramp = static_cast<float>(grain.ramp),
                .absorption = static_cast<float>(grain.absorption),
                .facets = {},
                .waves = {},
                .boundary = {0.0F, 0.0F, 0.0F},
                .neck_radius = static_cast<float>(pose.neck_radius)};
  for (const Facet& facet : grain.facets) {
    const double angle = pose.angle + facet.angle;
    placed.facets.push_back({static_cast<float>(std::cos(angle)),
                             static_cast<float>(std::sin(angle)),
                             static_cast<float>(facet.distance)});
  }
  for (const Reflection& reflection : grain.reflections) {
    const double angle = pose.angle + reflection.angle;
    placed.waves.push_back({static_cast<float>(std::cos(angle) / reflection.spacing),
                            static_cast<float>(std::sin(angle) / reflection.spacing),
                            static_cast<float>(reflection.phase),
                            static_cast<float>(reflection.strength),
                            static_cast<float>(reflection.thickness)});
  }
  const double to_boundary = std::hypot(pose.to_boundary.x, pose.to_boundary.y);
  if (to_boundary > 0.0) {
    placed.boundary = {static_cast<float>(pose.to_boundary.x / to_boundary),
                       static_cast<float>(pose.to_boundary.y / to_boundary),
                       static_cast<float>(to_boundary)};
  }
  placed.extent = std::max(1.5 * grain.radius, to_boundary) + pose.neck_radius + 8.0;
  return placed;
}

/// Distance to the nearest facet, positive inside.
void GrainImage::edge_distance(const Placed& grain, float dy, float dx0, std::span<float> inside) {
  std::fill(inside.begin(), inside.end(), 1e6F);
  for (const HalfPlane& facet : grain.facets) {
    const float at_zero = facet.distance - facet.ny * dy - facet.nx * dx0;
    for (std::size_t i = 0; i < inside.size(); ++i) {
      inside[i] = std::min(inside[i], at_zero - facet.nx * static_cast<float>(static_cast<int>(i)));
    }
  }
}

/// Adds the neck: all that is within `neck_radius` of the line from the centre to the boundary.
void GrainImage::join_neck(const Placed& grain, float dy, float dx0, std::span<float> inside) {
  const HalfPlane& axis = grain.boundary;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    const float dx = dx0 + static_cast<float>(static_cast<int>(i));
    const float along = dx * axis.nx + dy * axis.ny;
    const float nearest = std::clamp(along, 0.0F, axis.distance);
    const float rx = dx - nearest * axis.nx, ry = dy - nearest * axis.ny;
    const float neck = grain.neck_radius - std::sqrt(rx * rx + ry * ry);
    inside[i] = smooth_max(inside[i], neck, 0.3F * grain.radius);
  }
}

void GrainImage::transmit(
    const Placed& grain, float dy, float dx0, std::span<const float> inside, std::span<float> row) {
  const std::size_t count = row.size();
  const float per_pixel = 1.0F / grain.ramp;
  const bool bounded = grain.boundary.distance > 0.0F;
  const HalfPlane& wall = grain.boundary;
  std::vector<float> scratch(2 * count, 0.0F);
  const std::span<float> thickness(scratch.data(), count), waves(scratch.data() + count, count);
  for (std::size_t i = 0; i < count; ++i) {
    const float ramp = std::clamp(inside[i] * per_pixel, 0.0F, 1.0F);
    thickness[i] = ramp * (2.0F - ramp);
  }
  if (bounded) {  // the neighbour's half belongs to the neighbour
    const float at_zero = 0.5F + 0.5F * (wall.distance - wall.ny * dy - wall.nx * dx0);
    for (std::size_t i = 0; i < count; ++i) {
      const float x = static_cast<float>(static_cast<int>(i));
      thickness[i] *= std::clamp(at_zero - 0.5F * wall.nx * x, 0.0F, 1.0F);
    }
  }
  for (const Wave& wave : grain.waves) {
    const float at_zero = wave.phase + wave.ky * dy + wave.kx * dx0;
    for (std::size_t i = 0; i < count; ++i) {
      const float x = static_cast<float>(static_cast<int>(i));
      const float amplitude = wave.strength * cosine(0.5F * wave.thickness * thickness[i] - 0.25F);
      waves[i] += amplitude * cosine(at_zero + wave.kx * x);
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    row[i] *= (1.0F - grain.absorption * thickness[i]) * fresnel_rim(inside[i]) * (1.0F + waves[i]);
  }
}

void GrainImage::darken_row(Index y, std::span<float> row) const {
  std::vector<float> inside(row.size());
  for (const Placed& grain : grains_) {
    const double dy = static_cast<double>(y) - grain.y;
    if (std::abs(dy) > grain.extent) continue;
    const double half = std::sqrt(grain.extent * grain.extent - dy * dy);
    const auto width = static_cast<double>(row.size());
    const auto first = static_cast<Index>(std::clamp(std::ceil(grain.x - half), 0.0, width));
    const auto last = static_cast<Index>(std::clamp(std::floor(grain.x + half) + 1.0, 0.0, width));
    if (first >= last) continue;
    const auto count = static_cast<std::size_t>(last - first);
    const std::span<float> part(inside.data(), count);
    const auto fdy = static_cast<float>(dy);
    const auto dx0 = static_cast<float>(static_cast<double>(first) - grain.x);
    edge_distance(grain, fdy, dx0, part);
    if (grain.neck_radius > 0.0F) join_neck(grain, fdy, dx0, part);
    transmit(grain, fdy, dx0, part, row.subspan(static_cast<std::size_t>(first), count));
  }
}

}  // namespace kinema::simulate
