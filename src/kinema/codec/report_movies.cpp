// The movies side by side, and curves over their frames.
#include "kinema/codec/report_parts.h"

#include <algorithm>
#include <numeric>

namespace kinema::codec {

namespace {

Array<float, 2> difference(const Array<float, 2>& a, const Array<float, 2>& b) {
  auto result = Array<float, 2>::uninitialised(a.shape());
  std::transform(a.flat().begin(), a.flat().end(), b.flat().begin(), result.data(), std::minus<>{});
  return result;
}

report::Pane movie_pane(const Shown& shown) {
  return {.name = shown.name,
          .image = [movie = shown.movie](Index t) { return frame_of(*movie, t); },
          .group = "recorded"};
}

/// Snapshots, each repeated over the frames of its exposure; frames of lossless groups.
report::Pane measurement_pane(const ReportInput& input) {
  report::Pane pane{.name = "measurement", .image = input.snapshot};
  pane.image_of_frame.assign(*input.decoded->frames(), 0);
  Index snapshot = 0;
  for (const Group& group : input.groups) {
    for (Index t = group.first; t < group.first + group.frames; ++t) {
      pane.image_of_frame.at(t) = snapshot + bucket_of_frame(group, t - group.first);
    }
    snapshot += group.buckets;
  }
  return pane;
}

/// Decoded less reference, or raw less decoded where there is no reference.
std::optional<report::Pane> residual_pane(const ReportInput& input) {
  MovieSource* from = input.reference != nullptr ? input.decoded : input.raw;
  MovieSource* taken = input.reference != nullptr ? input.reference : input.decoded;
  if (from == nullptr) return std::nullopt;
  return report::Pane{
      .name = input.reference != nullptr ? "decoded \u2212 reference" : "raw \u2212 decoded",
      .image = [=](Index t) { return difference(frame_of(*from, t), frame_of(*taken, t)); },
      .diverging = true};
}

}  // namespace

void add_movies(report::Page& page,
                const ReportInput& input,
                const ReportOptions& options,
                Progress& progress) {
  const FrameFormat format = input.decoded->format();
  report::Player player{.frames = *input.decoded->frames(),
                        .height = format.height,
                        .width = format.width,
                        .pixel_size = pixel_size_of(input),
                        .frame_time = frame_time_of(input),
                        .dose = dose_of(input),
                        .budget = static_cast<Index>(options.budget.value),
                        .fit = options.fit};
  if (input.raw != nullptr)
    player.panes.push_back(movie_pane({"raw", input.raw, report::Colour::grey}));
  if (input.snapshot && !input.groups.empty()) player.panes.push_back(measurement_pane(input));
  player.panes.push_back(movie_pane({"decoded", input.decoded, report::Colour::blue}));
  if (auto residual = residual_pane(input)) player.panes.push_back(std::move(*residual));
  for (report::Pane& pane : player.panes) pane.bits = options.bits;
  page.section("Movies");
  if (input.reference != nullptr) {
    page.paragraph("The residual is decoded minus reference: what decoding got wrong.");
  } else if (input.raw != nullptr) {
    page.paragraph(
        "No clean reference was given, so the residual is raw minus decoded: it holds the noise "
        "that decoding took away. Structure that shows in it was lost from the decoded movie.");
  }
  page.player(player, progress);
}

namespace {

std::vector<double> frame_numbers(Index count) {
  std::vector<double> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0.0);
  return numbers;
}

/// Mean intensity of every frame of every movie.
report::Plot intensity_plot(const ReportInput& input, Progress& progress) {
  const Index frames = *input.decoded->frames();
  const std::vector<Shown> movies = movies_of(input);
  report::Plot plot{"Mean intensity", "frame", "mean pixel value", frame_numbers(frames), {}};
  plot.over_frames = true;
  progress.begin("report", frames * static_cast<Index>(movies.size()), "frames");
  for (const Shown& shown : movies) {
    std::vector<double> means;
    for (Index t = 0; t < frames; ++t) {
      progress.check();
      const Array<float, 2> frame = frame_of(*shown.movie, t);
      means.push_back(std::accumulate(frame.flat().begin(), frame.flat().end(), 0.0) /
                      static_cast<double>(frame.size()));
      progress.advance(1);
    }
    plot.series.push_back({shown.name, std::move(means), shown.colour});
  }
  progress.end();
  return plot;
}

/// One figure of every movie of the evaluation.
report::Plot quality_plot(const ReportInput& input,
                          const std::string& figure_name,
                          const std::string& y_label,
                          std::vector<double> Quality::*figure) {
  const Evaluation& evaluation = *input.evaluation;
  report::Plot plot;
  plot.title = figure_name + " against " + judge_name(input);
  plot.x_label = "frame";
  plot.y_label = y_label;
  plot.x = frame_numbers(evaluation.frames);
  plot.over_frames = true;
  plot.series.push_back({"decoded", evaluation.decoded.*figure, report::Colour::blue});
  if (evaluation.raw && input.reference != nullptr) {
    plot.series.push_back({"raw", (*evaluation.raw).*figure, report::Colour::grey});
  }
  if (evaluation.binned) {
    plot.series.push_back({"binned", (*evaluation.binned).*figure, report::Colour::orange, true});
  }
  return plot;
}

/// Frames per snapshot of every group, where they differ; 1 where it is lossless.
std::optional<report::Plot> ratio_plot(const ReportInput& input) {
  const auto ratio = [](const Group& group) {
    return group.mode == GroupMode::lossless ? Index{1} : group.ratio;
  };
  const bool differ =
      std::adjacent_find(
          input.groups.begin(), input.groups.end(), [&](const Group& a, const Group& b) {
            return a.ratio != b.ratio;
          }) != input.groups.end();
  if (!differ) return std::nullopt;
  const Index frames = *input.decoded->frames();
  report::Plot plot{"Frames per snapshot", "frame", "frames", frame_numbers(frames), {}};
  plot.over_frames = true;
  std::vector<double> ratios;
  for (const Group& group : input.groups) {
    ratios.insert(
        ratios.end(), static_cast<std::size_t>(group.frames), static_cast<double>(ratio(group)));
  }
  plot.series.push_back({"measurement", std::move(ratios), report::Colour::blue});
  return plot;
}

}  // namespace

void add_curves(report::Page& page, const ReportInput& input, Progress& progress) {
  std::vector<report::Plot> plots;
  if (input.evaluation) {
    plots.push_back(quality_plot(input, "PSNR", "PSNR (dB)", &Quality::psnr));
    plots.push_back(quality_plot(input, "SSIM", "SSIM", &Quality::ssim));
  }
  plots.push_back(intensity_plot(input, progress));
  if (auto ratios = ratio_plot(input)) plots.push_back(std::move(*ratios));
  page.section("Frame by frame");
  page.plots(plots);
}

}  // namespace kinema::codec
