// Writing movies, a few frames at a time: the name's ending chooses the format, `kinema formats`
// lists them.
//
//   const auto writer = MovieWriter::create("out.mrc", format, frames, info, provenance);
//   writer->write(first, pixels);  // as often as needed
//   writer->close();
//
// The file is `<path>.partial` until close() renames it. Beside it goes `<path>.json`: what the
// movie is, and how it came to be. A system that refuses (a full disk) is an IoError.
#pragma once

#include "kinema/base/options.h"
#include "kinema/data/movie_source.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kinema::io {

/// Grey levels that are shown as black and as white.
struct Contrast {
  double black = 0.0, white = 255.0;
};

/// Reads "black, white", two numbers of which white is the larger.
void from_text(std::string_view text, Contrast& value);
std::string to_text(const Contrast& value);

/// Wishes for files that people look at, and what travels along with the pixels.
struct WriteOptions {
  std::optional<Contrast> contrast;  // of 8-bit pictures and videos made from other pixel types
  bool scale_bar = true;             // drawn into videos where the pixel size is known
  double fps = 25.0;                 // at which videos play
  Json metadata = Json::object();    // what the movie's own file said, for the side-car
};

class MovieWriter {
 public:
  /// Begins a movie of `frames` frames (at least one). Throws InputError where the name's ending
  /// is unknown or its format cannot hold the pixel type. `provenance` null: no side-car.
  static std::unique_ptr<MovieWriter> create(const std::filesystem::path& path,
                                             const FrameFormat& format,
                                             Index frames,
                                             const MovieInfo& info,
                                             const Json& provenance,
                                             const WriteOptions& options = {});

  /// Goes on with what an interrupted run kept; null where no `<path>.partial` of exactly this
  /// movie exists. Frames that were written before need not be written again.
  static std::unique_ptr<MovieWriter> resume(const std::filesystem::path& path,
                                             const FrameFormat& format,
                                             Index frames,
                                             const MovieInfo& info,
                                             const Json& provenance,
                                             const WriteOptions& options = {});

  virtual ~MovieWriter() = default;

  /// Frames from `first` on, (n, Y, X) of the format's type; `frames` holds whole frames. Videos
  /// take them in order only; all other formats in any order.
  virtual void write(Index first, std::span<const std::byte> frames) = 0;
  /// Completes the file and gives it its name.
  virtual void close() = 0;
  /// Whether the partial file outlives a writer that was not closed (default: it is removed).
  virtual void keep_partial(bool keep) = 0;
};

/// The name under which a movie written to `path` is read again: the pattern of numbered pictures.
std::filesystem::path movie_path(const std::filesystem::path& path, Index frames);

/// Files that writing to `path` may overwrite, as far as they are known before the movie is.
std::vector<std::filesystem::path> places_of_output(const std::filesystem::path& path);

/// Throws InputError unless a file of this name can hold such pixels; says what would.
void require_writable_type(const std::filesystem::path& path, PixelType type);

/// Whether a file of this name shows pixels of this type as 8-bit levels, or has viewers do so,
/// between limits that whoever knows the whole movie should find (see io/contrast.h) and give as
/// WriteOptions::contrast.
bool needs_contrast(const std::filesystem::path& path, PixelType type);

/// The type in which a file of this name holds such pixels; InputError where it cannot.
PixelType written_type(const std::filesystem::path& path, PixelType type);

/// Name of the format that `path`'s ending asks for ("mrc", "tiff", ...), or InputError.
std::string writer_format(const std::filesystem::path& path);

/// How a movie came to be, as the side-car beside it tells; null where there is none.
Json sidecar_provenance(const std::filesystem::path& path);

/// Where the side-car of a movie lies: `<path>.json`.
std::filesystem::path sidecar_path(const std::filesystem::path& path);

}  // namespace kinema::io
