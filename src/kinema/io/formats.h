// The table of movie formats, and opening a movie by what is in the file, whatever its name.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/file.h"
#include "kinema/io/read_options.h"

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace kinema::io {

struct MovieFormat {
  const char* name;
  const char* endings;  // usual ones, for people
  const char* pixels;   // pixel types, for people
  bool isolated;        // parsed by a library that damaged files can crash: in a process of its own
  bool (*recognises)(std::span<const std::byte> head);  // the first 4096 bytes, or all
  std::unique_ptr<MovieSource> (*open)(const std::filesystem::path&, const ReadOptions&);
  bool (*confirms)(const InputFile& file) = nullptr;  // a second look, where the head is not enough
};

/// Every format that is read, most specific first. A new format is one file and one line there.
std::span<const MovieFormat> movie_formats();

/// Name of the format of a file, "sequence of png" for a folder or a pattern; InputError where it
/// is empty or of none.
std::string movie_format(const std::filesystem::path& path);

/// Opens a movie in this process with its format's own function, with nothing added: what the
/// reader process does.
std::unique_ptr<MovieSource> open_movie_here(const std::filesystem::path& path,
                                             const ReadOptions& options = {});

/// Opens one file of a sequence: as open_movie, but a picture in colour is a frame like any other.
std::unique_ptr<MovieSource> open_part(const std::filesystem::path& path,
                                       const ReadOptions& options);

/// Opens a movie for streaming: a file (in a reader process where its format asks for that), a
/// folder of images, or a pattern of their names (see sequence.h). The user's pixel size stands in
/// for an absent one, and wins over the file's; a side-car that kinema wrote beside the file is
/// asked where both are absent. A single PNG or JPEG in colour is refused: a picture, no recording.
std::unique_ptr<MovieSource> open_movie(const std::filesystem::path& path,
                                        const ReadOptions& options = {});

}  // namespace kinema::io
