// Movies for Python: the class Movie, arguments that are movies, and where results go.
#include "movie.h"

#include "kinema/io/formats.h"

#include "arrays.h"
#include "bindings.h"
#include "verb.h"

namespace kinema::python {
namespace {

/// movie[i], movie[a:b:step] and movie[frames, rows, columns], as for an array.
py::object frames_at(const Movie& movie, const py::object& index) {
  const bool many = py::isinstance<py::tuple>(index);
  const py::tuple axes = many ? py::tuple(index) : py::make_tuple(index);
  if (axes.empty()) return movie.read(0, movie.frames());
  const py::object which = axes[0];
  py::list rest(axes);
  Index first = 0, count = 1;
  if (py::isinstance<py::slice>(which)) {
    Py_ssize_t start = 0, stop = 0, step = 1, length = 0;
    if (!py::slice(which).compute(movie.frames(), &start, &stop, &step, &length)) {
      throw py::error_already_set();
    }
    const Index last = start + (length - 1) * step;
    first = length > 0 ? std::min<Index>(start, last) : 0;
    count = length > 0 ? std::abs(last - start) + 1 : 0;
    rest[0] = py::slice(py::none(), py::none(), py::int_(step));
  } else {
    first = py::int_(py::module_::import("operator").attr("index")(which));
    if (first < 0) first += movie.frames();
    if (first < 0 || first >= movie.frames()) {
      throw py::index_error(movie.path() + ": has " + std::to_string(movie.frames()) + " frames");
    }
    rest[0] = py::int_(0);
  }
  return movie.read(first, count).attr("__getitem__")(py::tuple(rest));
}

}  // namespace

void define_movie(py::module_& module) {
  py::class_<Movie>(module, "Movie", "A movie file; frames are read when they are asked for.")
      .def_property_readonly("path", &Movie::path)
      .def_property_readonly("shape",
                             [](const Movie& movie) {
                               const FrameFormat format = movie.format();
                               return py::make_tuple(movie.frames(), format.height, format.width);
                             })
      .def_property_readonly("ndim", [](const Movie&) { return 3; })
      .def_property_readonly("dtype",
                             [](const Movie& movie) { return dtype_of(movie.format().type); })
      .def_property_readonly(
          "pixel_size",
          [](const Movie& movie) { return python_of(movie.info().pixel_size); },
          "(x, y) in angstrom; None where unknown")
      .def_property_readonly("pixel_size_source",
                             [](const Movie& movie) { return movie.info().pixel_size.source; })
      .def_property_readonly("notes",
                             [](const Movie& movie) { return python_of(Json(movie.info().notes)); })
      .def("__len__", &Movie::frames)
      .def("__getitem__", &frames_at, py::arg("index"))
      .def(
          "__array__",
          [](const Movie& movie, const py::object& dtype) -> py::object {
            const py::array frames = movie.read(0, movie.frames());
            if (dtype.is_none()) return frames;
            return frames.attr("astype")(dtype, py::arg("copy") = false);
          },
          py::arg("dtype") = py::none())
      .def("__repr__", [](const Movie& movie) {
        const FrameFormat format = movie.format();
        return "kinema.Movie('" + movie.path() + "': " + std::to_string(movie.frames()) +
               " frames of " + std::to_string(format.height) + " x " +
               std::to_string(format.width) + " " + to_text(format.type) + ")";
      });
}

Movie::Movie(std::string path, const io::ReadOptions& options)
    : path_(std::move(path)),
      options_(options),
      source_(io::open_movie(path_, options)),
      frames_(source_->frames().value()) {}

py::array Movie::read(Index first, Index count) const {
  const FrameFormat format = source_->format();
  auto pixels = Array<std::byte, 1>::uninitialised({checked_product(format.bytes(), count)});
  {
    const py::gil_scoped_release others_may_run;
    const std::lock_guard lock(mutex_);
    if (count > 0) source_->read(first, count, pixels.flat());
  }
  return numpy_of(format.type, pixels.data(), {count, format.height, format.width}, pixels.owner());
}

std::unique_ptr<MovieSource> movie_source(const py::object& movie,
                                          const std::string& name,
                                          const io::ReadOptions& options) {
  if (is_path(movie)) return io::open_movie(path_text(movie), options);
  if (py::isinstance<Movie>(movie)) {
    const Movie& file = movie.cast<const Movie&>();
    io::ReadOptions both = file.options();
    both.take_from(options);
    return io::open_movie(file.path(), both);
  }
  MovieInfo info;
  io::apply_user(options, info);
  return array_source(movie, name, info);
}

std::optional<std::string> movie_path(const py::object& movie) {
  if (is_path(movie)) return path_text(movie);
  if (py::isinstance<Movie>(movie)) return movie.cast<const Movie&>().path();
  return std::nullopt;
}

FrameStore::FrameStore(const std::optional<std::string>& out,
                       const FrameFormat& format,
                       Index frames,
                       const MovieInfo& info,
                       const Json& provenance)
    : out_(out), format_(format), frames_(frames) {
  if (out_) {
    writer_ = io::MovieWriter::create(*out_, format, frames, info, provenance);
  } else {
    pixels_ = Array<std::byte, 1>::uninitialised({checked_product(format.bytes(), frames)});
  }
}

void FrameStore::write(Index first, std::span<const std::byte> frames) {
  if (writer_) {
    writer_->write(first, frames);
  } else {
    std::copy(frames.begin(), frames.end(), pixels_.data() + first * format_.bytes());
  }
}

void FrameStore::close() {
  if (writer_) writer_->close();
}

py::object FrameStore::result() const {
  if (out_) return py::cast(std::make_unique<Movie>(*out_, io::ReadOptions{}));
  return numpy_of(
      format_.type, pixels_.data(), {frames_, format_.height, format_.width}, pixels_.owner());
}

py::object python_of(const std::optional<PixelSize>& size) {
  if (!size) return py::none();
  return py::make_tuple(size->x.value, size->y.value);
}

}  // namespace kinema::python
