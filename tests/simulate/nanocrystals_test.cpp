// Truths of a simulated movie of nanocrystals.
#include "kinema/simulate/nanocrystals.h"

#include "kinema/base/fft.h"
#include "kinema/base/parallel.h"

#include <gtest/gtest.h>

#include "scene.h"
#include <algorithm>
#include <cmath>
#include <complex>
#include <cstring>

namespace kinema::simulate {
namespace {

NanocrystalOptions small() {
  NanocrystalOptions options;
  options.frames = 6;
  options.height = 128;
  options.width = 160;
  return options;
}

TEST(Nanocrystals, TheDoseIsWhatWasAsked) {
  for (const double dose : {0.5, 6.0, 30.0, 400.0}) {
    NanocrystalOptions options = small();
    options.dose = Dose{dose};
    const NanocrystalMovie movie(options, Rng{1});
    EXPECT_NEAR(mean_of(clean_frame(movie, 0)) / movie.gain(), dose, 1e-3 * dose);
    // Counted electrons: within four standard errors, plus rounding to whole grey values.
    const auto pixels = static_cast<double>(movie.format().pixels());
    const double electrons = mean_of(recorded_floats(movie, 0)) / movie.gain();
    const double rounding = movie.gain() < 1.0 ? 0.02 / movie.gain() : 1e-9;
    EXPECT_NEAR(electrons, dose, 4.0 * std::sqrt(dose / pixels) + rounding + 2e-3 * dose);
  }
}

TEST(Nanocrystals, CountedElectronsScatterLikeTheirMean) {
  NanocrystalOptions options = small();
  options.dtype = Recording::f32;
  options.height = options.width = 512;
  options.frames = 1;
  for (const double dose : {0.7, 9.0, 60.0, 500.0}) {
    options.dose = Dose{dose};
    const NanocrystalMovie movie(options, Rng{3});
    const auto clean = clean_frame(movie, 0), counted = recorded_floats(movie, 0);
    double excess = 0.0, squares = 0.0;  // of (N - mean)^2 / mean, whose expectation is 1
    for (std::size_t i = 0; i < clean.size(); ++i) {
      const double error = counted[i] - clean[i];
      const double ratio = error * error / clean[i];
      excess += ratio - 1.0;
      squares += (ratio - 1.0) * (ratio - 1.0);
    }
    EXPECT_LT(std::abs(excess), 4.0 * std::sqrt(squares)) << dose << " e/px";
  }
}

TEST(Nanocrystals, RecordedPixelsScatterAroundTheTruth) {
  NanocrystalOptions options = small();
  options.offset = 20.0;
  options.read_noise = 3.0;
  options.dose = Dose{10.0};
  const NanocrystalMovie movie(options, Rng{4});
  const auto clean = clean_frame(movie, 2), recorded = recorded_floats(movie, 2);
  double error = 0.0, squares = 0.0, expected = 0.0;
  for (std::size_t i = 0; i < clean.size(); ++i) {
    error += recorded[i] - clean[i];
    squares += std::pow(recorded[i] - clean[i], 2);
    expected += movie.gain() * (clean[i] - 20.0) + 9.0 + 1.0 / 12.0;  // Poisson, read, rounding
  }
  EXPECT_LT(std::abs(error), 4.0 * std::sqrt(expected));
  EXPECT_NEAR(squares / expected, 1.0, 0.05);
}

TEST(Nanocrystals, AnEightBitMovieIsNotClipped) {
  for (const double dose : {1.0, 30.0, 1000.0}) {
    NanocrystalOptions options = small();
    options.dose = Dose{dose};
    const NanocrystalMovie movie(options, Rng{5});
    const auto frame = recorded_frame(movie, 5);
    EXPECT_EQ(std::count(frame.begin(), frame.end(), std::byte{255}), 0) << dose << " e/px";
  }
}

TEST(Nanocrystals, ThreadsDoNotChangeABit) {
  const int before = threads();
  set_threads(1);
  const auto alone = recorded_frame(NanocrystalMovie(small(), Rng{7}), 3);
  set_threads(2);
  const auto together = recorded_frame(NanocrystalMovie(small(), Rng{7}), 3);
  set_threads(before);
  EXPECT_EQ(alone, together);
}

TEST(Nanocrystals, TheSeedMakesTheMovie) {
  const auto movie = [](std::uint64_t seed) { return NanocrystalMovie(small(), Rng{seed}); };
  EXPECT_EQ(clean_frame(movie(1), 0), clean_frame(movie(1), 0));
  EXPECT_NE(clean_frame(movie(1), 0), clean_frame(movie(2), 0));
  EXPECT_NE(recorded_frame(movie(1), 0), recorded_frame(movie(1), 1));
}

TEST(Nanocrystals, FramesDoNotDependOnTheOrderInWhichTheyAreRead) {
  const auto movie = std::make_shared<const NanocrystalMovie>(small(), Rng{8});
  const auto source = recorded_source(movie);
  const auto bytes = static_cast<std::size_t>(source->format().bytes());
  std::vector<std::byte> all(6 * bytes), last(bytes);
  source->read(0, 6, all);
  source->read(5, 1, last);
  EXPECT_EQ(std::memcmp(all.data() + 5 * bytes, last.data(), bytes), 0);
  EXPECT_EQ(clean_source(movie)->format().type, PixelType::f32);
  EXPECT_THROW(source->read(6, 1, last), InputError);
}

/// Displacement (x, y) of b against a, from the peak of their circular cross-correlation.
Vec2 displacement(const std::vector<float>& a, const std::vector<float>& b, Index extent) {
  Array<Complex, 2> first({extent, extent}), second({extent, extent});
  const double mean_a = mean_of(a), mean_b = mean_of(b);
  for (std::size_t i = 0; i < a.size(); ++i) {
    first.data()[i] = static_cast<float>(a[i] - mean_a);
    second.data()[i] = static_cast<float>(b[i] - mean_b);
  }
  Array<Complex, 2> product = fft2(second);
  const Array<Complex, 2> reference = fft2(first);
  for (Index i = 0; i < product.size(); ++i) product.data()[i] *= std::conj(reference.data()[i]);
  const Array<Complex, 2> correlation = inverse_fft2(product);
  const auto* peak = std::max_element(correlation.data(),
                                      correlation.data() + correlation.size(),
                                      [](Complex p, Complex q) { return p.real() < q.real(); });
  const Index at = peak - correlation.data();
  const auto centred = [extent](Index i) {
    return static_cast<double>(i < extent / 2 ? i : i - extent);
  };
  return {centred(at % extent), centred(at / extent)};
}

TEST(Nanocrystals, TheSampleDriftsAsItSays) {
  NanocrystalOptions options = small();
  options.height = options.width = 256;
  options.frames = 12;
  options.motion = 2.0;
  options.film = 0.15;
  options.crystals = 2.0;
  const NanocrystalMovie movie(options, Rng{9});
  const Vec2 measured = displacement(clean_frame(movie, 0), clean_frame(movie, 11), 256);
  EXPECT_GT(std::hypot(movie.drift(11).x, movie.drift(11).y), 3.0);
  EXPECT_NEAR(measured.x, movie.drift(11).x, 1.0);
  EXPECT_NEAR(measured.y, movie.drift(11).y, 1.0);
}

TEST(Nanocrystals, WithoutMotionNothingMoves) {
  NanocrystalOptions options = small();
  options.motion = 0.0;
  const NanocrystalMovie movie(options, Rng{10});
  EXPECT_EQ(clean_frame(movie, 0), clean_frame(movie, 5));
}

TEST(Nanocrystals, ALoneGrainShowsItsLatticeInTheFourierTransform) {
  NanocrystalOptions options;
  options.frames = 1;
  options.height = options.width = 256;
  options.crystals = 1.0;
  options.diameter = Length{90.0};
  options.film = 0.0;
  const NanocrystalMovie movie(options, Rng{11});
  const auto frame = clean_frame(movie, 0);
  const Array<Complex, 2> half = real_fft2({frame.data(), {256, 256}});
  double best = 0.0, frequency = 0.0;  // of the strongest spot beyond the grain's own shape
  for (Index y = 0; y < 256; ++y) {
    for (Index x = 0; x < 129; ++x) {
      const double k = std::hypot(std::min(y, 256 - y), x) / (256.0 * options.pixel.value);
      if (k > 0.25 && std::abs(half(y, x)) > best) {
        best = std::abs(half(y, x));
        frequency = k;
      }
    }
  }
  const double a = options.lattice.value;
  double misfit = 1.0;
  for (const double spacing : {a / std::sqrt(3.0), a / 2.0, a / std::sqrt(8.0)}) {
    misfit = std::min(misfit, std::abs(frequency - 1.0 / spacing));
  }
  EXPECT_LT(misfit, 1.0 / (256.0 * options.pixel.value));
}

TEST(Nanocrystals, OptionsThatMakeNoSenseAreRefused) {
  const auto with = [](auto change) {
    NanocrystalOptions options = small();
    change(options);
    return [options] { NanocrystalMovie(options, Rng{1}); };
  };
  EXPECT_THROW(with([](auto& o) { o.frames = 0; })(), InputError);
  EXPECT_THROW(with([](auto& o) { o.dose = Dose{0.0}; })(), InputError);
  EXPECT_THROW(with([](auto& o) { o.pixel = Length{1.0}; })(), InputError);  // lattice aliases
  EXPECT_THROW(with([](auto& o) { o.offset = 300.0; })(), InputError);       // no room in u8
  EXPECT_THROW(with([](auto& o) { o.gain = -1.0; })(), InputError);
}

}  // namespace
}  // namespace kinema::simulate
