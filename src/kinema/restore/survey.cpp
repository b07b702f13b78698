// What a movie must be asked before it is restored: its own flat, bad pixels, noise and drift.
#include "kinema/restore/survey.h"

#include "kinema/restore/drift.h"
#include "kinema/restore/noise.h"

#include <algorithm>
#include <cmath>

namespace kinema::restore {
namespace {

constexpr Index judged_frames = 200;                // for bad pixels
constexpr Index noise_groups = 8, noise_group = 8;  // of frames that follow each other

Calibration calibration_of(MovieSource& movie,
                           const References& references,
                           const RestoreOptions& options,
                           Progress& progress) {
  const FrameFormat format = movie.format();
  Array<float, 2> flat = references.flat;
  if (options.self_flat && !flat.empty()) {
    throw InputError("restore: a flat is given; --self-flat would make another");
  }
  if (options.gain_reference && flat.empty()) {
    throw InputError("restore: --gain-reference says what --flat is; name it too");
  }
  if (options.self_flat) {
    flat = mean_frame(movie, "flat", progress);
    calibrate(flat.view(), make_calibration(references.dark, {}, format.height, format.width));
  }
  if (options.gain_reference) invert_gain(flat.view());
  return make_calibration(references.dark, std::move(flat), format.height, format.width);
}

Defects defects_of(MovieSource& movie,
                   const Calibration& calibration,
                   double threshold,
                   Progress& progress) {
  SourceFrames source(movie, calibration);
  const Index frames = movie.frames().value(), count = std::min(frames, judged_frames);
  PixelStatistics statistics(movie.format().height, movie.format().width);
  progress.begin("bad pixels", count, "frames");
  for (Index i = 0; i < count; ++i) {
    progress.check();
    statistics.add(source.frame(i * frames / count).view());
    progress.advance(1);
  }
  progress.end();
  return find_defects(statistics, threshold);
}

/// Pixels that the flat never lit are dead.
void add_unlit(const Calibration& calibration, Defects& defects) {
  for (Index i = 0; i < defects.bad.size(); ++i) {
    if (calibration.factor.data()[i] != 0.0F || defects.bad.data()[i] != 0) continue;
    defects.bad.data()[i] = 1;
    ++defects.dead;
  }
}

const Defects* filled(const Survey& survey) {
  return survey.defects ? &*survey.defects : nullptr;
}

CountingNoise measured_noise(MovieSource& movie, const Survey& survey, Progress& progress) {
  SourceFrames source(movie, survey.calibration, filled(survey));
  const FrameFormat format = movie.format();
  const Index frames = movie.frames().value(), length = std::min(frames, noise_group);
  const Index groups = std::min(noise_groups, frames / length);
  NoiseMeter meter(format.height, format.width);
  Array<float, 3> group({length, format.height, format.width});
  progress.begin("noise", groups * length, "frames");
  for (Index g = 0; g < groups; ++g) {
    const Index first = groups > 1 ? g * (frames - length) / (groups - 1) : 0;
    for (Index t = 0; t < length; ++t) {
      progress.check();
      const Array<float, 2> frame = source.frame(first + t);
      std::copy_n(frame.data(), frame.size(), group[t].data());
      progress.advance(1);
    }
    meter.add(PixelType::f32, std::as_bytes(group.flat()).data(), length);
  }
  progress.end();
  const std::optional<CountingNoise> noise = meter.counting_noise();
  if (!noise) {
    throw InputError(
        "restore: noise is not measured on frames of fewer than 16 pixels a side; give --gain and "
        "--read-noise");
  }
  return *noise;
}

/// As the user says, or as measured.
void learn_noise(MovieSource& movie,
                 const RestoreOptions& options,
                 Survey& survey,
                 Progress& progress) {
  if (options.gain.has_value() != options.read_noise.has_value()) {
    throw InputError("restore: give both --gain and --read-noise, or neither");
  }
  if (!options.gain) {
    survey.noise = measured_noise(movie, survey, progress);
    survey.noise_source = "measured";
    return;
  }
  if (!(*options.gain >= 0.0) || !(*options.read_noise >= 0.0)) {
    throw InputError("restore: neither --gain nor --read-noise is less than 0");
  }
  survey.noise = {*options.gain, options.offset, *options.read_noise};
  survey.noise_source = "user";
}

void follow_drift(MovieSource& movie,
                  const RestoreOptions& options,
                  Survey& survey,
                  Progress& progress) {
  SourceFrames source(movie, survey.calibration, filled(survey));
  DriftTracker tracker({options.drift_cutoff, options.drift_most});
  progress.begin("drift", movie.frames().value(), "frames");
  while (const std::optional<Array<float, 2>> frame = source.next()) {
    progress.check();
    survey.places.push_back(tracker.add(frame->view()));
    progress.advance(1);
  }
  progress.end();
  survey.untold = tracker.untold();
  if (survey.untold == 0) return;
  progress.note("restore: the noise hides the drift in " + std::to_string(survey.untold) + " of " +
                std::to_string(survey.places.size()) +
                " frames; they are taken to lie where the frame before lies");
}

}  // namespace

SourceFrames::SourceFrames(MovieSource& movie,
                           const Calibration& calibration,
                           const Defects* defects)
    : movie_(movie),
      calibration_(calibration),
      defects_(defects),
      pixels_(static_cast<std::size_t>(movie.format().bytes())) {}

std::optional<Array<float, 2>> SourceFrames::next() {
  if (next_ == movie_.frames().value()) return std::nullopt;
  return frame(next_++);
}

Array<float, 2> SourceFrames::frame(Index t) {
  const FrameFormat format = movie_.format();
  auto frame = Array<float, 2>::uninitialised({format.height, format.width});
  movie_.read(t, 1, pixels_);
  floats_from(format.type, pixels_.data(), frame.size(), frame.data());
  for (Index i = 0; i < frame.size(); ++i) {
    if (std::isfinite(frame.data()[i])) continue;
    throw InputError("restore: frame " + std::to_string(t) + " holds no number at row " +
                     std::to_string(i / format.width) + ", column " +
                     std::to_string(i % format.width) + "; replace what is not finite first");
  }
  calibrate(frame.view(), calibration_);
  if (defects_ != nullptr) inpaint(frame.view(), *defects_);
  return frame;
}

Json to_json(const Survey& survey) {
  Json json = {{"dark", !survey.calibration.dark.empty()},
               {"flat", !survey.calibration.factor.empty()},
               {"unlit_pixels", survey.calibration.unlit}};
  json["bad_pixels"] = survey.defects ? Json{{"dead", survey.defects->dead},
                                             {"hot", survey.defects->hot},
                                             {"noisy", survey.defects->noisy}}
                                      : Json();
  json["noise"] = survey.noise ? Json{{"gain", survey.noise->gain},
                                      {"offset", survey.noise->offset},
                                      {"read_noise", survey.noise->read_noise},
                                      {"source", survey.noise_source}}
                               : Json();
  json["drift_untold"] = survey.untold;
  json["drift"] = Json::array();  // y, x of every frame, in pixels
  for (const Shift& place : survey.places) json["drift"].push_back({place.y, place.x});
  return json;
}

Survey survey_movie(MovieSource& movie,
                    const References& references,
                    const RestoreOptions& options,
                    Progress& progress) {
  const FrameFormat format = movie.format();
  const Index frames = movie.frames().value();
  restored_frames(frames, options);
  Survey survey;
  survey.calibration = calibration_of(movie, references, options, progress);
  if (options.defects && frames > 1) {
    survey.defects = defects_of(movie, survey.calibration, options.defect_threshold, progress);
  } else if (options.defects) {
    progress.note("restore: one frame does not tell which pixels are bad; none is sought");
  }
  if (survey.calibration.unlit > 0) {
    if (!survey.defects) {
      survey.defects = Defects{Array<std::uint8_t, 2>({format.height, format.width})};
    }
    add_unlit(survey.calibration, *survey.defects);
  }
  if (options.denoise != Denoiser::none) learn_noise(movie, options, survey, progress);
  if (options.drift) follow_drift(movie, options, survey, progress);
  return survey;
}

}  // namespace kinema::restore
