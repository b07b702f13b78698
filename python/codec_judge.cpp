// codec/ for Python: evaluate and report.
#include "kinema/codec/audit.h"
#include "kinema/codec/evaluate.h"
#include "kinema/codec/report.h"
#include "kinema/io/file.h"

#include "bindings.h"
#include "measurement.h"
#include "movie.h"
#include "verb.h"
#include <filesystem>

namespace kinema::python {
namespace {

/// Whether a Measurement, or the path of a container, is given.
bool is_measurement(const py::object& given) {
  if (py::isinstance<HeldMeasurement>(given)) return true;
  const std::optional<std::string> path = movie_path(given);
  return path && codec::is_container(*path);
}

/// How a movie file came to be, or null.
Json provenance_beside(const py::object& movie) {
  const std::optional<std::string> path = movie_path(movie);
  return path ? io::sidecar_provenance(*path) : Json();
}

std::unique_ptr<MovieSource> optional_source(const Call& call, const std::string& name) {
  return call.at(name).is_none() ? nullptr : movie_source(call.at(name), name);
}

py::object evaluate_movie(const Call& call, const codec::EvaluateOptions& given) {
  codec::EvaluateOptions options = given;
  const auto decoded = movie_source(call.at("decoded"), "decoded");
  if (is_measurement(call.at("reference"))) {
    const auto measurement = measurement_of(call.at("reference"));
    codec::Audit result;
    call.run([&](Progress& progress) {
      result = codec::audit(*decoded, measurement->coded(), progress, options.peak);
    });
    return python_of(codec::to_json(result));
  }
  const auto reference = movie_source(call.at("reference"), "reference");
  const auto raw = optional_source(call, "raw");
  const Json side = provenance_beside(call.at("decoded"));
  if (options.ratio == 0 && side.is_object()) options.ratio = side.value("ratio", Index{0});
  codec::Evaluation result;
  call.run([&](Progress& progress) {
    result = codec::evaluate(*decoded, *reference, raw.get(), options, progress);
  });
  return python_of(codec::to_json(result));
}

py::object report_movie(const Call& call, const codec::ReportOptions& options) {
  const std::string out = call.output("out").value();
  const auto measurement = measurement_of(call.at("measurement"));
  const codec::ContainerHeader& header = measurement->header();
  const auto decoded = movie_source(call.at("decoded"), "decoded");
  const auto raw = optional_source(call, "raw"), reference = optional_source(call, "reference");
  codec::ReportInput input;
  input.title = std::filesystem::path(movie_path(call.at("decoded")).value_or("decoded movie"))
                    .filename()
                    .string();
  input.subtitle = std::to_string(header.frames) + " frames of " + std::to_string(header.height) +
                   " x " + std::to_string(header.width);
  input.decoded = decoded.get();
  input.raw = raw.get();
  input.reference = reference.get();
  input.groups = header.groups;
  const codec::CodedMovie coded = measurement->coded();
  input.snapshot = coded.snapshot;
  input.recorded = header.recorded;
  if (const auto stored = measurement->stored_bytes()) {
    const auto bytes = static_cast<Index>(std::filesystem::file_size(*measurement->path()));
    input.stored = codec::StoredSize{bytes, *stored};
  }
  codec::add_coding(input, header, provenance_beside(call.at("decoded")));
  call.run([&](Progress& progress) {
    if (reference || raw) {
      MovieSource& truth = reference ? *reference : *raw;
      input.evaluation = codec::evaluate(*decoded,
                                         truth,
                                         raw.get(),
                                         {.ratio = nominal_ratio(header.groups, header.ratio)},
                                         progress);
    }
    io::write_text_file(out, codec::report(input, options, progress).render());
  });
  return py::module_::import("pathlib").attr("Path")(out);
}

}  // namespace

void define_judges(py::module_& module) {
  const std::string optional_movie = "MovieLike | None";
  define_verb<codec::EvaluateOptions>(
      module,
      {"codec evaluate",
       "measure a decoded movie",
       {{"decoded", "MovieLike", "", "the decoded movie", true},
        {"reference",
         "MovieLike | MeasurementLike",
         "",
         "the movie to compare with: clean truth, or the recorded one; or a measurement with "
         "audited frames to judge by",
         true},
        {"raw", optional_movie, "None", "the movie that was encoded, for the baselines"},
        progress_parameter()},
       "dict[str, Any]",
       "what `kinema codec evaluate --json` prints",
       {}},
      evaluate_movie);
  define_verb<codec::ReportOptions>(
      module,
      {"codec report",
       "one page that shows how a movie was coded",
       {{"measurement", "MeasurementLike", "", "a Measurement, or the path of a container", true},
        {"decoded", "MovieLike", "", "the movie decoded from it", true},
        {"out", "StrPath", "", "the page to write (.html)", true},
        {"raw", optional_movie, "None", "the movie that was encoded"},
        {"reference",
         optional_movie,
         "None",
         "the movie to compare with: clean truth, or the recorded one"},
        force_parameter(),
        progress_parameter()},
       "Path",
       "the path of the page",
       {}},
      report_movie);
}

}  // namespace kinema::python
