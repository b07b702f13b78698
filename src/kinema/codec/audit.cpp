// Errors against recorded frames, and what is left of them without the frames' own noise.
#include "kinema/codec/audit.h"

#include "kinema/codec/mask_bank.h"
#include "kinema/metrics/psnr.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace kinema::codec {
namespace {

using Image = Array<float, 2>;  // (Y, X)

constexpr double doubt_in_noise = 0.05;

/// Sums over the closed pixels of all audited frames.
struct ClosedSums {
  double pixels = 0.0, error = 0.0, squared_error = 0.0, noise = 0.0;
};

/// The running figures of one movie.
class AuditMeter {
 public:
  AuditMeter(double peak, const NoiseModel& noise) : peak_(peak), noise_(noise) {}

  /// `closed(y, x)` says where the frame's mask let nothing through.
  template <class Closed>
  void add(ArrayView<const float, 2> image, const AuditedFrame& truth, Closed&& closed) {
    quality_.psnr.push_back(metrics::psnr(image, truth.pixels.view(), peak_));
    const auto [height, width] = truth.pixels.shape();
    for (Index y = 0; y < height; ++y) {
      for (Index x = 0; x < width; ++x) {
        if (!closed(y, x)) continue;
        const double recorded = truth.pixels(y, x);
        const double difference = image(y, x) - recorded;
        // The recorded value stands for its mean: what it adds has mean zero.
        const double noise = noise_.gain * recorded + noise_.read_variance;
        const double error = difference * difference - noise;
        sums_.pixels += 1.0;
        sums_.error += error;
        sums_.squared_error += error * error;
        sums_.noise += noise;
      }
    }
  }

  AuditQuality quality() const {
    AuditQuality quality = quality_;
    double sum = 0.0, count = 0.0;
    for (const double psnr : quality.psnr) {
      if (!std::isfinite(psnr)) continue;
      sum += psnr;
      count += 1.0;
    }
    quality.mean_psnr = count > 0.0 ? sum / count : std::numeric_limits<double>::infinity();
    if (sums_.pixels < 2.0 || (noise_.gain <= 0.0 && noise_.read_variance <= 0.0)) return quality;
    const double mean = sums_.error / sums_.pixels;
    const double spread = sums_.squared_error / sums_.pixels - mean * mean;
    const double doubt = 2.0 * std::sqrt(std::max(0.0, spread) / sums_.pixels) +
                         doubt_in_noise * sums_.noise / sums_.pixels;
    const auto psnr = [&](double error) -> std::optional<double> {
      if (error <= 0.0) return std::nullopt;
      return metrics::psnr_from(error, peak_);
    };
    quality.scene_psnr = psnr(mean);
    quality.low = psnr(mean + doubt);
    quality.high = psnr(mean - doubt);
    return quality;
  }

  double closed_pixels() const { return sums_.pixels; }

 private:
  double peak_;
  NoiseModel noise_;
  AuditQuality quality_;
  ClosedSums sums_;
};

void require_same_movie(const MovieSource& decoded, const CodedMovie& coded) {
  if (coded.audited.empty()) {
    throw InputError(
        "evaluate: the container holds no audited frames to judge by; encode with --audit N, or "
        "name a movie as --reference");
  }
  const Group& last = coded.groups.back();
  const FrameFormat format = decoded.format();
  if (decoded.frames() == last.first + last.frames && format.height == coded.masks.height() &&
      format.width == coded.masks.width()) {
    return;
  }
  throw InputError("evaluate: the decoded movie (" + std::to_string(decoded.frames().value_or(0)) +
                   " frames of " + std::to_string(format.height) + " x " +
                   std::to_string(format.width) + ") is not the whole of what was encoded (" +
                   std::to_string(last.first + last.frames) + " frames of " +
                   std::to_string(coded.masks.height()) + " x " +
                   std::to_string(coded.masks.width()) + "); decode all frames");
}

metrics::Peak choose_peak(const CodedMovie& coded, std::optional<double> given) {
  if (given && *given > 0.0) return {*given, "as given"};
  if (given) {
    throw InputError("evaluate: peak must be larger than 0, not " + shortest_text(*given));
  }
  float maximum = 0.0F;
  for (std::size_t i = 0; i < coded.audited.size() && bytes_of(coded.recorded) > 1; ++i) {
    const AuditedFrame frame = coded.audited_frame(static_cast<Index>(i));
    maximum = std::max(
        maximum, *std::max_element(frame.pixels.data(), frame.pixels.data() + frame.pixels.size()));
  }
  return metrics::peak_of(coded.recorded, maximum);
}

/// Frame t as the plain mean of its group.
Image mean_frame(const CodedMovie& coded, Index t) {
  const Index g = groups_of(coded.groups, {t, t + 1}).first;
  const Index at = t - coded.groups[static_cast<std::size_t>(g)].first;
  Image image;
  DecodeOptions options;
  options.decoder = Decoder::mean;
  Progress quiet;
  decode(
      coded,
      options,
      g,
      g + 1,
      [&](Index, const GroupReport&, ArrayView<const float, 3> frames) {
        image = Image::uninitialised({coded.masks.height(), coded.masks.width()});
        std::copy_n(frames[at].data(), image.size(), image.data());
      },
      quiet);
  return image;
}

std::string decibels(const std::optional<double>& value) {
  return value ? fmt::format("{:.2f}", *value) : "-";
}

std::string line(const char* name, const AuditQuality& quality) {
  std::string scene = decibels(quality.scene_psnr);
  if (quality.scene_psnr) {
    scene += quality.high
                 ? fmt::format(" ({} to {})", decibels(quality.low), decibels(quality.high))
                 : fmt::format(" ({} or more)", decibels(quality.low));
  } else if (quality.low) {
    scene = fmt::format("{} or more", decibels(quality.low));
  }
  return fmt::format("{:<14}{:>16.2f}{:>26}\n", name, quality.mean_psnr, scene);
}

Json to_json(const AuditQuality& quality) {
  const auto number = [](const std::optional<double>& value) {
    return value ? Json(*value) : Json();
  };
  return {{"mean_psnr", quality.mean_psnr},
          {"scene_psnr", number(quality.scene_psnr)},
          {"scene_psnr_low", number(quality.low)},
          {"scene_psnr_high", number(quality.high)},
          {"psnr", quality.psnr}};
}

}  // namespace

