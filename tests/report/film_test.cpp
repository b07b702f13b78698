// Films: their course, their pictures, the plots and maps for papers.
#include "kinema/report/film.h"

#include "kinema/report/film_course.h"
#include "kinema/report/height_map.h"
#include "kinema/report/plot_drawing.h"

#include <cmath>
#include <gmock/gmock.h>
#include <numbers>

namespace kinema::report {
namespace {

using testing::HasSubstr;

constexpr double degree = std::numbers::pi / 180.0;

/// A flat grid whose heights are a wave that travels.
Trajectory wave(Index frames) {
  std::vector<AtomicModel> models;
  for (Index t = 0; t < frames; ++t) {
    AtomicModel model;
    for (int i = 0; i < 12; ++i) {
      for (int j = 0; j < 12; ++j) {
        model.positions.push_back({1.5 * i, 1.5 * j, std::sin(0.5 * i + static_cast<double>(t))});
        model.atomic_numbers.push_back(6);
      }
    }
    models.push_back(model);
  }
  Trajectory trajectory = to_trajectory(models);
  trajectory.frame_time = {0.05};
  return trajectory;
}

FilmOptions small() {
  FilmOptions options;
  options.size = {320, 200};
  return options;
}

TEST(FilmCourse, ShowsEveryFrameEquallyLongAndSwingsBack) {
  FilmOptions options = small();
  options.fps = 12.0;
  options.length = Time{10.0};
  options.turn = Angle{40.0 * degree};
  const FilmCourse course = course_of(options, {.azimuth = 0.3, .elevation = 0.5}, 30, false);
  EXPECT_EQ(course.pictures, 120);
  std::vector<int> shown(30);
  for (Index i = 0; i < course.pictures; ++i) {
    ++shown[static_cast<std::size_t>(course.frame_of(i))];
    EXPECT_LE(angle_between(course.direction(i), orbit(0.3, 0.5)), 20.001 * degree);
  }
  EXPECT_THAT(shown, testing::Each(4));
  EXPECT_NEAR(angle_between(course.direction(0), course.direction(60)), 0.0, 1e-6);
  EXPECT_NEAR(angle_between(course.direction(30), course.direction(90)),
              angle_between(orbit(0.3 + 20.0 * degree, 0.5), orbit(0.3 - 20.0 * degree, 0.5)),
              1e-6);
}

TEST(FilmCourse, RefusesWhatMakesNoSense) {
  FilmOptions fast = small();
  fast.fps = 0.0;
  EXPECT_THROW(course_of(fast, {}, 10, false), InputError);
  FilmOptions high = small();
  high.elevation = Angle{2.0};
  EXPECT_THROW(course_of(high, {}, 10, false), InputError);
  PictureSize size;
  for (const char* text : {"1280", "x", "12x12", "99999x100", "axb"}) {
    EXPECT_THROW(from_text(text, size), InputError) << text;
  }
  from_text("640x360", size);
  EXPECT_EQ(size, (PictureSize{640, 360}));
}

TEST(AtomFilm, FillsThePictureAndShowsWhatMoves) {
  const Trajectory trajectory = wave(4);
  FilmOptions options = small();
  options.turn = Angle{0.0};
  const auto film = atom_film({&trajectory, "height", 100.0}, options, false);
  EXPECT_EQ(film->pictures(), 144);  // six seconds
  const Picture first = film->picture(0), same = film->picture(1), last = film->picture(143);
  EXPECT_EQ(first.shape(), (Shape<3>{200, 320, 3}));
  EXPECT_TRUE(std::equal(first.flat().begin(), first.flat().end(), same.flat().begin()));
  EXPECT_FALSE(std::equal(first.flat().begin(), first.flat().end(), last.flat().begin()));
  EXPECT_THROW(atom_film({&trajectory, "strain", 0.0}, options, false), InputError);
  EXPECT_EQ(atom_film({&trajectory, "height", 0.0}, options, true)->pictures(), 1);
}

TEST(VolumeFilm, SaysWhatItCannotShow) {
  const Volume empty{Array<float, 3>({8, 8, 8}), {1.0}, {}};
  const VolumeFilmInput input{
      .frames = {0, 10}, .volume = [&](std::size_t) { return empty; }, .level = 0.5};
  try {
    volume_film(input, small(), false);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("no voxel lies above the level 0.5"));
  }
}

TEST(Captions, TellTheMoment) {
  EXPECT_EQ(moment_text(12, 0.6, 96000.0), "frame 12, 0.60 s, 96000 e⁻/Å²");
  EXPECT_EQ(moment_text(3, 0.0125, 0.0), "frame 3, 12.5 ms");
  EXPECT_EQ(moment_text(0, 0.0, 0.0), "frame 0");
}

TEST(PlotDrawing, HasItsWordsCurvesAndGaps) {
  Plot plot{.title = "Heights & widths", .x_label = "z (Å)", .y_label = "atoms"};
  plot.x = {0.0, 1.0, 2.0, 3.0, 4.0};
  plot.series = {
      {.name = "one", .y = {1.0, 2.0, std::nan(""), 3.0, 2.0}},
      {.name = "two", .y = {2.0, 2.0, 2.0, 2.0, 2.0}, .error = {1.0, 1.0, 1.0, 1.0, 1.0}}};
  const std::string svg = to_svg(drawing_of(plot));
  for (const char* word : {"Heights &amp; widths", "z (Å)", "atoms", ">one<", ">two<"}) {
    EXPECT_THAT(svg, HasSubstr(word));
  }
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  plot.series[0].y.pop_back();
  EXPECT_THROW(drawing_of(plot), std::logic_error);
  const Plot none{.title = "empty"};
  EXPECT_EQ(to_svg(drawing_of(none)).find("nan"), std::string::npos);
}

TEST(HeightMap, HasYDownAndAScaleInAngstrom) {
  const Trajectory trajectory = wave(1);
  const std::vector<double> heights = values_at(trajectory, 0, "height");
  const ColourScale scale = scale_of(trajectory, "height", ColourMap::viridis);
  const Drawing map = height_map(atoms_at(trajectory, 0), heights, scale, "frame 0");
  std::vector<Disc> atoms;
  for (const Element& element : map.elements) {
    if (const auto* disc = std::get_if<Disc>(&element)) atoms.push_back(*disc);
  }
  ASSERT_EQ(atoms.size(), 144U);
  EXPECT_GT(atoms[1].centre.y, atoms[0].centre.y);  // the next along y
  EXPECT_DOUBLE_EQ(atoms[1].centre.x, atoms[0].centre.x);
  EXPECT_NEAR(atoms[12].centre.x - atoms[0].centre.x, atoms[1].centre.y - atoms[0].centre.y, 1e-9);
}

}  // namespace
}  // namespace kinema::report
