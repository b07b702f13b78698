// Parts of the codec's report, one function each; `report` puts them in order.
#pragma once

#include "kinema/codec/report.h"

#include <optional>
#include <string>
#include <vector>

namespace kinema::codec {

/// A movie of the report under the name and colour that it keeps through the page.
struct Shown {
  std::string name;
  MovieSource* movie;
  report::Colour colour;
};

/// The movies that are there, in this order: raw, decoded, reference.
std::vector<Shown> movies_of(const ReportInput& input);

/// One frame (Y, X) as floats.
Array<float, 2> frame_of(MovieSource& movie, Index t);

/// Frames per snapshot of the first group.
Index first_ratio(const ReportInput& input);

/// What any of the movies knows.
std::optional<PixelSize> pixel_size_of(const ReportInput& input);
std::optional<Time> frame_time_of(const ReportInput& input);
std::optional<Dose> dose_of(const ReportInput& input);

/// What the evaluation held the decoded movie against: "the reference", or "the recorded movie"
/// where there is none.
std::string judge_name(const ReportInput& input);

/// Raw, measurement, decoded and residual side by side.
void add_movies(report::Page& page,
                const ReportInput& input,
                const ReportOptions& options,
                Progress& progress);

/// Curves over the frames: PSNR and SSIM where there is an evaluation, and mean intensity.
void add_curves(report::Page& page, const ReportInput& input, Progress& progress);

/// Power spectra of one frame of every movie with the Bragg spots marked; nothing for frames too
/// small for it.
void add_spectra(report::Page& page, const ReportInput& input, const ReportOptions& options);

/// Quality against the reference, beside the baselines.
void add_quality(report::Page& page, const ReportInput& input);

/// The size on disk, every term, and the ratios that follow.
void add_rate(report::Page& page, const ReportInput& input);

}  // namespace kinema::codec
