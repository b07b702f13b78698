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

py::tuple shape_tuple(const Movie& movie) {
  py::list axes;
  for (const Index size : movie.shape()) axes.append(size);
  return py::tuple(axes);
}

/// What is known about the movie. A fact is None where it is unknown.
void define_facts(py::class_<Movie>& movie) {
  const auto fact = [&](const char* name, const char* key, const char* help) {
    movie.def_property_readonly(
        name, [key](const Movie& file) { return python_of(to_json(file.info())[key]); }, help);
  };
  fact("frame_time", "frame_time_seconds", "seconds from frame to frame");
  fact("voltage", "voltage_kv", "kV");
  fact("dose", "dose_electrons_per_pixel", "electrons per pixel and frame");
  fact("detector", "detector", "camera or detector, by its maker's name");
  fact("date", "date", "when it was recorded");
  fact("axes", "axes", "axes of the array in the file: name, size, step, origin, unit");
  fact("dataset", "dataset", "which of several images in the file this is");
  fact("datasets", "datasets", "all images in the file, where there are several");
  fact("notes", "notes", "what a careful user should know");
  movie
      .def_property_readonly(
          "pixel_size",
          [](const Movie& file) { return python_of(file.info().pixel_size); },
          "(x, y) in angstrom")
      .def_property_readonly("pixel_size_source",
                             [](const Movie& file) { return file.info().pixel_size.source; })
      .def_property_readonly(
          "sources",
          [](const Movie& file) {
            const MovieInfo& info = file.info();
            return python_of(Json{{"pixel_size", info.pixel_size.source},
                                  {"frame_time", info.frame_time.source},
                                  {"voltage", info.voltage.source},
                                  {"dose", info.dose.source},
                                  {"detector", info.detector.source},
                                  {"date", info.date.source}});
          },
          "where each fact was learned: header, side-car, user, unknown")
      .def("metadata", &Movie::metadata, "the whole tree that the file holds, as dicts and lists");
}

}  // namespace

void define_movie(py::module_& module) {
  py::class_<Movie> movie_class(
      module, "Movie", "A movie file; frames are read when they are asked for.");
  define_facts(movie_class);
  movie_class.def_property_readonly("path", &Movie::path)
      .def_property_readonly("shape", &shape_tuple)
      .def_property_readonly("ndim", [](const Movie& movie) { return movie.shape().size(); })
      .def_property_readonly("dtype",
                             [](const Movie& movie) { return dtype_of(movie.format().type); })
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

std::vector<Index> Movie::shape() const {
  const FrameFormat format = source_->format();
  return shape_of(format.type, {frames_, format.height, format.width});
}

py::object Movie::metadata() const {
  Json tree;
  {
    const std::lock_guard lock(mutex_);
    tree = source_->metadata();
  }
  return python_of(tree);
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
