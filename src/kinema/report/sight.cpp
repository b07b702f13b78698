// Rays against balls and sticks by their equations, and against triangles by their edges, into a
// buffer of depths; bands of rows go to threads.
#include "kinema/report/sight.h"

#include "kinema/base/parallel.h"

#include <algorithm>
#include <array>

namespace kinema::report {
namespace {

constexpr Index band_rows = 32;
constexpr float nearest_share = 0.05F;  // of the eye's distance: what is nearer is not drawn

struct ViewBall {
  View3 centre;
  float radius;
  Rgb colour;
};
struct ViewStick {
  View3 a, b;
  float radius;
  Rgb colour_a, colour_b;
};
struct ViewCorner {
  float column, row, depth, shrink;  // shrink = 1 - nearness z
  View3 normal;
};

/// Rows and columns, half-open.
struct Frame {
  Index top = 0, bottom = 0, left = 0, right = 0;
  bool empty() const { return top >= bottom || left >= right; }
};

Frame intersection(const Frame& a, const Frame& b) {
  return {std::max(a.top, b.top),
          std::min(a.bottom, b.bottom),
          std::max(a.left, b.left),
          std::min(a.right, b.right)};
}

Frame joined(const Frame& a, const Frame& b) {
  return {std::min(a.top, b.top),
          std::max(a.bottom, b.bottom),
          std::min(a.left, b.left),
          std::max(a.right, b.right)};
}

/// Rays that may meet a ball; none where part of it is behind the eye.
Frame frame_of(const RayGrid& rays, View3 centre, float radius) {
  const float far = 1.0F / (1.0F - rays.nearness * (centre.z - radius));
  const float shrink = 1.0F - rays.nearness * (centre.z + radius);
  if (shrink < nearest_share) return {};
  const float near = 1.0F / shrink;
  const auto low = [&](float v) { return (v - radius) * (v < radius ? near : far); };
  const auto high = [&](float v) { return (v + radius) * (v > -radius ? near : far); };
  const auto pixel = [](float value, Index most) {
    return static_cast<Index>(std::clamp(value, 0.0F, static_cast<float>(most)));
  };
  return {pixel(rays.centre_y - high(centre.y) * rays.scale, rays.height),
          pixel(rays.centre_y - low(centre.y) * rays.scale + 1.0F, rays.height),
          pixel(rays.centre_x + low(centre.x) * rays.scale, rays.width),
          pixel(rays.centre_x + high(centre.x) * rays.scale + 1.0F, rays.width)};
}

/// Draws into the rows of one band.
class BandPainter {
 public:
  BandPainter(Sight& sight, const Frame& rows) : sight_(sight), rays_(sight.rays), rows_(rows) {}

  void draw(const ViewBall& ball) {
    const Frame frame = intersection(frame_of(rays_, ball.centre, ball.radius), rows_);
    for (Index row = frame.top; row < frame.bottom; ++row) {
      const float y = rays_.y_of(row);
      for (Index column = frame.left; column < frame.right; ++column) {
        const float x = rays_.x_of(column);
        const View3 along{-x * rays_.nearness, -y * rays_.nearness, 1.0F};
        const View3 from = View3{x, y, 0.0F} - ball.centre;
        const float a = dot(along, along), b = dot(along, from);
        const float inside = b * b - a * (dot(from, from) - ball.radius * ball.radius);
        if (inside < 0.0F) continue;
        const float z = (std::sqrt(inside) - b) / a;
        if (z <= sight_.depth(row, column)) continue;
        keep(row, column, z, (from + along * z) * (1.0F / ball.radius), ball.colour);
      }
    }
  }

  void draw(const ViewStick& stick) {
    const Frame frame = intersection(
        joined(frame_of(rays_, stick.a, stick.radius), frame_of(rays_, stick.b, stick.radius)),
        rows_);
    const View3 whole = stick.b - stick.a;
    const float long_side = length(whole);
    if (frame.empty() || long_side <= 0.0F) return;
    const View3 axis = whole * (1.0F / long_side);
    for (Index row = frame.top; row < frame.bottom; ++row) {
      const float y = rays_.y_of(row);
      for (Index column = frame.left; column < frame.right; ++column) {
        const float x = rays_.x_of(column);
        const View3 along{-x * rays_.nearness, -y * rays_.nearness, 1.0F};
        const View3 from = View3{x, y, 0.0F} - stick.a;
        // Without their parts along the axis both lie in the plane of a circle.
        const float along_axis = dot(along, axis), from_axis = dot(from, axis);
        const View3 p = along - axis * along_axis, q = from - axis * from_axis;
        const float a = dot(p, p), b = dot(p, q);
        const float inside = b * b - a * (dot(q, q) - stick.radius * stick.radius);
        if (inside < 0.0F || a <= 0.0F) continue;
        const float z = (std::sqrt(inside) - b) / a;
        const float at = from_axis + along_axis * z;
        if (at < 0.0F || at > long_side || z <= sight_.depth(row, column)) continue;
        keep(row,
             column,
             z,
             (q + p * z) * (1.0F / stick.radius),
             2.0F * at < long_side ? stick.colour_a : stick.colour_b);
      }
    }
  }

