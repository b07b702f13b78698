// Files for Python: the verbs info, validate, open, read, write, convert, formats, and doctor.
#include "kinema/codec/file_info.h"
#include "kinema/codec/validate.h"
#include "kinema/doctor/doctor.h"
#include "kinema/io/convert.h"
#include "kinema/io/format_rows.h"
#include "kinema/io/formats.h"

#include "arrays.h"
#include "bindings.h"
#include "movie.h"
#include "verb.h"

namespace kinema::python {
namespace {

constexpr const char* frames_type = "npt.NDArray[Any]";

/// One path, or several in a list or tuple.
std::vector<std::string> paths_of(const py::object& given) {
  if (is_path(given)) return {path_text(given)};
  std::vector<std::string> paths;
  for (const py::handle path : given) paths.push_back(path_text(path));
  return paths;
}

py::object info_of_files(const Call& call, const codec::InfoOptions& options) {
  const std::vector<std::string> paths = paths_of(call.at("path"));
  Json json;
  call.run([&](Progress&) {
    json = codec::means_many(paths) ? to_json(codec::file_table(paths, options))
                                    : to_json(codec::file_info(paths[0], options));
  });
  return python_of(json);
}

py::object validate_file(const Call& call, const io::ReadOptions& options) {
  const std::string path = path_text(call.at("path"));
  codec::Verdict verdict;
  call.run([&](Progress& progress) {
    verdict = codec::validate(path, options, call.memory(), progress);
  });
  return python_of(to_json(verdict));
}

py::object examine_machine(const Call& call, const NoOptions& /*options*/) {
  Json json;
  call.run([&](Progress&) { json = to_json(doctor::examine(1)); });
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
  const std::filesystem::path written = io::movie_path(out, frames);
  return py::cast(std::make_unique<Movie>(written, io::ReadOptions{}));
}

py::object convert_file(const Call& call, const io::ConvertOptions& options) {
  const std::string in = path_text(call.at("movie"));
  const std::string out = call.output("out").value();
  const Json provenance = to_json(call.provenance(options_json(options)));
  std::filesystem::path written;
  call.run([&](Progress& progress) {
    written = io::convert(in, out, options, call.memory(), provenance, progress).path;
  });
  return py::cast(std::make_unique<Movie>(written, io::ReadOptions{}));
}

py::object list_formats(const Call& /*call*/, const NoOptions& /*options*/) {
  return python_of(to_json(io::format_rows()));
}

Parameter path_parameter() {
  return {"path", "StrPath", "", "the file", true};
}

void define_questions(py::module_& module) {
  define_verb<codec::InfoOptions>(module,
                                  {"info",
                                   "what a movie file holds, or a table of many",
                                   {{"path",
                                     "StrPath | Sequence[StrPath]",
                                     "",
                                     "the file; a folder, a pattern or a list gives a table",
                                     true}},
                                   "dict[str, Any]",
                                   "what `kinema info --json` prints",
                                   {}},
                                  info_of_files);
  define_verb<io::ReadOptions>(module,
                               {"validate",
                                "a file against its format's description, with every place",
                                {path_parameter(), memory_parameter(), progress_parameter()},
                                "dict[str, Any]",
                                "what `kinema validate --json` prints",
                                {}},
                               validate_file);
  define_verb<NoOptions>(module,
                         {"doctor",
                          "what this machine offers, and the mend of what is missing",
                          {},
                          "dict[str, Any]",
                          "what `kinema doctor --json` prints",
                          {}},
                         examine_machine);
  define_verb<NoOptions>(module,
                         {"formats",
                          "movie formats that are read and written",
                          {},
                          "list[dict[str, Any]]",
                          "a list of dicts",
                          {}},
                         list_formats);
}

void define_movies(py::module_& module) {
  define_verb<io::ReadOptions>(module,
                               {"open",
                                "a movie file whose frames are read when they are asked for",
                                {path_parameter()},
                                "Movie",
                                "a Movie",
                                {}},
                               open_file);
  define_verb<io::ConvertOptions>(module,
                                  {"read",
                                   "a movie file, or part of it, as an array in its own pixel type",
                                   {path_parameter(), progress_parameter()},
                                   frames_type,
                                   "an array (T, Y, X); colours (T, Y, X, 3 or 4)",
                                   {}},
                                  read_file);
  define_verb<WriteKeywords>(
      module,
      {"write",
       "write an array (T, Y, X) in the format of the ending; the pixel type is kept",
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
}

}  // namespace

void define_io(py::module_& module) {
  define_movie(module);
  define_questions(module);
  define_movies(module);
}

}  // namespace kinema::python
