// restore/ for Python: a movie calibrated, without bad pixels, drift and noise.
#include "kinema/restore/restore.h"

#include "kinema/base/hash.h"
#include "kinema/data/frame_range.h"
#include "kinema/io/convert.h"

#include "arrays.h"
#include "bindings.h"
#include "movie.h"
#include "verb.h"
#include <filesystem>

namespace kinema::python {
namespace {

struct RestoreKeywords : restore::RestoreOptions {
  std::string dark, flat;
  FrameRange frames;
  bool input_hash = true;
  io::ReadOptions read;

  static void fields(auto& self, auto&& visit) {
    visit("dark", self.dark, "movie or image of the detector without beam; its mean is taken away");
    visit("flat",
          self.flat,
          "movie or image of the even beam, without its dark; frames are divided by its mean");
    restore::RestoreOptions::fields(self, visit);
    visit("frames", self.frames, "frames a:b to restore, half-open, from 0");
    visit("input_hash", self.input_hash, "hash the files for the provenance (reads them again)");
    io::ReadOptions::fields(self.read, visit);
  }
};

/// A dark or flat field, given by path or as an array; null where it is not given.
std::unique_ptr<MovieSource> field_of(const Call& call, const char* name, const std::string& path) {
  if (!path.empty()) return movie_source(py::str(path), name);
  const py::object given = call.at(name);
  return given.is_none() ? nullptr : movie_source(given, name);
}

py::object restore_movie(const Call& call, const RestoreKeywords& options) {
  const std::optional<std::string> out = call.output("out");
  io::ConvertOptions part;
  part.frames = options.frames;
  const auto movie = io::select(movie_source(call.at("movie"), "movie", options.read), part);
  const auto dark = field_of(call, "dark", options.dark);
  const auto flat = field_of(call, "flat", options.flat);
  const FrameFormat recorded = movie->format();
  const Index frames = movie->frames().value();
  const Index restored = restore::restored_frames(frames, options);
  restore::require_memory(recorded, options, call.memory());
  Provenance provenance = call.provenance(options_json(options));
  std::vector<std::string> inputs{options.dark, options.flat};
  if (const auto path = movie_path(call.at("movie"))) inputs.push_back(*path);
  restore::Survey survey;
  std::optional<FrameStore> store;
  call.run([&](Progress& progress) {
    for (const std::string& path : inputs) {
      const bool wanted = options.input_hash && std::filesystem::is_regular_file(path);
      if (wanted) provenance.inputs[path] = hash_file(path);
    }
    restore::References references;
    if (dark) references.dark = restore::mean_frame(*dark, "dark", progress);
    if (flat) references.flat = restore::mean_frame(*flat, "flat", progress);
    survey = restore::survey_movie(*movie, references, options, progress);
    Json beside = to_json(provenance);
    beside["survey"] = to_json(survey);
    store.emplace(out,
                  FrameFormat{PixelType::f32, recorded.height, recorded.width},
                  restored,
                  restore::restored_info(movie->info(), frames, options),
                  beside);
    restore::restore(
        *movie,
        survey,
        options,
        [&](Index t, ArrayView<const float, 2> frame) {
          store->write(t, std::as_bytes(frame.flat()));
        },
        progress,
        call.memory());
    store->close();
  });
  if (!call.flag("return_survey")) return store->result();
  return py::make_tuple(store->result(), python_of(to_json(survey)));
}

}  // namespace

void define_restore(py::module_& module) {
  const std::string frames = "npt.NDArray[np.float32]", survey = "dict[str, Any]";
  const auto with_survey = [&](const std::string& type) {
    return "tuple[" + type + ", " + survey + "]";
  };
  define_verb<RestoreKeywords>(
      module,
      {"restore",
       "take dark, flat, bad pixels, drift and noise out of a movie",
       {{"movie", "MovieLike", "", "the movie: an array (T, Y, X), a path or a Movie", true},
        {"dark", "npt.ArrayLike", "", "or an array"},
        {"flat", "npt.ArrayLike", "", "or an array"},
        {"out", "StrPath | None", "None", "write the restored movie to this file"},
        {"return_survey", "bool", "False", "return what was found out about the movie, too"},
        memory_parameter(),
        force_parameter(),
        progress_parameter()},
       "Any",
       "frames (T, Y, X) as float32, or the file as a Movie where `out` is given; with "
       "return_survey a tuple of these and a dict",
       {{{{"out", "None"}, {"return_survey", "Literal[False]"}}, frames},
        {{{"out", "StrPath"}, {"return_survey", "Literal[False]"}}, "Movie"},
        {{{"out", "None"}, {"return_survey", "Literal[True]"}}, with_survey(frames)},
        {{{"out", "StrPath"}, {"return_survey", "Literal[True]"}}, with_survey("Movie")}}},
      restore_movie);
}

}  // namespace kinema::python
