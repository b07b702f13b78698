// Movies as Python hands them over and gets them back: files by path, arrays in memory.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/movie_writer.h"
#include "kinema/io/read_options.h"

#include <pybind11/numpy.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace kinema::python {

namespace py = pybind11;

/// A movie file: frames are read when they are asked for.
class Movie {
 public:
  Movie(std::string path, const io::ReadOptions& options);

  const std::string& path() const { return path_; }
  const io::ReadOptions& options() const { return options_; }
  FrameFormat format() const { return source_->format(); }
  Index frames() const { return frames_; }
  const MovieInfo& info() const { return source_->info(); }
  std::vector<Index> shape() const;  // of the array: (T, Y, X), in colour with its channels last
  py::object metadata() const;       // the file's whole tree
  /// Frames [first, first + count) as (count, Y, X) in the movie's own pixel type.
  py::array read(Index first, Index count) const;

 private:
  std::string path_;
  io::ReadOptions options_;
  std::unique_ptr<MovieSource> source_;
  Index frames_;
  mutable std::mutex mutex_;  // a source is read by one thread at a time
};

/// A source over a path, a Movie or an array; `name` says in errors which argument it is.
std::unique_ptr<MovieSource> movie_source(const py::object& movie,
                                          const std::string& name,
                                          const io::ReadOptions& options = {});

/// The path of a movie that comes from a file.
std::optional<std::string> movie_path(const py::object& movie);

/// Where the frames of a verb go: into memory, or group by group into a file.
class FrameStore {
 public:
  FrameStore(const std::optional<std::string>& out,
             const FrameFormat& format,
             Index frames,
             const MovieInfo& info,
             const Json& provenance);

  /// Frames from `first` on; any thread, no interpreter needed.
  void write(Index first, std::span<const std::byte> frames);
  void close();
  /// An array (T, Y, X), or the file as a Movie.
  py::object result() const;

 private:
  std::optional<std::string> out_;
  FrameFormat format_;
  Index frames_;
  Array<std::byte, 1> pixels_;
  std::unique_ptr<io::MovieWriter> writer_;
};

/// (x, y) in angstrom, or None.
py::object python_of(const std::optional<PixelSize>& size);

}  // namespace kinema::python
