// Films of scenes in 3D: frames played one after the other while the view turns.
#pragma once

#include "kinema/base/units.h"
#include "kinema/report/atom_scene.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kinema::report {

/// Pixels of a picture: "1280x720".
struct PictureSize {
  Index width = 1280, height = 720;
  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};
void from_text(std::string_view text, PictureSize& value);
std::string to_text(const PictureSize& value);

enum class View : std::uint8_t { tilted, beam, side };
std::span<const EnumName<View>> enum_names(View);

struct FilmOptions {
  PictureSize size;
  View view = View::tilted;
  std::optional<Angle> azimuth, elevation, turn, perspective;
  ColourMap map = ColourMap::viridis;
  double fps = 24.0;
  std::optional<Time> length;

  static void fields(auto& self, auto&& visit) {
    visit("size", self.size, "pixels of a picture, \"1280x720\"");
    visit("view",
          self.view,
          "from above at a slant, along the beam (x right and y down, as frames are shown), or "
          "from the side");
    visit("azimuth", self.azimuth, "where the viewer stands around z, e.g. \"30 deg\"");
    visit("elevation", self.elevation, "how high above the plane of x and y the viewer stands");
    visit("turn",
          self.turn,
          "how far the view turns through the film: less than a whole turn swings back; auto: \"60 "
          "deg\" for atoms, \"360 deg\" for volumes");
    visit(
        "perspective",
        self.perspective,
        "angle of view from top to bottom, \"0 deg\" without perspective; auto: \"24 deg\", along "
        "the beam 0");
    visit("map", self.map, "colours of values");
    visit("fps", self.fps, "pictures a second");
    visit("length",
          self.length,
          "of the film; auto: a sixth of a second a frame (a third a volume), 6 to 20 s");
  }
};

/// Which frame each picture of a film shows, and from where.
struct FilmCourse {
  Index frames = 1, pictures = 1;
  double azimuth = 0.0, elevation = 0.0, turn = 0.0;  // radian

  Index frame_of(Index picture) const { return picture * frames / pictures; }
  Rotation direction(Index picture) const;
  /// Directions over the whole film, close enough to each other to frame its object.
  std::vector<Rotation> directions() const;
};

/// Pictures made when asked for, from any thread.
class Film {
 public:
  virtual ~Film() = default;
  Index pictures() const { return course_.pictures; }
  double fps() const { return fps_; }
  virtual Picture picture(Index i) const = 0;

 protected:
  Film(const FilmCourse& course, double fps) : course_(course), fps_(fps) {}
  FilmCourse course_;
  double fps_;
};

struct AtomFilmInput {
  const Trajectory* trajectory = nullptr;  // must outlive the film
  std::string colour = "height";           // as values_at() names it
  double dose = 0.0;  // of a frame, electrons per square angstrom; 0: not known
};

/// A sheet, or any atoms, coloured by a value; `still` makes a single picture of the first frame.
/// Throws InputError where options make no sense.
std::unique_ptr<Film> atom_film(const AtomFilmInput& input, const FilmOptions& options, bool still);

struct VolumeFilmInput {
  std::vector<Index> frames;                  // whose volumes there are, rising
  std::function<Volume(std::size_t)> volume;  // of the i-th of them
  double frame_seconds = 0.0;                 // from one frame to the next; 0: not known
  std::optional<double> level;                // of the surface; none: contour_level of the first
};

/// Surfaces of volumes at one level.
std::unique_ptr<Film> volume_film(const VolumeFilmInput& input,
                                  const FilmOptions& options,
                                  bool still);

}  // namespace kinema::report