  void draw(const ViewCorner& a, const ViewCorner& b, const ViewCorner& c, const Rgb& colour) {
    const auto pixel = [](float value, Index most) {
      return static_cast<Index>(std::clamp(value, 0.0F, static_cast<float>(most)));
    };
    const auto [left, right] = std::minmax({a.column, b.column, c.column});
    const auto [top, bottom] = std::minmax({a.row, b.row, c.row});
    const Frame frame = intersection({pixel(top, rays_.height),
                                      pixel(bottom + 1.0F, rays_.height),
                                      pixel(left, rays_.width),
                                      pixel(right + 1.0F, rays_.width)},
                                     rows_);
    const float area =
        (b.column - a.column) * (c.row - a.row) - (c.column - a.column) * (b.row - a.row);
    if (frame.empty() || area == 0.0F) return;
    // Depth and normals over (1 - nearness z) are even over the picture, and so is 1 over it.
    const float ka = 1.0F / a.shrink, kb = 1.0F / b.shrink, kc = 1.0F / c.shrink;
    for (Index row = frame.top; row < frame.bottom; ++row) {
      const float y = static_cast<float>(row) + 0.5F;
      for (Index column = frame.left; column < frame.right; ++column) {
        const float x = static_cast<float>(column) + 0.5F;
        float u = ((c.column - b.column) * (y - b.row) - (c.row - b.row) * (x - b.column)) / area;
        float v = ((a.column - c.column) * (y - c.row) - (a.row - c.row) * (x - c.column)) / area;
        float w = 1.0F - u - v;
        if (u < 0.0F || v < 0.0F || w < 0.0F) continue;
        u *= ka;
        v *= kb;
        w *= kc;
        const float even = 1.0F / (u + v + w);
        const float z = (u * a.depth + v * b.depth + w * c.depth) * even;
        if (z <= sight_.depth(row, column)) continue;
        View3 normal = a.normal * u + b.normal * v + c.normal * w;
        normal = normal * (1.0F / std::max(length(normal), 1e-20F));
        keep(row, column, z, normal, colour);
      }
    }
  }

 private:
  void keep(Index row, Index column, float z, View3 normal, const Rgb& colour) {
    sight_.depth(row, column) = z;
    if (normal.z < 0.0F) normal = normal * -1.0F;  // a surface seen from within
    const auto level = [](float part) {
      return static_cast<std::uint8_t>(std::clamp(part, 0.0F, 1.0F) * 255.0F + 0.5F);
    };
    const auto share = [](float part) {
      return static_cast<std::int16_t>(std::lround(std::clamp(part, -1.0F, 1.0F) * 32767.0F));
    };
    sight_.skin(row, column) = {share(normal.x),
                                share(normal.y),
                                level(colour.red),
                                level(colour.green),
                                level(colour.blue)};
  }

