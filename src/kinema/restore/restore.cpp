// The steps as streams, one pulling from the one before.
#include "kinema/restore/restore.h"

#include "kinema/restore/bm3d.h"
#include "kinema/restore/ksvd.h"

#include <algorithm>
#include <cmath>

namespace kinema::restore {
namespace {

/// The specimen put where it was in the first frame.
class StillStream : public FrameStream {
 public:
  StillStream(FrameStream& frames, const std::vector<Shift>& places)
      : frames_(frames), places_(places) {}

  std::optional<Array<float, 2>> next() override {
    const std::optional<Array<float, 2>> frame = frames_.next();
    if (!frame) return std::nullopt;
    const Shift& place = places_[next_++];
    return moved_by(frame->view(), {-place.y, -place.x});
  }

 private:
  FrameStream& frames_;
  const std::vector<Shift>& places_;
  std::size_t next_ = 0;
};

/// Frames whose noise has standard deviation one.
class StableStream : public FrameStream {
 public:
  StableStream(FrameStream& frames, const CountingNoise& noise) : frames_(frames), noise_(noise) {}

  std::optional<Array<float, 2>> next() override {
    std::optional<Array<float, 2>> frame = frames_.next();
    if (frame) stabilise(frame->flat(), noise_);
    return frame;
  }

 private:
  FrameStream& frames_;
  CountingNoise noise_;
};

/// The mean of all frames slides nowhere.
Window window_of(const RestoreOptions& options) {
  return options.average == 0 ? Window::block : options.window;
}

constexpr std::size_t frames_for_colour = 4;

/// The first frames ahead of time, and then all.
class PeekStream : public FrameStream {
 public:
  PeekStream(FrameStream& frames, std::size_t count) : frames_(frames) {
    while (first_.size() < count) {
      std::optional<Array<float, 2>> frame = frames_.next();
      if (!frame) break;
      first_.push_back(std::move(*frame));
    }
  }
  const std::vector<Array<float, 2>>& first() const { return first_; }

  std::optional<Array<float, 2>> next() override {
    if (next_ < first_.size()) return std::move(first_[next_++]);
    return frames_.next();
  }

 private:
  FrameStream& frames_;
  std::vector<Array<float, 2>> first_;
  std::size_t next_ = 0;
};

/// The noise of stabilised frames: as strong as the frames show it or, where the user said how
/// strong, of their colour alone; `strength` times.
NoiseColour noise_of(const PeekStream& frames, bool level_is_known, double strength) {
  NoiseColour noise = colour_of(frames.first()).value_or(white_noise());
  double power = 0.0;
  for (const float deviation : noise.deviations) power += deviation * deviation / 64.0;
  const double factor = level_is_known ? strength / std::sqrt(power) : strength;
  for (float& deviation : noise.deviations) deviation *= static_cast<float>(factor);
  return noise;
}

Bm3dOptions bm3d_options(const RestoreOptions& options) {
  Bm3dOptions bm3d;
  bm3d.neighbours = neighbours_of(options);
  return bm3d;
}

}  // namespace

void require_memory(const FrameFormat& format, const RestoreOptions& options, Index memory) {
  Index held = 4;  // recorded, as floats, moved, summed
  if (window_of(options) == Window::sliding) held += options.average;
  if (options.denoise == Denoiser::bm3d) {
    held += bm3d_frames_held(bm3d_options(options)) + static_cast<Index>(frames_for_colour);
  }
  if (options.denoise == Denoiser::ksvd) held += learned_frames + 2;  // and two sums
  const Index bytes = checked_product(checked_product(format.pixels(), sizeof(float)), held);
  if (bytes <= memory) return;
  throw InputError(
      "restore: frames of " + std::to_string(format.height) + " x " + std::to_string(format.width) +
      " pixels need " + to_text(Memory{static_cast<double>(bytes)}) +
      " with these options and there are " + to_text(Memory{static_cast<double>(memory)}) +
      "; raise --memory, or lower --neighbours or --average");
}

MovieInfo restored_info(const MovieInfo& info, Index frames, const RestoreOptions& options) {
  MovieInfo restored = info;
  const Index n = frames_averaged(frames, options);
  if (n == 1) return restored;
  const auto factor = static_cast<double>(n);
  const bool blocks = window_of(options) == Window::block;
  if (restored.dose) restored.dose->value *= factor;
  if (blocks && restored.frame_time) restored.frame_time->value *= factor;
  if (restored.axes.size() == 3 && restored.axes[0].size == frames) {
    Axis& time = restored.axes[0];
    time.size = restored_frames(frames, options);
    time.origin += 0.5 * time.step * static_cast<double>(n - 1);  // the middle of the average
    if (blocks) time.step *= factor;
  }
  const Index rest = blocks ? frames % n : 0;
  if (rest > 0) {
    restored.notes.push_back("the last " + std::to_string(rest) + " frames fill no average of " +
                             std::to_string(n) + " and are left out");
  }
  return restored;
}

void restore(MovieSource& movie,
             const Survey& survey,
             const RestoreOptions& options,
             const TakeFrame& take,
             Progress& progress,
             Index memory) {
  const Index recorded = movie.frames().value();
  const Index frames = restored_frames(recorded, options);
  require_memory(movie.format(), options, memory);
  progress.begin("restore", frames, "frames");

  SourceFrames source(movie, survey.calibration, survey.defects ? &*survey.defects : nullptr);
  FrameStream* last = &source;
  std::optional<StillStream> still;
  if (!survey.places.empty()) last = &still.emplace(*last, survey.places);
  const Index n = frames_averaged(recorded, options);
  const auto averages = average_stream(*last, n, window_of(options));
  if (n > 1) last = averages.get();
  std::optional<StableStream> stable;
  std::unique_ptr<FrameStream> denoised;
  const CountingNoise noise =
      survey.noise.value_or(CountingNoise{}).averaged(static_cast<double>(n));
  std::optional<PeekStream> peek;
  if (options.denoise != Denoiser::none) last = &stable.emplace(*last, noise);
  if (options.denoise == Denoiser::bm3d) {
    last = &peek.emplace(*last, window_of(options) == Window::block ? frames_for_colour : 0);
    denoised = bm3d_stream(*last,
                           noise_of(*peek, options.gain.has_value(), options.strength),
                           bm3d_options(options),
                           progress);
  } else if (options.denoise == Denoiser::ksvd) {
    denoised = ksvd_stream(*last, options.strength, {}, progress);
  }
  if (denoised) last = denoised.get();

  for (Index t = 0; t < frames; ++t) {
    progress.check();
    std::optional<Array<float, 2>> frame = last->next();
    if (denoised) destabilise(frame.value().flat(), noise);
    take(t, frame.value().view());
    progress.advance(1);
  }
  progress.end();
}

}  // namespace kinema::restore
