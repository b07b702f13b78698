// io/ for Python: the verbs info, open, read, write, convert, formats.
#include "kinema/io/convert.h"
#include "kinema/io/formats.h"

#include "arrays.h"
#include "bindings.h"
#include "movie.h"
#include "verb.h"
#include <filesystem>

namespace kinema::python {
namespace {

constexpr const char* frames_type = "npt.NDArray[Any]";

py::object info_of_file(const Call& call, const io::ReadOptions& options) {
  const std::string path = path_text(call.at("path"));
  const auto movie = io::open_movie(path, options);
  Json json{{"file", path},
            {"format", io::movie_format(path)},
            {"bytes", std::filesystem::file_size(path)}};
  json.update(describe(movie->format(), movie->frames().value(), movie->info()));
  return python_of(json);
}

py::object open_file(const Call& call, const io::ReadOptions& options) {
  return py::cast(std::make_unique<Movie>(path_text(call.at("path")), options));
}

py::object read_file(const Call& call, const io::ConvertOptions& options) {
  const auto movie = io::select(io::open_movie(path_text(call.at("path")), options), options);
  const FrameFormat format = movie->format();
  const Index frames = movie->frames().value();
  auto pixels = Array<std::byte, 1>::uninitialised({checked_product(format.bytes(), frames)});
  call.run([&](Progress& progress) {
    progress.begin("read", frames, "frames");
    const std::span<std::byte> all = pixels.flat();
    for (Index t = 0; t < frames; ++t) {
      progress.check();
      movie->read(t, 1, all.subspan(t * format.bytes(), format.bytes()));
      progress.advance(1);
    }
    progress.end();
  });
  return numpy_of(
      format.type, pixels.data(), {frames, format.height, format.width}, pixels.owner());
}

struct WriteKeywords {
  std::optional<PixelSize> pixel_size;

  static void fields(auto& self, auto&& visit) {
    visit("pixel_size", self.pixel_size, "edge of a pixel, \"0.2 A\" or \"0.20 A, 0.21 A\" (x, y)");
  }
};

py::object write_file(const Call& call, const WriteKeywords& options) {
  const std::string out = call.output("path").value();
  const auto movie = movie_source(call.at("frames"), "frames", {.pixel_size = options.pixel_size});
  const FrameFormat format = movie->format();
  const Index frames = movie->frames().value();
  const auto writer = io::MovieWriter::create(
      out, format, frames, movie->info(), to_json(call.provenance(options_json(options))));
  call.run([&](Progress& progress) {
    std::vector<std::byte> frame(static_cast<std::size_t>(format.bytes()));
    progress.begin("write", frames, "frames");
    for (Index t = 0; t < frames; ++t) {
      progress.check();
      movie->read(t, 1, frame);
      writer->write(t, frame);
      progress.advance(1);
    }
    writer->close();
    progress.end();
  });
  return py::cast(std::make_unique<Movie>(out, io::ReadOptions{}));
}

py::object convert_file(const Call& call, const io::ConvertOptions& options) {
  const std::string in = path_text(call.at("movie"));
  const std::string out = call.output("out").value();
  const Json provenance = to_json(call.provenance(options_json(options)));
  call.run([&](Progress& progress) {
    io::convert(in, out, options, call.memory(), provenance, progress);
  });
  return py::cast(std::make_unique<Movie>(out, io::ReadOptions{}));
}

py::object list_formats(const Call& /*call*/, const NoOptions& /*options*/) {
  Json formats = Json::array();
  for (const io::MovieFormat& format : io::movie_formats()) {
    formats.push_back({{"name", format.name},
                       {"endings", format.endings},
                       {"pixels", format.pixels},
                       {"read", true},
                       {"write", format.written}});
  }
  return python_of(formats);
}

}  // namespace

void define_io(py::module_& module) {
  const Parameter path{"path", "StrPath", "", "the file", true};
  define_movie(module);
  define_verb<io::ReadOptions>(module,
                               {"info",
                                "what a movie file holds",
                                {path},
                                "dict[str, Any]",
                                "what `kinema info --json` prints",
                                {}},
                               info_of_file);
  define_verb<io::ReadOptions>(module,
                               {"open",
                                "a movie file whose frames are read when they are asked for",
                                {path},
                                "Movie",
                                "a Movie",
                                {}},
                               open_file);
  define_verb<io::ConvertOptions>(module,
                                  {"read",
                                   "a movie file, or part of it, as an array in its own pixel type",
                                   {path, progress_parameter()},
                                   frames_type,
                                   "an array (T, Y, X)",
                                   {}},
                                  read_file);
  define_verb<WriteKeywords>(
      module,
      {"write",
       "write an array (T, Y, X) as .mrc, .tif or .npy; the pixel type is kept",
       {{"path", "StrPath", "", "the file; its ending says the format", true},
        {"frames", "MovieLike", "", "the movie", true},
        force_parameter(),
        progress_parameter()},
       "Movie",
       "the written file as a Movie",
       {}},
      write_file);
  define_verb<io::ConvertOptions>(
      module,
      {"convert",
       "write a movie, or part of it, in another format; the pixel type is kept",
       {{"movie", "StrPath", "", "the movie to read", true},
        {"out", "StrPath", "", "the movie to write; its ending says the format", true},
        memory_parameter(),
        force_parameter(),
        progress_parameter()},
       "Movie",
       "the written file as a Movie",
       {}},
      convert_file);
  define_verb<NoOptions>(module,
                         {"formats",
                          "movie formats that are read and written",
                          {},
                          "list[dict[str, Any]]",
                          "a list of dicts",
                          {}},
                         list_formats);
}

}  // namespace kinema::python
