// Truths that hold for every simulated movie, whatever lies on its film.
#include "kinema/base/parallel.h"
#include "kinema/simulate/fibres.h"
#include "kinema/simulate/nanocrystals.h"
#include "kinema/simulate/particles.h"

#include <gtest/gtest.h>

#include "scene.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace kinema::simulate {
namespace {

template <class Movie, class Scene>
struct Kind {
  using Options = Scene;

  static Options small() {
    Options options;
    options.frames = 6;
    options.height = 128;
    options.width = 160;
    return options;
  }
  static Movie movie(const Options& options, std::uint64_t seed) {
    return Movie(options, Rng{seed});
  }
};

template <class K>
class Scenes : public testing::Test {};

using Kinds = testing::Types<Kind<NanocrystalMovie, NanocrystalOptions>,
                             Kind<FibreMovie, FibreOptions>,
                             Kind<ParticleMovie, ParticleOptions>>;

struct Names {
  template <class K>
  static std::string GetName(int i) {
    return std::array{"Nanocrystals", "Fibres", "Particles"}[static_cast<std::size_t>(i)];
  }
};
TYPED_TEST_SUITE(Scenes, Kinds, Names);

TYPED_TEST(Scenes, TheDoseIsWhatWasAsked) {
  for (const double dose : {0.05, 1.0, 30.0}) {
    auto options = TypeParam::small();
    options.dose = Dose{dose};
    const auto movie = TypeParam::movie(options, 1);
    EXPECT_NEAR(mean_of(clean_frame(movie, 0)) / movie.gain(), dose, 1e-3 * dose);
    const auto pixels = static_cast<double>(movie.format().pixels());
    const double electrons = mean_of(recorded_floats(movie, 0)) / movie.gain();
    EXPECT_NEAR(electrons, dose, 4.0 * std::sqrt(dose / pixels) + 4e-3 * dose);
  }
}

/// (N - mean)^2 / mean is 1 in the mean, for Poisson counts N.
TYPED_TEST(Scenes, CountedElectronsScatterLikeTheirMean) {
  auto options = TypeParam::small();
  options.dtype = Recording::f32;
  options.height = options.width = 384;
  options.dose = Dose{6.0};
  const auto movie = TypeParam::movie(options, 2);
  const auto clean = clean_frame(movie, 1), counted = recorded_floats(movie, 1);
  double excess = 0.0, squares = 0.0;
  for (std::size_t i = 0; i < clean.size(); ++i) {
    const double ratio = std::pow(counted[i] - clean[i], 2) / clean[i];
    excess += ratio - 1.0;
    squares += (ratio - 1.0) * (ratio - 1.0);
  }
  EXPECT_LT(std::abs(excess), 4.0 * std::sqrt(squares));
}

TYPED_TEST(Scenes, OffsetAndReadNoiseAddToTheCounts) {
  auto options = TypeParam::small();
  options.offset = 20.0;
  options.read_noise = 3.0;
  options.dose = Dose{10.0};
  const auto movie = TypeParam::movie(options, 3);
  const auto clean = clean_frame(movie, 2), recorded = recorded_floats(movie, 2);
  double squares = 0.0, expected = 0.0;
  for (std::size_t i = 0; i < clean.size(); ++i) {
    squares += std::pow(recorded[i] - clean[i], 2);
    expected += movie.gain() * (clean[i] - 20.0) + 9.0 + 1.0 / 12.0;  // Poisson, read, rounding
  }
  EXPECT_NEAR(squares / expected, 1.0, 0.05);
}

TYPED_TEST(Scenes, TheSeedMakesTheMovieAndThreadsDoNot) {
  const auto frame = [](std::uint64_t seed, int threads_used) {
    const int before = threads();
    set_threads(threads_used);
    const auto bytes = recorded_frame(TypeParam::movie(TypeParam::small(), seed), 3);
    set_threads(before);
    return bytes;
  };
  EXPECT_EQ(frame(4, 1), frame(4, 2));
  EXPECT_NE(frame(4, 1), frame(5, 1));
}

TYPED_TEST(Scenes, FramesFollowFromTheirNumberAlone) {
  const auto movie = TypeParam::movie(TypeParam::small(), 6);
  const auto last = recorded_frame(movie, 5);
  recorded_frame(movie, 0);
  EXPECT_EQ(recorded_frame(movie, 5), last);
}

TYPED_TEST(Scenes, SomethingMovesAndIsInView) {
  auto options = TypeParam::small();
  options.film = 0.0;
  const auto movie = TypeParam::movie(options, 7);
  const auto first = clean_frame(movie, 0), last = clean_frame(movie, 5);
  const auto [darkest, brightest] = std::minmax_element(first.begin(), first.end());
  EXPECT_LT(*darkest, 0.9F * *brightest);
  EXPECT_NE(first, last);
}

TYPED_TEST(Scenes, OptionsThatMakeNoSenseAreRefused) {
  const auto refused = [](auto change) {
    auto options = TypeParam::small();
    change(options);
    EXPECT_THROW(TypeParam::movie(options, 1), InputError);
  };
  refused([](auto& o) { o.frames = 0; });
  refused([](auto& o) { o.width = 3; });
  refused([](auto& o) { o.dose = Dose{0.0}; });
  refused([](auto& o) { o.motion = -1.0; });
  refused([](auto& o) { o.film = 0.5; });
  refused([](auto& o) { o.offset = 300.0; });  // no room in u8
  refused([](auto& o) { o.gain = -1.0; });
}

}  // namespace
}  // namespace kinema::simulate
