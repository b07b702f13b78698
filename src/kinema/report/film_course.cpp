#include "kinema/report/film_course.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace kinema::report {
namespace {

constexpr double whole_turn = 2.0 * std::numbers::pi;
constexpr double quarter_turn = 0.5 * std::numbers::pi;
constexpr double shortest = 6.0, longest = 20.0;  // seconds
constexpr Index most_pictures = 100000;

void require(bool holds, const char* option, const std::string& wish) {
  if (!holds) throw InputError(std::string("option '") + option + "': " + wish);
}

}  // namespace

void from_text(std::string_view text, PictureSize& value) {
  const std::size_t times = text.find('x');
  PictureSize size;
  try {
    if (times == std::string_view::npos) throw InputError("no x");
    kinema::from_text(text.substr(0, times), size.width);
    kinema::from_text(text.substr(times + 1), size.height);
  } catch (const InputError&) {
    throw InputError("'" + std::string(text) +
                     "' is no size; write width and height, \"1280x720\"");
  }
  if (std::min(size.width, size.height) < 64 || std::max(size.width, size.height) > 8192) {
    throw InputError("'" + std::string(text) + "': pictures have sides of 64 to 8192 pixels");
  }
  value = size;
}

std::string to_text(const PictureSize& value) {
  return fmt::format("{}x{}", value.width, value.height);
}

std::span<const EnumName<View>> enum_names(View) {
  static constexpr std::array names{EnumName<View>{View::tilted, "tilted"},
                                    EnumName<View>{View::beam, "beam"},
                                    EnumName<View>{View::side, "side"}};
  return names;
}

Rotation FilmCourse::direction(Index picture) const {
  const double share = static_cast<double>(picture) / static_cast<double>(pictures);
  const bool swings = std::abs(turn) < whole_turn * (1.0 - 1e-9);
  const double by = swings ? 0.5 * turn * std::sin(whole_turn * share) : turn * share;
  return orbit(azimuth + by, elevation);
}

std::vector<Rotation> FilmCourse::directions() const {
  const Index count = std::min<Index>(pictures, 24);
  std::vector<Rotation> all;
  for (Index i = 0; i < count; ++i) all.push_back(direction(i * pictures / count));
  return all;
}

FilmCourse course_of(const FilmOptions& options,
                     const FilmHabits& habits,
                     Index frames,
                     bool still) {
  require(options.fps > 0.0 && options.fps <= 240.0, "fps", "above 0 and up to 240");
  FilmCourse course{.frames = frames,
                    .azimuth = options.azimuth ? options.azimuth->value : habits.azimuth,
                    .elevation = habits.elevation,
                    .turn = options.turn ? options.turn->value : habits.turn};
  if (options.view == View::beam) {
    course.elevation = -quarter_turn;
    if (!options.azimuth) course.azimuth = 0.0;
    if (!options.turn) course.turn = 0.0;
  }
  if (options.view == View::side) course.elevation = 0.0;
  if (options.elevation) course.elevation = options.elevation->value;
  require(std::abs(course.elevation) <= quarter_turn * 1.000001,
          "elevation",
          "between \"-90 deg\" and \"90 deg\"");
  if (still) {
    course.frames = 1;
    return course;
  }
  const double usual =
      std::clamp(static_cast<double>(frames) * habits.seconds_a_frame, shortest, longest);
  const double seconds = options.length ? options.length->value : usual;
  require(seconds > 0.0 && seconds * options.fps <= double{most_pictures},
          "length",
          fmt::format("above 0 and up to {} pictures", most_pictures));
  course.pictures = std::max<Index>(1, std::llround(seconds * options.fps));
  return course;
}

Camera camera_for(const FilmOptions& options) {
  Camera camera;
  camera.width = options.size.width;
  camera.height = options.size.height;
  const double usual = options.view == View::beam ? 0.0 : 24.0 * std::numbers::pi / 180.0;
  camera.field_of_view = options.perspective ? options.perspective->value : usual;
  require(camera.field_of_view >= 0.0 && camera.field_of_view <= 2.0,
          "perspective",
          "between \"0 deg\" and \"114 deg\"");
  return camera;
}

double words_for(const FilmOptions& options) {
  const auto width = static_cast<double>(options.size.width);
  return std::max(10.0, std::min(static_cast<double>(options.size.height) / 34.0, width / 60.0));
}

std::string moment_text(Index frame, double seconds, double dose) {
  std::string text = fmt::format("frame {}", frame);
  if (seconds > 0.0 && seconds < 0.0995) {
    text += fmt::format(", {:.3g} ms", 1e3 * seconds);
  } else if (seconds > 0.0) {
    text += fmt::format(", {:.2f} s", seconds);
  }
  if (dose > 0.0) text += fmt::format(", {:.0f} e⁻/Å²", dose);
  return text;
}

void add_captions(Drawing& drawing,
                  const Camera& camera,
                  const std::string& first,
                  const std::string& second,
                  double size) {
  const double left = 1.8 * size;
  drawing.add(Words{
      .at = {left, 2.4 * size}, .text = first, .size = 1.1 * size, .colour = ink, .halo = true});
  drawing.add(Words{.at = {left, 3.9 * size},
                    .text = second,
                    .size = 0.9 * size,
                    .colour = {0.36F, 0.37F, 0.40F},
                    .halo = true});
  add_scale_bar(drawing,
                camera.scale,
                {left, drawing.height - 2.9 * size},
                0.18 * drawing.width,
                0.95 * size);
}

}  // namespace kinema::report
