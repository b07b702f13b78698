// Truths of an evaluation: of perfect, noisy and binned movies.
#include "kinema/codec/evaluate.h"

#include "kinema/base/rng.h"
#include "kinema/metrics/psnr.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace kinema::codec {
namespace {

using Frames = Array<float, 3>;  // (T, Y, X)

/// A lattice of 9.6 pixels that moves half a pixel a frame.
Movie moving_lattice(Index frames, Index height = 96, Index width = 96) {
  Movie movie{Frames({frames, height, width}), {}};
  for (Index t = 0; t < frames; ++t) {
    for (Index y = 0; y < height; ++y) {
      for (Index x = 0; x < width; ++x) {
        const double turns = (0.8 * static_cast<double>(x) + 0.6 * static_cast<double>(y) +
                              0.5 * static_cast<double>(t)) /
                             9.6;
        movie.frames(t, y, x) =
            static_cast<float>(100.0 + 30.0 * std::cos(2.0 * std::numbers::pi * turns));
      }
    }
  }
  return movie;
}

Movie with_noise(const Movie& movie, double deviation, std::uint64_t seed) {
  Movie noisy = movie;
  Rng rng{seed};
  for (float& value : noisy.frames.flat()) value += static_cast<float>(deviation * rng.normal());
  return noisy;
}

/// Pixels as 8-bit ones.
struct Bytes {
  explicit Bytes(const Movie& movie) : pixels(movie.frames.shape()) {
    for (Index i = 0; i < pixels.size(); ++i) {
      pixels.data()[i] = static_cast<std::uint8_t>(std::lround(movie.frames.data()[i]));
    }
  }
  ArraySource source() const {
    const auto [frames, height, width] = pixels.shape();
    return {
        reinterpret_cast<const std::byte*>(pixels.data()), {PixelType::u8, height, width}, frames};
  }
  Array<std::uint8_t, 3> pixels;
};

Evaluation evaluate_movies(const Movie& decoded,
                           const Movie& reference,
                           const Movie* raw = nullptr,
                           EvaluateOptions options = {}) {
  ArraySource decoded_source = source_of(decoded), reference_source = source_of(reference);
  Progress silent;
  if (raw == nullptr) return evaluate(decoded_source, reference_source, nullptr, options, silent);
  ArraySource raw_source = source_of(*raw);
  return evaluate(decoded_source, reference_source, &raw_source, options, silent);
}

TEST(Evaluate, APerfectMovieIsPerfect) {
  const Movie movie = with_noise(moving_lattice(3), 1.0, 1);
  const Evaluation result = evaluate_movies(movie, movie);
  EXPECT_EQ(result.decoded.psnr.size(), 3U);
  EXPECT_TRUE(std::isinf(result.decoded.mean_psnr));
  EXPECT_NEAR(result.decoded.mean_ssim, 1.0, 1e-6);
  EXPECT_GE(result.decoded.bragg.spots, 3);
  EXPECT_EQ(result.decoded.bragg.kept, result.decoded.bragg.spots);
  EXPECT_DOUBLE_EQ(result.decoded.bragg.mean_db, result.decoded.bragg.reference_db);
  EXPECT_FALSE(result.raw || result.binned);
}

TEST(Evaluate, NoiseCostsWhatItsVarianceSays) {
  const Movie reference = moving_lattice(6);
  const Evaluation result =
      evaluate_movies(with_noise(reference, 5.0, 1), reference, nullptr, {.peak = 200.0});
  EXPECT_NEAR(result.decoded.mean_psnr, 10.0 * std::log10(200.0 * 200.0 / 25.0), 0.1);
  EXPECT_NEAR(*result.decoded.temporal_psnr, 10.0 * std::log10(200.0 * 200.0 / 50.0), 0.1);
  EXPECT_EQ(result.decoded.peak_rule, "as given");
}

TEST(Evaluate, EightBitInputHasAPeakOf255) {
  const Movie reference = moving_lattice(2);
  const Bytes raw(reference);
  ArraySource decoded = source_of(reference), truth = source_of(reference), bytes = raw.source();
  Progress silent;
  EXPECT_EQ(evaluate(decoded, truth, &bytes, {}, silent).decoded.peak, 255.0);
  EXPECT_EQ(evaluate(decoded, bytes, nullptr, {}, silent).decoded.peak, 255.0);
  EXPECT_NEAR(evaluate(decoded, truth, nullptr, {}, silent).decoded.peak, 130.0, 0.01);
}

TEST(Evaluate, BinningAStillMovieGainsTenTimesTheLogOfTheRatio) {
  Movie still = moving_lattice(1);
  Movie reference{Frames({8, 96, 96}), {}};
  for (Index i = 0; i < reference.frames.size(); ++i) {
    reference.frames.data()[i] = still.frames.data()[i % still.frames.size()];
  }
  const Movie raw = with_noise(reference, 6.0, 2);
  const Evaluation result = evaluate_movies(raw, reference, &raw, {.ratio = 4});
  ASSERT_TRUE(result.raw && result.binned);
  EXPECT_DOUBLE_EQ(result.raw->mean_psnr, result.decoded.mean_psnr);
  EXPECT_NEAR(result.binned->mean_psnr - result.raw->mean_psnr, 10.0 * std::log10(4.0), 0.15);
}

TEST(Evaluate, AShortLastGroupIsBinnedOverItsOwnFrames) {
  const Movie reference{Frames({5, 64, 64}, 50.0F), {}};
  const Movie raw = with_noise(reference, 6.0, 3);
  const Evaluation result = evaluate_movies(reference, reference, &raw, {.ratio = 4});
  // Frame 4 is alone in its group: its binned figure is its own.
  EXPECT_DOUBLE_EQ(result.binned->psnr[4], result.raw->psnr[4]);
  EXPECT_GT(result.binned->psnr[3], result.raw->psnr[3] + 4.0);
}

TEST(Evaluate, ALatticeThatTheDecoderLostIsMissed) {
  const Movie reference = with_noise(moving_lattice(4), 2.0, 4);
  const Movie lost = with_noise({Frames({4, 96, 96}, 100.0F), {}}, 2.0, 5);
  const BraggQuality bragg = evaluate_movies(lost, reference).decoded.bragg;
  EXPECT_GE(bragg.spots, 4);
  EXPECT_LE(bragg.kept, 1);
  EXPECT_GT(bragg.reference_db, bragg.mean_db + 10.0);
}

TEST(Evaluate, MoviesOfDifferentShapesAreRefusedByName) {
  try {
    evaluate_movies(moving_lattice(3), moving_lattice(3, 96, 80));
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("3 frames of 96 x 96"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("3 frames of 96 x 80"), std::string::npos);
  }
  EXPECT_THROW(evaluate_movies(moving_lattice(3), moving_lattice(4)), InputError);
}

TEST(Evaluate, TextAndJsonTellTheBaselines) {
  const Movie reference = moving_lattice(4);
  const Movie raw = with_noise(reference, 5.0, 6);
  const Evaluation result = evaluate_movies(reference, reference, &raw, {.ratio = 2});
  const Json json = to_json(result);
  EXPECT_EQ(json["raw"]["psnr"].size(), 4U);
  EXPECT_EQ(Json::parse(json.dump())["decoded"]["mean_psnr"], Json());  // infinite
  EXPECT_NE(to_text(result).find("binned by 2"), std::string::npos);
}

}  // namespace
}  // namespace kinema::codec
