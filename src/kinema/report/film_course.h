// What films of atoms and of volumes share: their course, their camera, the words on them.
#pragma once

#include "kinema/report/film.h"
#include "kinema/report/legend.h"

namespace kinema::report {

/// What is usual for a kind of film.
struct FilmHabits {
  double seconds_a_frame = 1.0 / 6.0;
  double turn = 0.0, azimuth = 0.0, elevation = 0.0;  // radian
};

FilmCourse course_of(const FilmOptions& options,
                     const FilmHabits& habits,
                     Index frames,
                     bool still);

/// A camera of the wished size and perspective, to be framed.
Camera camera_for(const FilmOptions& options);

/// Size of the words on a picture.
double words_for(const FilmOptions& options);

/// The moment in words: "frame 12, 0.60 s, 96000 e⁻/Å²"; what is 0 is left out.
std::string moment_text(Index frame, double seconds, double dose);

/// Two lines at the upper left and the scale bar at the lower left.
void add_captions(Drawing& drawing,
                  const Camera& camera,
                  const std::string& first,
                  const std::string& second,
                  double size);

}  // namespace kinema::report
