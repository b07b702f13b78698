// One pass over the frames; every movie keeps its own running figures.
#include "kinema/codec/evaluate.h"

#include "kinema/metrics/bragg.h"
#include "kinema/metrics/psnr.h"
#include "kinema/metrics/ssim.h"
#include "kinema/metrics/temporal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace kinema::codec {
namespace {

using Image = Array<float, 2>;  // (Y, X)

constexpr Index smallest_bragg_frame = 64;

/// Mean of the finite values: a frame in which nothing differs would make every mean infinite.
double mean_of(const std::vector<double>& values) {
  double sum = 0.0, count = 0.0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    sum += value;
    count += 1.0;
  }
  return count > 0.0 ? sum / count : std::numeric_limits<double>::infinity();
}

Image read_frame(MovieSource& source, Index t) {
  const FrameFormat format = source.format();
  std::vector<std::byte> bytes(static_cast<std::size_t>(format.bytes()));
  source.read(t, 1, bytes);
  auto image = Image::uninitialised({format.height, format.width});
  floats_from(format.type, bytes.data(), format.pixels(), image.data());
  return image;
}

/// Mean of frames [first, first + count).
Image mean_frame(MovieSource& source, Index first, Index count) {
  Image mean = read_frame(source, first);
  for (Index t = first + 1; t < first + count; ++t) {
    const Image next = read_frame(source, t);
    for (Index i = 0; i < mean.size(); ++i) mean.data()[i] += next.data()[i];
  }
  const float share = 1.0F / static_cast<float>(count);
  for (float& value : mean.flat()) value *= share;
  return mean;
}

std::string shape_text(const std::string& name, const MovieSource& source) {
  const FrameFormat format = source.format();
  const auto frames = source.frames();
  return name + " (" + (frames ? std::to_string(*frames) : "a growing number of") + " frames of " +
         std::to_string(format.height) + " x " + std::to_string(format.width) + ")";
}

void require_same_shape(const std::string& name,
                        const MovieSource& movie,
                        const MovieSource& reference) {
  const FrameFormat a = movie.format(), b = reference.format();
  if (movie.frames() && movie.frames() == reference.frames() && a.height == b.height &&
      a.width == b.width) {
    return;
  }
  throw InputError("evaluate: " + shape_text("the " + name + " movie", movie) + " and " +
                   shape_text("the reference", reference) +
                   " cannot be compared; cut them alike with `kinema convert --frames --crop`");
}

metrics::Peak choose_peak(MovieSource& reference,
                          const MovieSource* raw,
                          const EvaluateOptions& options,
                          Progress& progress) {
  if (options.peak) {
    if (*options.peak > 0.0) return {*options.peak, "as given"};
    throw InputError("evaluate: peak must be larger than 0, not " + shortest_text(*options.peak));
  }
  const PixelType recorded = (raw != nullptr ? *raw : reference).format().type;
  if (bytes_of(recorded) == 1) return metrics::peak_of(recorded, 0.0);
  float maximum = -std::numeric_limits<float>::infinity();
  progress.begin("find the peak", *reference.frames(), "frames");
  for (Index t = 0; t < *reference.frames(); ++t) {
    progress.check();
    const Image frame = read_frame(reference, t);
    maximum = std::max(maximum, *std::max_element(frame.data(), frame.data() + frame.size()));
    progress.advance(1);
  }
  progress.end();
  if (maximum > 0.0F) return metrics::peak_of(recorded, maximum);
  throw InputError("evaluate: the reference's maximum is " + shortest_text(maximum) +
                   ", which cannot be a peak; say one with --peak");
}

/// The reference's frame, with its spots where they are measured.
struct Truth {
  Image frame;
  std::vector<metrics::BraggSpot> spots;
  metrics::BraggSignal signal;  // of the spots, in the reference itself
};

/// The running figures of one movie.
class Meter {
 public:
  explicit Meter(const metrics::Peak& peak) {
    quality_.peak = peak.value;
    quality_.peak_rule = peak.rule;
  }

  void add(const Image& frame, const Truth& truth) {
    const double peak = quality_.peak;
    quality_.psnr.push_back(metrics::psnr(frame.view(), truth.frame.view(), peak));
    quality_.ssim.push_back(metrics::ssim(frame.view(), truth.frame.view(), peak));
    if (const auto change = temporal_.add(frame.view(), truth.frame.view())) {
      changes_.push_back(metrics::psnr_from(*change, peak));
    }
    if (truth.spots.empty()) return;
    signal_ += metrics::measure_spots(metrics::power_spectrum(frame.view()), truth.spots);
    reference_ += truth.signal;
  }

  Quality quality() const {
    Quality quality = quality_;
    quality.mean_psnr = mean_of(quality.psnr);
    quality.mean_ssim = mean_of(quality.ssim);
    if (!changes_.empty()) quality.temporal_psnr = mean_of(changes_);
    quality.bragg = {signal_.spots, signal_.kept, signal_.mean_db(), reference_.mean_db()};
    return quality;
  }

 private:
  Quality quality_;
  metrics::TemporalError temporal_;
  std::vector<double> changes_;  // PSNR of each frame difference
  metrics::BraggSignal signal_, reference_;
};

/// `count` frames (at least 1, at most all), evenly spread over the movie.
std::vector<bool> spread(Index frames, Index count) {
  std::vector<bool> chosen(static_cast<std::size_t>(frames), false);
  count = std::min(count, frames);
  for (Index i = 0; i < count; ++i) {
    chosen[static_cast<std::size_t>((2 * i + 1) * frames / (2 * count))] = true;
  }
  return chosen;
}