Audit audit(MovieSource& decoded,
            const CodedMovie& coded,
            Progress& progress,
            std::optional<double> given_peak) {
  require_same_movie(decoded, coded);
  const metrics::Peak peak = choose_peak(coded, given_peak);
  const NoiseModel noise = coded.noise.value_or(NoiseModel{});
  AuditMeter decoded_meter(peak.value, noise), mean_meter(peak.value, noise);
  MaskBank bank(coded.masks);
  double noise_psnr = 0.0, pixels = 0.0;
  progress.begin("evaluate", static_cast<Index>(coded.audited.size()), "frames");
  for (std::size_t i = 0; i < coded.audited.size(); ++i) {
    progress.check();
    const AuditedFrame truth = coded.audited_frame(static_cast<Index>(i));
    const Index g = groups_of(coded.groups, {truth.frame, truth.frame + 1}).first;
    const Group& group = coded.groups[static_cast<std::size_t>(g)];
    const MaskSet& masks = bank.of(group);
    const auto closed = [&](Index y, Index x) {
      return group.mode == GroupMode::coded && masks.kind != MaskKind::staggered &&
             !masks.masks(truth.frame - group.first, y, x);
    };
    decoded_meter.add(to_movie(decoded, truth.frame, 1).frames[0], truth, closed);
    mean_meter.add(mean_frame(coded, truth.frame).view(), truth, closed);
    double mean = 0.0;
    for (const float value : truth.pixels.flat()) mean += static_cast<double>(value);
    const auto size = static_cast<double>(truth.pixels.size());
    noise_psnr += metrics::psnr_from(noise.variance(mean / size), peak.value);
    pixels += size;
    progress.advance(1);
  }
  progress.end();
  return {.frames = coded.audited,
          .decoded = decoded_meter.quality(),
          .mean = mean_meter.quality(),
          .scene_ceiling = noise_psnr / static_cast<double>(coded.audited.size()),
          .closed_share = decoded_meter.closed_pixels() / pixels,
          .peak = peak.value,
          .peak_rule = peak.rule};
}

Json to_json(const Audit& audit) {
  return {{"frames", audit.frames},
          {"decoded", to_json(audit.decoded)},
          {"mean", to_json(audit.mean)},
          {"scene_ceiling", audit.scene_ceiling},
          {"closed_share", audit.closed_share},
          {"peak", audit.peak},
          {"peak_rule", audit.peak_rule}};
}

std::string to_text(const Audit& audit) {
  std::string text =
      fmt::format("{:<14}{:>16}{:>26}\n", "PSNR dB", "as recorded", "the scene, estimated");
  text += line("decoded", audit.decoded) + line("group mean", audit.mean);
  text += fmt::format(
      "{} audited frames; peak {} ({}); a perfect scene would have {:.2f} dB against the noisy "
      "recording\n",
      audit.frames.size(),
      shortest_text(audit.peak),
      audit.peak_rule,
      audit.scene_ceiling);
  return text;
}

}  // namespace kinema::codec
