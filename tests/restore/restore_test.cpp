// Truths of the whole restoration: a damaged, drifting, noisy movie comes back.
#include "kinema/restore/restore.h"

#include "kinema/restore/noise.h"

#include <gtest/gtest.h>

#include "restore/scene.h"

namespace kinema::restore {
namespace {

constexpr Index enough = Index{1} << 30;

/// Counts of a scene's electrons, with gain, offset and read noise.
Array<float, 3> counts_of(const Array<float, 3>& electrons, const CountingNoise& noise) {
  Array<float, 3> movie = electrons;
  Rng rng(3);
  for (float& pixel : movie.flat()) {
    pixel = static_cast<float>(noise.offset + noise.gain * rng.poisson(pixel) +
                               noise.read_noise * rng.normal());
  }
  return movie;
}

struct Restored {
  Survey survey;
  Array<float, 3> frames;
};

Restored restored(const Array<float, 3>& recorded,
                  const RestoreOptions& options,
                  const References& references = {}) {
  const Movie movie{recorded, {}};
  ArraySource source = source_of(movie);
  Progress progress;
  Restored out{survey_movie(source, references, options, progress), {}};
  const auto [frames, height, width] = recorded.shape();
  out.frames = Array<float, 3>({restored_frames(frames, options), height, width});
  restore(
      source,
      out.survey,
      options,
      [&](Index t, ArrayView<const float, 2> frame) {
        std::copy_n(frame.data(), frame.size(), out.frames[t].data());
      },
      progress,
      enough);
  return out;
}

TEST(Noise, IsMeasuredWhateverTheOffset) {
  const Array<float, 3> clean = movie_of({16, 160, 160});
  for (const CountingNoise& noise :
       {CountingNoise{3.0, 0.0, 12.0}, CountingNoise{3.0, 200.0, 5.0}}) {
    const Array<float, 3> movie = counts_of(clean, noise);
    NoiseMeter meter(160, 160);
    for (Index t = 0; t < 16; t += 8) {
      meter.add(PixelType::f32, std::as_bytes(movie.view().slice(t, 8).flat()).data(), 8);
    }
    const CountingNoise found = meter.counting_noise().value();
    for (const double mean : {100.0, 400.0}) {  // the line is what matters, not how it is said
      const double recorded = noise.offset + mean;
      const double truth = noise.gain * mean + noise.read_noise * noise.read_noise;
      const double measured =
          found.gain * (recorded - found.offset) + found.read_noise * found.read_noise;
      EXPECT_NEAR(measured / truth, 1.0, 0.1) << noise.offset << " " << mean;
    }
  }
}

TEST(Restore, TakesOutWhatTheDetectorAndTheStageDid) {
  const Array<float, 3> electrons = movie_of({12, 112, 144}, 0.4, -0.6, blobs);
  Array<float, 3> recorded = counts_of(electrons, {2.0, 50.0, 3.0});
  for (Index t = 0; t < 12; ++t) recorded(t, 60, 70) = 9000.0F;
  const Array<float, 2> dark({112, 144}, 50.0F);
  RestoreOptions options;
  options.drift = true;
  const Restored out = restored(recorded, options, {dark, {}});
  EXPECT_EQ(out.survey.defects->hot, 1);
  EXPECT_EQ(out.survey.defects->count(), 1);
  EXPECT_NEAR(out.survey.places.back().y, 11 * 0.4, 0.05);
  const CountingNoise& noise = out.survey.noise.value();
  const double variance = noise.gain * (300.0 - noise.offset) + noise.read_noise * noise.read_noise;
  EXPECT_NEAR(variance / (2.0 * 300.0 + 9.0), 1.0, 0.25);
  // Every frame shows the first: away from the edges that came into sight.
  double before = 0.0, after = 0.0;
  for (Index y = 16; y < 96; ++y) {
    for (Index x = 16; x < 128; ++x) {
      if (std::abs(y - 60) < 4 && std::abs(x - 70) < 4) continue;
      const double truth = 2.0 * electrons(0, y, x);
      before += std::pow(recorded(0, y, x) - 50.0 - truth, 2);
      after += std::pow(out.frames(9, y, x) - truth, 2);
    }
  }
  EXPECT_LT(after, 0.06 * before);  // 12 dB
}

TEST(Restore, IsUnbiasedAtLowDose) {
  const Array<float, 3> recorded = counts_of(Array<float, 3>({8, 64, 64}, 1.5F), {10.0, 0.0, 0.0});
  RestoreOptions options;
  options.gain = 10.0;
  options.read_noise = 0.0;
  double sum = 0.0, expected = 0.0;
  const Array<float, 3> frames = restored(recorded, options).frames;
  for (const float pixel : frames.flat()) sum += pixel;
  for (const float pixel : recorded.flat()) expected += pixel;
  EXPECT_NEAR(sum / expected, 1.0, 0.02);
}

TEST(Restore, AveragesAreMeans) {
  Array<float, 3> recorded({7, 16, 16});
  for (Index t = 0; t < 7; ++t) {
    for (Index i = 0; i < 256; ++i) recorded[t].data()[i] = static_cast<float>(t + i % 7);
  }
  RestoreOptions options;
  options.denoise = Denoiser::none;
  options.average = 3;
  const Array<float, 3> blocks = restored(recorded, options).frames;
  ASSERT_EQ(blocks.shape()[0], 2);
  EXPECT_FLOAT_EQ(blocks(1, 0, 3), 3.0F + 4.0F);
  options.window = Window::sliding;
  const Array<float, 3> sliding = restored(recorded, options).frames;
  ASSERT_EQ(sliding.shape()[0], 5);
  EXPECT_FLOAT_EQ(sliding(4, 0, 3), 3.0F + 5.0F);
  options.average = 0;
  EXPECT_EQ(restored_frames(7, options), 1);
}

TEST(Restore, AveragesAreOfTheTimeThatTheyTook) {
  MovieInfo info;
  info.frame_time = {Time{0.5}, "header"};
  info.dose = {Dose{2.0}, "header"};
  info.axes = {{"time", 9, 0.5, 1.0, "s"}, {"y", 4, 0.0, 0.0, ""}, {"x", 4, 0.0, 0.0, ""}};
  RestoreOptions options;
  options.average = 4;
  const MovieInfo blocks = restored_info(info, 9, options);
  EXPECT_EQ(blocks.frame_time->value, 2.0);
  EXPECT_EQ(blocks.dose->value, 8.0);
  EXPECT_EQ(blocks.axes[0], (Axis{"time", 2, 2.0, 1.75, "s"}));
  EXPECT_EQ(blocks.notes.size(), 1U);  // a frame is left over
  options.window = Window::sliding;
  EXPECT_EQ(restored_info(info, 9, options).axes[0], (Axis{"time", 6, 0.5, 1.75, "s"}));
}

TEST(Restore, ItsOwnMeanAsFlatLeavesWhatRestsEven) {
  Array<float, 3> recorded({6, 16, 16});
  for (Index t = 0; t < 6; ++t) {
    for (Index i = 0; i < 256; ++i) recorded[t].data()[i] = static_cast<float>(50 + i % 5);
  }
  RestoreOptions options;
  options.denoise = Denoiser::none;
  options.self_flat = true;
  const Array<float, 3> even = restored(recorded, options).frames;
  for (const float pixel : even.flat()) EXPECT_NEAR(pixel, 52.0F, 1e-3);
}

TEST(Restore, RefusesWhatCannotBe) {
  const Array<float, 3> recorded = with_noise(movie_of({4, 32, 32}), 5.0, 8);
  const auto refused = [&](const auto& change) {
    RestoreOptions options;
    change(options);
    EXPECT_THROW(restored(recorded, options), InputError);
  };
  refused([](RestoreOptions& o) { o.average = 5; });
  refused([](RestoreOptions& o) { o.average = -1; });
  refused([](RestoreOptions& o) { o.gain = 1.0; });
  refused([](RestoreOptions& o) { o.strength = 0.0; });
  refused([](RestoreOptions& o) { o.neighbours = 99; });
  refused([](RestoreOptions& o) { o.drift_cutoff = 0.6; });
  refused([](RestoreOptions& o) {
    o.average = 2;
    o.window = Window::sliding;
    o.neighbours = 1;
  });
  RestoreOptions known;
  known.gain = 1.0;
  known.read_noise = 1.0;
  EXPECT_THROW(restored(Array<float, 3>({5, 7, 7}, 9.0F), known), InputError);  // too small
  EXPECT_THROW(restored(Array<float, 3>({5, 12, 12}, 9.0F), {}), InputError);
  Array<float, 3> broken = recorded;
  broken(2, 3, 4) = std::nanf("");
  EXPECT_THROW(restored(broken, {}), InputError);
}

}  // namespace
}  // namespace kinema::restore