Truth read_truth(MovieSource& reference, Index t, bool with_spots) {
  Truth truth{read_frame(reference, t), {}, {}};
  const auto [height, width] = truth.frame.shape();
  if (!with_spots || std::min(height, width) < smallest_bragg_frame) return truth;
  const metrics::PowerSpectrum spectrum = metrics::power_spectrum(truth.frame.view());
  truth.spots = metrics::find_bragg_spots(spectrum);
  truth.signal = metrics::measure_spots(spectrum, truth.spots);
  return truth;
}

Json bragg_json(const BraggQuality& bragg) {
  Json json{{"spots", bragg.spots}, {"kept", bragg.kept}};
  if (bragg.spots > 0) {
    json["mean_db"] = bragg.mean_db;
    json["reference_db"] = bragg.reference_db;
  }
  return json;
}

std::string line(const std::string& name, const Quality& quality) {
  const BraggQuality& bragg = quality.bragg;
  return fmt::format("{:<14}{:>9.2f}{:>9.4f}{:>13}{:>11}{:>13}\n",
                     name,
                     quality.mean_psnr,
                     quality.mean_ssim,
                     quality.temporal_psnr ? fmt::format("{:.2f}", *quality.temporal_psnr) : "-",
                     bragg.spots > 0 ? fmt::format("{:.1f}", bragg.mean_db) : "-",
                     bragg.spots > 0 ? fmt::format("{} of {}", bragg.kept, bragg.spots) : "-");
}

}  // namespace

Evaluation evaluate(MovieSource& decoded,
                    MovieSource& reference,
                    MovieSource* raw,
                    const EvaluateOptions& options,
                    Progress& progress) {
  require_same_shape("decoded", decoded, reference);
  if (raw != nullptr) require_same_shape("raw", *raw, reference);
  if (options.ratio < 0) throw InputError("evaluate: ratio must be 0 or more");
  const Index frames = *reference.frames();
  if (frames == 0) throw InputError("evaluate: the movies have no frames");
  const metrics::Peak peak = choose_peak(reference, raw, options, progress);
  const std::vector<bool> with_spots = spread(frames, std::max<Index>(options.bragg_frames, 0));
  const bool bin = raw != nullptr && options.ratio > 0;

  Meter decoded_meter(peak), raw_meter(peak), binned_meter(peak);
  Image binned;
  progress.begin("evaluate", frames, "frames");
  for (Index t = 0; t < frames; ++t) {
    progress.check();
    const Truth truth = read_truth(reference, t, with_spots[static_cast<std::size_t>(t)]);
    decoded_meter.add(read_frame(decoded, t), truth);
    if (raw != nullptr) raw_meter.add(read_frame(*raw, t), truth);
    if (bin && t % options.ratio == 0) {
      binned = mean_frame(*raw, t, std::min(options.ratio, frames - t));
    }
    if (bin) binned_meter.add(binned, truth);
    progress.advance(1);
  }
  progress.end();

  const FrameFormat format = reference.format();
  Evaluation evaluation{.decoded = decoded_meter.quality(),
                        .raw = {},
                        .binned = {},
                        .frames = frames,
                        .height = format.height,
                        .width = format.width,
                        .ratio = options.ratio,
                        .bragg_frames = std::count(with_spots.begin(), with_spots.end(), true)};
  if (raw != nullptr) evaluation.raw = raw_meter.quality();
  if (bin) evaluation.binned = binned_meter.quality();
  return evaluation;
}

Json to_json(const Quality& quality) {
  return {{"mean_psnr", quality.mean_psnr},
          {"mean_ssim", quality.mean_ssim},
          {"temporal_psnr", quality.temporal_psnr ? Json(*quality.temporal_psnr) : Json()},
          {"bragg", bragg_json(quality.bragg)},
          {"peak", quality.peak},
          {"peak_rule", quality.peak_rule},
          {"psnr", quality.psnr},
          {"ssim", quality.ssim}};
}

Json to_json(const Evaluation& evaluation) {
  Json json{{"frames", evaluation.frames},
            {"height", evaluation.height},
            {"width", evaluation.width},
            {"ratio", evaluation.ratio},
            {"bragg_frames", evaluation.bragg_frames},
            {"decoded", to_json(evaluation.decoded)}};
  if (evaluation.raw) json["raw"] = to_json(*evaluation.raw);
  if (evaluation.binned) json["binned"] = to_json(*evaluation.binned);
  return json;
}

std::string to_text(const Evaluation& evaluation) {
  std::string text = fmt::format("{:<14}{:>9}{:>9}{:>13}{:>11}{:>13}\n",
                                 "",
                                 "PSNR dB",
                                 "SSIM",
                                 "temporal dB",
                                 "Bragg dB",
                                 "spots kept");
  text += line("decoded", evaluation.decoded);
  if (evaluation.raw) text += line("raw", *evaluation.raw);
  if (evaluation.binned) {
    text += line("binned by " + std::to_string(evaluation.ratio), *evaluation.binned);
  }
  const Quality& decoded = evaluation.decoded;
  if (decoded.bragg.spots > 0) {
    text += fmt::format("{:<14}{:>42.1f}{:>13}\n", "reference", decoded.bragg.reference_db, "");
  }
  text += fmt::format(
      "{} frames of {} x {}; means over frames; peak {} ({}); Bragg spots of {} frames\n",
      evaluation.frames,
      evaluation.height,
      evaluation.width,
      shortest_text(decoded.peak),
      decoded.peak_rule,
      evaluation.bragg_frames);
  return text;
}

}  // namespace kinema::codec
