#include "kinema/codec/report.h"

#include "kinema/codec/report_parts.h"
#include "kinema/metrics/rate.h"
#include "kinema/report/text.h"

#include <fmt/format.h>

#include <set>

namespace kinema::codec {

namespace {

void require_whole_decoding(const ReportInput& input, FrameFormat decoded, Index frames) {
  if (input.groups.empty()) return;
  const Index coded = input.groups.back().first + input.groups.back().frames;
  if (coded != frames) {
    throw InputError(
        fmt::format("report: the measurement has {} frames and the decoded movie {}; give the "
                    "whole movie that was decoded from it",
                    coded,
                    frames));
  }
  if (!input.snapshot) return;
  const auto [height, width] = input.snapshot(0).shape();
  if (height == decoded.height && width == decoded.width) return;
  throw InputError(
      fmt::format("report: the measurement is {} x {} pixels and the decoded movie {} x {}; give "
                  "the movie that was decoded from it",
                  height,
                  width,
                  decoded.height,
                  decoded.width));
}

void require_sound(const ReportInput& input, const ReportOptions& options) {
  if (input.decoded == nullptr || !input.decoded->frames()) {
    throw std::logic_error("a report needs a decoded movie that is complete");
  }
  if (options.bits != 8 && options.bits != 16 && options.bits != 32) {
    throw InputError("report: bits is 8, 16 or 32, not " + std::to_string(options.bits));
  }
  const FrameFormat decoded = input.decoded->format();
  const Index frames = *input.decoded->frames();
  if (options.frame && (*options.frame < 0 || *options.frame >= frames)) {
    throw InputError(fmt::format(
        "report: frame {} is not among the frames 0 to {}", *options.frame, frames - 1));
  }
  require_whole_decoding(input, decoded, frames);
  for (const Shown& shown : movies_of(input)) {
    const FrameFormat format = shown.movie->format();
    const Index count = shown.movie->frames().value_or(frames);
    if (format.height == decoded.height && format.width == decoded.width && count == frames) {
      continue;
    }
    throw InputError(fmt::format(
        "report: the {} movie has {} frames of {} x {} pixels and the decoded one {} of {} x {}; "
        "give the movie that was encoded",
        shown.name,
        count,
        format.height,
        format.width,
        frames,
        decoded.height,
        decoded.width));
  }
}

void add_lists(report::Page& page, const std::string& heading, const Json& lists) {
  if (lists.empty()) return;
  page.section(heading);
  std::vector<report::Facts> facts;
  for (const auto& [name, list] : lists.items()) facts.push_back(report::facts_of(name, list));
  page.facts(facts);
}

/// What came out, in a few lines.
report::Facts result_facts(const ReportInput& input) {
  report::Facts facts{"Result", {}};
  if (!input.groups.empty()) {
    facts.rows.emplace_back("frames per snapshot", ratio_text(input.groups, first_ratio(input)));
  }
  if (input.stored) {
    const Index pixels =
        checked_product(input.decoded->format().pixels(), *input.decoded->frames());
    const metrics::Rate rate = metrics::rate_of(input.stored->container, pixels);
    facts.rows.emplace_back("size on disk", report::bytes_text(input.stored->container));
    facts.rows.emplace_back("bits per movie pixel", report::Cell(rate.bits_per_pixel));
  }
  if (input.evaluation) {
    const Quality& decoded = input.evaluation->decoded;
    facts.rows.emplace_back("mean PSNR",
                            report::Cell(report::rounded(decoded.mean_psnr),
                                         fmt::format("{:.2f} dB", decoded.mean_psnr)));
    facts.rows.emplace_back(
        "mean SSIM",
        report::Cell(report::rounded(decoded.mean_ssim), fmt::format("{:.4f}", decoded.mean_ssim)));
  }
  return facts;
}

void add_overview(report::Page& page, const ReportInput& input) {
  const FrameFormat format = input.decoded->format();
  const std::optional<PixelSize> pixel = pixel_size_of(input);
  const std::optional<Time> time = frame_time_of(input);
  report::Facts movie{"Movie", {}};
  movie.rows.emplace_back("frames", report::Cell(*input.decoded->frames()));
  movie.rows.emplace_back(
      "frame size", fmt::format("{} x {} pixels (height x width)", format.height, format.width));
  movie.rows.emplace_back("recorded as", to_text(input.recorded));
  movie.rows.emplace_back("pixel size", pixel ? to_text(*pixel) : "unknown");
  if (time) movie.rows.emplace_back("time per frame", to_text(*time));
  page.section("Overview");
  page.facts({movie, result_facts(input)});
  std::set<std::string> notes;  // the decoded movie carries those of the raw one
  for (const Shown& shown : movies_of(input)) {
    for (const std::string& note : shown.movie->info().notes) {
      if (notes.insert(note).second) page.note(note);
    }
  }
}

}  // namespace

/// The movies that are there: raw, decoded, reference.
std::vector<Shown> movies_of(const ReportInput& input) {
  std::vector<Shown> movies;
  if (input.raw != nullptr) movies.push_back({"raw", input.raw, report::Colour::grey});
  movies.push_back({"decoded", input.decoded, report::Colour::blue});
  if (input.reference != nullptr)
    movies.push_back({"reference", input.reference, report::Colour::green});
  return movies;
}

/// One frame (Y, X) as floats.
Array<float, 2> frame_of(MovieSource& movie, Index t) {
  Array<float, 3> frames = to_movie(movie, t, 1).frames;
  return Array<float, 2>::borrow(
      frames.data(), {frames.shape()[1], frames.shape()[2]}, frames.owner());
}

Index first_ratio(const ReportInput& input) {
  const Group& first = input.groups.front();
  return first.ratio > 0 ? first.ratio : first.frames;
}

std::string judge_name(const ReportInput& input) {
  return input.reference != nullptr ? "the reference" : "the recorded movie";
}

std::optional<PixelSize> pixel_size_of(const ReportInput& input) {
  for (const Shown& shown : movies_of(input)) {
    if (shown.movie->info().pixel_size) return shown.movie->info().pixel_size;
  }
  return std::nullopt;
}

std::optional<Dose> dose_of(const ReportInput& input) {
  for (const Shown& shown : movies_of(input)) {
    if (shown.movie->info().dose) return shown.movie->info().dose;
  }
  return std::nullopt;
}

std::optional<Time> frame_time_of(const ReportInput& input) {
  for (const Shown& shown : movies_of(input)) {
    if (shown.movie->info().frame_time) return shown.movie->info().frame_time;
  }
  return std::nullopt;
}

void add_coding(ReportInput& input, const ContainerHeader& header, const Json& decoded) {
  input.settings["masks"] = Json{{"kind", to_text(header.mask_kind)},
                                 {"seed", header.mask_seed},
                                 {"ratio", header.ratio},
                                 {"groups by ratio", ratios_json(header.groups)},
                                 {"hash", header.mask_hash}};
  input.kept_dose = header.kept_dose;
  if (header.noise) input.settings["noise as encoded"] = to_json(*header.noise);
  input.settings["encode"] = header.provenance.options;
  input.provenance["measurement"] = to_json(header.provenance);
  if (!decoded.is_object()) return;
  input.settings["decode"] = decoded.value("options", Json::object());
  input.provenance["decoded"] = decoded;
}

report::Page report(const ReportInput& input, const ReportOptions& options, Progress& progress) {
  require_sound(input, options);
  report::Page page(input.title, input.subtitle);
  add_overview(page, input);
  add_movies(page, input, options, progress);
  add_quality(page, input);
  add_curves(page, input, progress);
  add_spectra(page, input, options);
  add_rate(page, input);
  add_lists(page, "Settings", input.settings);
  add_lists(page, "Provenance", input.provenance);
  return page;
}

}  // namespace kinema::codec
