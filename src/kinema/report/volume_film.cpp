// Films of volumes: the surface of one level, as it changes and turns.
#include "kinema/report/film_course.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <numbers>

namespace kinema::report {
namespace {

constexpr double degree = std::numbers::pi / 180.0;
constexpr Index smooth_side = 100;  // voxels: what is coarser is made finer before
constexpr std::size_t kept_surfaces = 4;
constexpr std::size_t framed_frames = 8, framed_points = 400;  // of each

/// Surfaces of volumes, the last few kept.
class Surfaces {
 public:
  Surfaces(const VolumeFilmInput& input, double level) : input_(input), level_(level) {}

  std::shared_ptr<const Surface> at(std::size_t i) const {
    const std::lock_guard lock(mutex_);
    if (const auto found = kept_.find(i); found != kept_.end()) return found->second;
    if (kept_.size() >= kept_surfaces) kept_.erase(kept_.begin());
    const Volume volume = input_.volume(i);
    const Index side = volume.density.shape()[0];
    const Index factor = std::max<Index>(1, (smooth_side + side / 2) / std::max<Index>(side, 1));
    auto surface = std::make_shared<const Surface>(
        isosurface(factor > 1 ? refined(volume, factor) : volume, level_));
    kept_[i] = surface;
    return surface;
  }

 private:
  const VolumeFilmInput& input_;
  double level_;
  mutable std::mutex mutex_;
  mutable std::map<std::size_t, std::shared_ptr<const Surface>> kept_;
};

class VolumeFilm : public Film {
 public:
  VolumeFilm(const VolumeFilmInput& input, const FilmOptions& options, bool still)
      : Film(course_of(options,
                       {.seconds_a_frame = 1.0 / 3.0,
                        .turn = 360.0 * degree,
                        .azimuth = 20.0 * degree,
                        .elevation = 18.0 * degree},
                       static_cast<Index>(input.frames.size()),
                       still),
             options.fps),
        input_(input),
        level_(input.level ? *input.level : contour_level(input.volume(0))),
        surfaces_(input_, level_),
        camera_(camera_for(options)),
        size_(words_for(options)) {
    frame_points(camera_,
                 outline(),
                 0.0,
                 course_.directions(),
                 {1.5 * size_, 1.5 * size_, 4.6 * size_, 3.6 * size_});
  }

  Picture picture(Index i) const override {
    const auto at = static_cast<std::size_t>(course_.frame_of(i));
    Camera camera = camera_;
    camera.view_from_world = course_.direction(i);
    Scene scene;
    scene.surfaces.push_back(*surfaces_.at(at));
    Picture picture = render(scene, camera, {.haze = 0.08});
    Drawing legend{static_cast<double>(camera.width), static_cast<double>(camera.height), {}};
    const Index number = input_.frames[at];
    add_captions(legend,
                 camera,
                 moment_text(number, input_.frame_seconds * static_cast<double>(number), 0.0),
                 fmt::format("surface at {:.3g}", level_),
                 size_);
    paint(legend, picture);
    return picture;
  }

 private:
  /// Points of the surfaces of some frames.
  std::vector<Vec3> outline() const {
    std::vector<Vec3> points;
    const auto frames = static_cast<std::size_t>(course_.frames);
    const std::size_t step = std::max<std::size_t>(1, frames / framed_frames);
    for (std::size_t i = 0; i < frames; i += step) {
      const auto surface = surfaces_.at(i);
      const std::size_t stride = std::max<std::size_t>(1, surface->points.size() / framed_points);
      for (std::size_t k = 0; k < surface->points.size(); k += stride) {
        points.push_back(surface->points[k]);
      }
    }
    if (points.empty()) {
      throw InputError(
          fmt::format("no voxel lies above the level {:.4g}; choose another with --level", level_));
    }
    return points;
  }

  VolumeFilmInput input_;
  double level_;
  Surfaces surfaces_;
  Camera camera_;
  double size_;
};

}  // namespace

std::unique_ptr<Film> volume_film(const VolumeFilmInput& input,
                                  const FilmOptions& options,
                                  bool still) {
  if (input.frames.empty()) throw InputError("there are no volumes to show");
  return std::make_unique<VolumeFilm>(input, options, still);
}

}  // namespace kinema::report
