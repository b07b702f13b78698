// Films of atoms: balls and sticks in the colours of a value, with its bar.
#include "kinema/report/film_course.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kinema::report {
namespace {

constexpr double degree = std::numbers::pi / 180.0;
constexpr double ball_room = 0.6;  // angstrom around every atom

/// Some atoms of some frames: enough to frame them all.
std::vector<Vec3> outline(const Trajectory& trajectory, bool still) {
  const Index frames = still ? 1 : trajectory.frames();
  const Index step = std::max<Index>(1, frames / 24);
  std::vector<Vec3> points;
  for (Index t = 0; t < frames; t += step) {
    const AtomicModel atoms = atoms_at(trajectory, t);
    points.insert(points.end(), atoms.positions.begin(), atoms.positions.end());
  }
  return points;
}

/// Keeps the points that are farthest in many directions of the plane and up and down: they alone
/// touch the frame.
std::vector<Vec3> farthest(const std::vector<Vec3>& points) {
  std::vector<Vec3> kept;
  constexpr int around = 48, levels = 5;
  for (int i = 0; i < around; ++i) {
    for (int j = 0; j < levels; ++j) {
      const double a = 2.0 * std::numbers::pi * i / around;
      const double e = (j - 0.5 * (levels - 1)) * 0.5 * std::numbers::pi / (levels - 1) * 1.6;
      const Vec3 d{std::cos(e) * std::cos(a), std::cos(e) * std::sin(a), std::sin(e)};
      kept.push_back(
          *std::max_element(points.begin(), points.end(), [&](const Vec3& p, const Vec3& q) {
            return p[0] * d[0] + p[1] * d[1] + p[2] * d[2] <
                   q[0] * d[0] + q[1] * d[1] + q[2] * d[2];
          }));
    }
  }
  return kept;
}

std::string range_text(const std::vector<double>& heights) {
  if (heights.empty()) return "";
  const auto [low, high] = std::minmax_element(heights.begin(), heights.end());
  double square = 0.0;
  for (const double height : heights) square += height * height;
  std::string text = fmt::format("z {:.2f} to {:.2f} Å, rms {:.2f} Å, {} atoms",
                                 *low,
                                 *high,
                                 std::sqrt(square / static_cast<double>(heights.size())),
                                 heights.size());
  for (std::size_t at = text.find('-'); at != std::string::npos; at = text.find('-', at)) {
    text.replace(at, 1, "−");
  }
  return text;
}

class AtomFilm : public Film {
 public:
  AtomFilm(const AtomFilmInput& input, const FilmOptions& options, bool still)
      : Film(
            course_of(options,
                      {.turn = 60.0 * degree, .azimuth = 18.0 * degree, .elevation = 36.0 * degree},
                      input.trajectory->frames(),
                      still),
            options.fps),
        input_(input),
        scale_(scale_of(*input.trajectory, input.colour, options.map)),
        camera_(camera_for(options)),
        size_(words_for(options)) {
    const std::vector<Vec3> points = outline(*input.trajectory, still);
    if (points.empty()) throw InputError("there are no atoms to show");
    frame_points(camera_,
                 farthest(points),
                 ball_room,
                 course_.directions(),
                 {1.5 * size_, 8.5 * size_, 4.6 * size_, 3.6 * size_});
  }

  Picture picture(Index i) const override {
    const Trajectory& trajectory = *input_.trajectory;
    const Index t = course_.frame_of(i);
    const AtomicModel atoms = atoms_at(trajectory, t);
    Camera camera = camera_;
    camera.view_from_world = course_.direction(i);
    const Scene scene = atom_scene(atoms, values_at(trajectory, t, input_.colour), scale_);
    Picture picture = render(scene, camera, {.haze = 0.10});
    Drawing legend{static_cast<double>(camera.width), static_cast<double>(camera.height), {}};
    const Index number = trajectory.frame_numbers.empty()
                             ? t
                             : trajectory.frame_numbers[static_cast<std::size_t>(t)];
    add_captions(legend,
                 camera,
                 moment_text(number,
                             trajectory.frame_time.value * static_cast<double>(number),
                             input_.dose * static_cast<double>(number + 1)),
                 range_text(values_at(trajectory, t, "height")),
                 size_);
    add_colour_bar(legend,
                   scale_,
                   {legend.width - 6.4 * size_, 0.28 * legend.height},
                   size_,
                   0.44 * legend.height,
                   size_);
    paint(legend, picture);
    return picture;
  }

 private:
  AtomFilmInput input_;
  ColourScale scale_;
  Camera camera_;
  double size_;
};

}  // namespace

std::unique_ptr<Film> atom_film(const AtomFilmInput& input,
                                const FilmOptions& options,
                                bool still) {
  return std::make_unique<AtomFilm>(input, options, still);
}

}  // namespace kinema::report
