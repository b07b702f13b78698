// codec evaluate, report: how good a decoded movie is, in figures and as a page.
#include "kinema/codec/audit.h"
#include "kinema/codec/container.h"
#include "kinema/codec/evaluate.h"
#include "kinema/codec/report.h"
#include "kinema/io/file.h"
#include "kinema/io/formats.h"
#include "kinema/io/movie_writer.h"

#include <fmt/format.h>

#include "verb.h"
#include <filesystem>

namespace kinema::app {
namespace {

struct EvaluateVerbOptions : codec::EvaluateOptions {
  std::string reference, raw;

  static void fields(auto& self, auto&& visit) {
    visit(
        "reference",
        self.reference,
        "the movie to compare with: clean truth, or the recorded one; or a container encoded with "
        "--audit, to judge by the frames that it kept");
    visit("raw", self.raw, "the movie that was encoded, for the baselines");
    codec::EvaluateOptions::fields(self, visit);
  }
};

codec::Evaluation evaluate_files(const std::string& decoded,
                                 EvaluateVerbOptions options,
                                 const Session& session) {
  const auto movie = io::open_movie(decoded);
  const auto reference = io::open_movie(options.reference);
  const auto raw = options.raw.empty() ? nullptr : io::open_movie(options.raw);
  const Json origin = io::sidecar_provenance(decoded);
  if (options.ratio == 0 && origin.is_object()) options.ratio = origin.value("ratio", Index{0});
  return codec::evaluate(*movie, *reference, raw.get(), options, session.progress);
}

Outcome evaluate_movie(const Arguments& arguments,
                       const EvaluateVerbOptions& options,
                       const Session& session) {
  if (options.reference.empty()) {
    throw InputError("codec evaluate: name the movie to compare with: --reference MOVIE");
  }
  if (codec::is_container(options.reference)) {
    if (!options.raw.empty()) {
      throw InputError(options.reference +
                       ": is a container, which brings its own frames; leave --raw away");
    }
    const codec::ContainerReader container(options.reference);
    const auto decoded = io::open_movie(arguments.at("DECODED"));
    const codec::Audit result =
        codec::audit(*decoded, codec::coded_movie(container), session.progress, options.peak);
    return {codec::to_json(result), codec::to_text(result)};
  }
  const codec::Evaluation result = evaluate_files(arguments.at("DECODED"), options, session);
  return {codec::to_json(result), codec::to_text(result)};
}

struct ReportVerbOptions : codec::ReportOptions {
  std::string reference, raw;

  static void fields(auto& self, auto&& visit) {
    visit("raw", self.raw, "the movie that was encoded");
    visit(
        "reference", self.reference, "the movie to compare with: clean truth, or the recorded one");
    codec::ReportOptions::fields(self, visit);
  }
};

Outcome report_movie(const Arguments& arguments,
                     const ReportVerbOptions& options,
                     const Session& session) {
  const std::string in = arguments.at("MEASUREMENT"), decoded = arguments.at("DECODED");
  const std::string out = arguments.at("OUT");
  session.require_writable(out);
  const codec::ContainerReader container(in);
  const codec::ContainerHeader& header = container.header();
  const auto movie = io::open_movie(decoded);
  const auto raw = options.raw.empty() ? nullptr : io::open_movie(options.raw);
  const auto reference = options.reference.empty() ? nullptr : io::open_movie(options.reference);

  codec::ReportInput input;
  input.title = std::filesystem::path(decoded).filename().string();
  input.subtitle = fmt::format("{} frames of {} x {} from {}",
                               header.frames,
                               header.height,
                               header.width,
                               std::filesystem::path(in).filename().string());
  input.decoded = movie.get();
  input.raw = raw.get();
  input.reference = reference.get();
  input.groups = header.groups;
  input.snapshot = [&](Index s) { return container.snapshot(s); };
  input.recorded = header.recorded;
  input.stored = codec::StoredSize{static_cast<Index>(std::filesystem::file_size(in)),
                                   container.stored_bytes()};
  if (reference || raw) {
    EvaluateVerbOptions judge;
    judge.reference = reference ? options.reference : options.raw;
    judge.raw = options.raw;
    judge.ratio = nominal_ratio(header.groups, header.ratio);
    input.evaluation = evaluate_files(decoded, judge, session);
  }
  codec::add_coding(input, header, io::sidecar_provenance(decoded));
  const report::Page page = codec::report(input, options, session.progress);
  const std::string html = page.render();
  io::write_text_file(out, html);
  return {
      Json{{"output", out}, {"bytes", html.size()}},
      fmt::format(
          "{}: {:.1f} MB, opens in any browser\n", out, static_cast<double>(html.size()) / 1e6)};
}

}  // namespace

std::vector<Verb> judge_verbs() {
  return {make_verb<EvaluateVerbOptions>("codec evaluate",
                                         "measure a decoded movie",
                                         {{"DECODED", "the decoded movie"}},
                                         "",
                                         evaluate_movie),
          make_verb<ReportVerbOptions>(
              "codec report",
              "one page that shows how a movie was coded",
              {{"MEASUREMENT", "the container"}, {"DECODED", "the movie decoded from it"}},
              "the page to write (.html)",
              report_movie)};
}

}  // namespace kinema::app