  Sight& sight_;
  const RayGrid& rays_;
  Frame rows_;
};

/// Which things of a kind each band has to draw.
using Bands = std::vector<std::vector<std::uint32_t>>;

void add_to_bands(Bands& bands, float top, float bottom, std::size_t thing) {
  const auto last = static_cast<float>(bands.size()) - 1.0F;
  const float from = top / static_cast<float>(band_rows),
              to = bottom / static_cast<float>(band_rows);
  if (!(to >= 0.0F) || !(from <= last + 1.0F)) return;
  const auto first = static_cast<std::size_t>(std::clamp(from, 0.0F, last));
  for (std::size_t band = first; band <= static_cast<std::size_t>(std::clamp(to, 0.0F, last));
       ++band) {
    bands[band].push_back(static_cast<std::uint32_t>(thing));
  }
}

void add_to_bands(Bands& bands, const Frame& frame, std::size_t thing) {
  if (frame.empty()) return;
  add_to_bands(bands, static_cast<float>(frame.top), static_cast<float>(frame.bottom - 1), thing);
}

/// Everything in view coordinates, sorted into bands.
struct ViewScene {
  std::vector<ViewBall> balls;
  std::vector<ViewStick> sticks;
  struct Face {
    std::array<ViewCorner, 3> corners;
    Rgb colour;
  };
  std::vector<Face> faces;
  Bands balls_of, sticks_of, faces_of;
};

View3 view_of(const Camera& camera, const Vec3& world) {
  const Vec3 view = to_view(camera, world);
  return {static_cast<float>(view[0]), static_cast<float>(view[1]), static_cast<float>(view[2])};
}

void add_surface(ViewScene& scene,
                 const Surface& surface,
                 const Camera& camera,
                 const RayGrid& rays) {
  std::vector<ViewCorner> corners;
  corners.reserve(surface.points.size());
  for (std::size_t i = 0; i < surface.points.size(); ++i) {
    const View3 view = view_of(camera, surface.points[i]);
    const Vec3 normal = camera.view_from_world * surface.normals[i];
    const float shrink = 1.0F - rays.nearness * view.z;
    corners.push_back({rays.centre_x + view.x * rays.scale / shrink,
                       rays.centre_y - view.y * rays.scale / shrink,
                       view.z,
                       shrink,
                       {static_cast<float>(normal[0]),
                        static_cast<float>(normal[1]),
                        static_cast<float>(normal[2])}});
  }
  for (const auto& [i, j, k] : surface.triangles) {
    const ViewCorner &a = corners[i], &b = corners[j], &c = corners[k];
    if (std::min({a.shrink, b.shrink, c.shrink}) < nearest_share) continue;
    add_to_bands(scene.faces_of,
                 std::min({a.row, b.row, c.row}),
                 std::max({a.row, b.row, c.row}),
                 scene.faces.size());
    scene.faces.push_back({{a, b, c}, surface.colour});
  }
}

ViewScene view_scene(const Scene& scene, const Camera& camera, const RayGrid& rays) {
  ViewScene seen;
  const auto bands = static_cast<std::size_t>((rays.height + band_rows - 1) / band_rows);
  for (Bands* list : {&seen.balls_of, &seen.sticks_of, &seen.faces_of}) list->resize(bands);
  for (const Ball& ball : scene.balls) {
    const ViewBall view{view_of(camera, ball.centre), static_cast<float>(ball.radius), ball.colour};
    add_to_bands(seen.balls_of, frame_of(rays, view.centre, view.radius), seen.balls.size());
    seen.balls.push_back(view);
  }
  for (const Stick& stick : scene.sticks) {
    const ViewStick view{view_of(camera, stick.a),
                         view_of(camera, stick.b),
                         static_cast<float>(stick.radius),
                         stick.colour_a,
                         stick.colour_b};
    const Frame a = frame_of(rays, view.a, view.radius), b = frame_of(rays, view.b, view.radius);
    add_to_bands(seen.sticks_of, joined(a, b), seen.sticks.size());
    seen.sticks.push_back(view);
  }
  for (const Surface& surface : scene.surfaces) add_surface(seen, surface, camera, rays);
  return seen;
}

}  // namespace

RayGrid rays_of(const Camera& camera, Index samples) {
  const auto times = static_cast<float>(samples);
  return {camera.height * samples,
          camera.width * samples,
          static_cast<float>(camera.scale) * times,
          static_cast<float>(1.0 / camera.scale) / times,
          static_cast<float>(camera.centre.x) * times,
          static_cast<float>(camera.centre.y) * times,
          static_cast<float>(camera.nearness())};
}

Sight look_at(const Scene& scene, const Camera& camera, Index samples) {
  Sight sight;
  sight.rays = rays_of(camera, samples);
  const auto [height, width] = Shape<2>{sight.rays.height, sight.rays.width};
  sight.depth = Array<float, 2>({height, width}, nothing_seen);
  sight.skin = Array<Sight::Skin, 2>::uninitialised({height, width});
  const ViewScene seen = view_scene(scene, camera, sight.rays);
  parallel_for(static_cast<Index>(seen.balls_of.size()),
               [&, height = height, width = width](Index i) {
                 const auto band = static_cast<std::size_t>(i);
                 BandPainter painter(
                     sight, {i * band_rows, std::min(height, (i + 1) * band_rows), 0, width});
                 for (const std::uint32_t ball : seen.balls_of[band])
                   painter.draw(seen.balls[ball]);
                 for (const std::uint32_t stick : seen.sticks_of[band])
                   painter.draw(seen.sticks[stick]);
                 for (const std::uint32_t face : seen.faces_of[band]) {
                   const auto& [corners, colour] = seen.faces[face];
                   painter.draw(corners[0], corners[1], corners[2], colour);
                 }
               });
  return sight;
}

Array<float, 2> depth_map(const Scene& scene, const Camera& camera) {
  return look_at(scene, camera, 1).depth;
}

}  // namespace kinema::report
