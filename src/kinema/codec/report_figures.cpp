// Figures of the report: quality beside its baselines, and the rate in true bits.
#include "kinema/codec/report_parts.h"
#include "kinema/metrics/rate.h"
#include "kinema/report/text.h"

#include <fmt/format.h>

namespace kinema::codec {

void add_quality(report::Page& page, const ReportInput& input) {
  if (!input.evaluation) return;
  const Evaluation& evaluation = *input.evaluation;
  report::Table table{
      "Means over all frames, against " + judge_name(input),
      {"movie", "PSNR (dB)", "SSIM", "temporal PSNR (dB)", "Bragg signal (dB)", "Bragg spots kept"},
      {}};
  const auto add = [&](const std::string& name, const Quality& quality) {
    const BraggQuality& bragg = quality.bragg;
    table.rows.push_back(
        {name,
         {report::rounded(quality.mean_psnr), fmt::format("{:.2f}", quality.mean_psnr)},
         {report::rounded(quality.mean_ssim), fmt::format("{:.4f}", quality.mean_ssim)},
         quality.temporal_psnr ? report::Cell(report::rounded(*quality.temporal_psnr),
                                              fmt::format("{:.2f}", *quality.temporal_psnr))
                               : report::Cell("\u2013"),
         bragg.spots > 0
             ? report::Cell(report::rounded(bragg.mean_db), fmt::format("{:.1f}", bragg.mean_db))
             : report::Cell("\u2013"),
         bragg.spots > 0
             ? report::Cell(bragg.kept, fmt::format("{} of {}", bragg.kept, bragg.spots))
             : report::Cell("no spots")});
  };
  add("decoded", evaluation.decoded);
  if (evaluation.raw && input.reference != nullptr) add("raw, as recorded", *evaluation.raw);
  if (evaluation.binned) {
    add(fmt::format("binned, the mean of {} raw frames", evaluation.ratio), *evaluation.binned);
  }
  page.section("Quality");
  if (input.reference == nullptr) {
    page.note(
        "No clean reference was given: these figures are against the recorded movie, so noise "
        "that decoding takes away counts as error.");
  }
  page.table(table);
  page.paragraph(
      fmt::format("Peak of PSNR and SSIM: {} ({}). Temporal PSNR is that of the "
                  "differences between neighbouring frames. Bragg spots are found in {} "
                  "frames of {}.",
                  report::number_text(evaluation.decoded.peak),
                  evaluation.decoded.peak_rule,
                  evaluation.bragg_frames,
                  judge_name(input)));
}

namespace {

/// "10:20, 40:50", neighbours joined.
std::string lossless_ranges(const std::vector<Group>& groups) {
  std::string text;
  for (std::size_t s = 0; s < groups.size(); ++s) {
    if (groups[s].mode != GroupMode::lossless) continue;
    const Index first = groups[s].first;
    while (s + 1 < groups.size() && groups[s + 1].mode == GroupMode::lossless) ++s;
    text +=
        fmt::format("{}{}:{}", text.empty() ? "" : ", ", first, groups[s].first + groups[s].frames);
  }
  return text.empty() ? "none" : text;
}

}  // namespace

void add_rate(report::Page& page, const ReportInput& input) {
  if (!input.stored) return;
  const FrameFormat format = input.decoded->format();
  const Index frames = *input.decoded->frames();
  const Index pixels = checked_product(format.pixels(), frames);
  const Index recorded = checked_product(pixels, bytes_of(input.recorded));
  const auto row = [&](const std::string& term, Index bytes) -> std::vector<report::Cell> {
    const double bits = 8.0 * static_cast<double>(bytes) / static_cast<double>(pixels);
    return {term, {bytes, report::bytes_text(bytes)}, bits};
  };
  const StoredSize& stored = *input.stored;
  page.section("Rate in true bits");
  page.paragraph(
      "Every byte of the file on disk counts: snapshots, masks, the table of groups, "
      "hashes, provenance and the structure of the file.");
  page.table({"",
              {"term", "size", "bits per movie pixel"},
              {row("coded snapshots", stored.snapshots),
               row("all else in the file", stored.container - stored.snapshots),
               row("whole file", stored.container)},
              true});
  const metrics::Rate rate = metrics::rate_of(stored.container, pixels);
  const double ratio = static_cast<double>(recorded) / static_cast<double>(stored.container);
  report::Facts facts{"Compression ratio", {}};
  facts.rows.emplace_back(fmt::format("against the movie as recorded ({}, {})",
                                      to_text(input.recorded),
                                      report::bytes_text(recorded)),
                          report::Cell(report::rounded(ratio), fmt::format("{:.2f} : 1", ratio)));
  facts.rows.emplace_back(
      "against 8 bits a pixel",
      report::Cell(rate.ratio_8bit, fmt::format("{:.2f} : 1", rate.ratio_8bit)));
  facts.rows.emplace_back(
      "against 16 bits a pixel",
      report::Cell(rate.ratio_16bit, fmt::format("{:.2f} : 1", rate.ratio_16bit)));
  if (!input.groups.empty()) {
    facts.rows.emplace_back("frames per snapshot (the nominal ratio)",
                            ratio_text(input.groups, first_ratio(input)));
    facts.rows.emplace_back("frames kept lossless", report::Cell(lossless_ranges(input.groups)));
  }
  if (input.kept_dose) {
    facts.rows.emplace_back(
        "share of the dose that the steps of the snapshots keep",
        report::Cell(*input.kept_dose, fmt::format("{:.1f} %", 100.0 * *input.kept_dose)));
  }
  page.facts({facts});
}

}  // namespace kinema::codec
