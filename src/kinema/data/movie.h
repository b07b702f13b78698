// A movie in memory, as floats, with what is known about how it was recorded.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/units.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kinema {

/// Edge lengths of a pixel in the sample plane.
struct PixelSize {
  Length x, y;
  friend bool operator==(const PixelSize&, const PixelSize&) = default;
};

/// Reads "0.2 A" (square) or "0.20 A, 0.21 A" (x, y).
void from_text(std::string_view text, PixelSize& value);
std::string to_text(const PixelSize& value);

/// A value and where it was learned: "header", "side-car", "user"; empty and "unknown" otherwise.
template <class T>
struct Fact : std::optional<T> {
  Fact() = default;
  Fact(T value, std::string from) : std::optional<T>(std::move(value)), source(std::move(from)) {}
  std::string source = "unknown";
};

/// One axis of the array in a file, in the file's own words; step is 0 where it says nothing.
struct Axis {
  std::string name;  // "x", "y", "time", ...
  Index size = 0;
  double step = 0.0, origin = 0.0;
  std::string unit;  // "nm", "1/nm", "s", ...; empty where unknown
  friend bool operator==(const Axis&, const Axis&) = default;
};

/// What is known about a movie besides its pixels. Empty means unknown; a placeholder in a header
/// (pixel size 0, 1 or -10 A) stays empty and is named in `notes`.
struct MovieInfo {
  Fact<PixelSize> pixel_size;
  Fact<Time> frame_time;  // from the start of one frame to the next
  Fact<Voltage> voltage;
  Fact<Dose> dose;                    // electrons per pixel in one frame
  Fact<std::string> detector;         // camera or detector, by its maker's name
  Fact<std::string> date;             // ISO 8601 where the file's own form could be read
  std::vector<Axis> axes;             // outermost first, y and x last; empty where nothing is said
  std::string dataset;                // which of several images in one file this is
  std::vector<std::string> datasets;  // all of them, where there is more than one
  std::vector<std::string> notes;     // what a careful user should know, one line each
};

/// Takes the axes over, and from them the pixel size (y and x in a unit of length) and, for the
/// outermost of three or more in a unit of time, the frame time; `source` as in Fact. A length of
/// 0, 1 A, -10 A or not finite is a placeholder and becomes a note.
void set_axes(MovieInfo& info, std::vector<Axis> axes, const std::string& source);

/// Sets the pixel size, or names it a placeholder in the notes.
void set_pixel_size(MovieInfo& info, const PixelSize& size, const std::string& source);

/// Angstrom in a unit of length ("nm", "um", "A", "m", also with their Unicode signs and in words),
/// seconds in a unit of time; none where it is neither.
std::optional<double> angstrom_per(std::string_view unit);
std::optional<double> seconds_per(std::string_view unit);

/// All of it, for people's programs: pixel_size_angstrom, pixel_size_source, frame_time_seconds,
/// ..., null where unknown.
nlohmann::ordered_json to_json(const MovieInfo& info);

/// Frames (T, Y, X) as floats.
struct Movie {
  Array<float, 3> frames;
  MovieInfo info;
};

}  // namespace kinema
