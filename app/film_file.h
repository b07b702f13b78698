// Films as files.
#pragma once

#include "kinema/base/progress.h"
#include "kinema/report/film.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace kinema::app {

/// Whether a name is that of one picture: it ends in .png and has no number as printf writes it.
bool is_still(const std::filesystem::path& path);

/// Writes a film as its name says: .gif by ourselves, .png as one picture or, with a number such as
/// film_%04d.png, as a picture a file; all else as a movie of colours (.mp4, .mov, .mkv, .avi,
/// ...). The side-car <path>.json holds `provenance`, unless it is null.
void write_film(const report::Film& film,
                const std::filesystem::path& path,
                const Json& provenance,
                Progress& progress);

using FilmMaker = std::function<std::unique_ptr<report::Film>(const report::FilmOptions&)>;

/// Writes `folder`/movie.mp4, or movie.gif where the video module cannot; then the line says why.
std::string write_movie(const std::filesystem::path& folder,
                        const FilmMaker& film_with,
                        Progress& progress);

}  // namespace kinema::app
