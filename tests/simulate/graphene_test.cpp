// Movies of graphene: what is shown is what the truth says, and happens when it says.
#include "kinema/simulate/graphene.h"

#include "kinema/base/parallel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <gmock/gmock.h>

namespace kinema::simulate {
namespace {

using testing::HasSubstr;

GrapheneOptions small() {
  GrapheneOptions options;
  options.atoms = 96;
  options.frames = 4;
  options.exposures = 1;
  options.slice = {0.3};
  options.wavelength = {15.0};
  return options;
}

GrapheneMovie movie_of(const GrapheneOptions& options, std::uint64_t seed = 1) {
  Progress silent;
  return {options, {}, Rng(seed), silent};
}

std::vector<std::uint16_t> recorded(const GrapheneMovie& movie, Index t) {
  std::vector<std::uint16_t> pixels(static_cast<std::size_t>(movie.format().pixels()));
  movie.record(t, movie.electrons(t), std::as_writable_bytes(std::span(pixels)));
  return pixels;
}

double mean_of(const Array<float, 2>& image) {
  double sum = 0.0;
  for (const float value : image.flat()) sum += value;
  return sum / static_cast<double>(image.size());
}

Index present_in(const Trajectory& truth, Index t) {
  return atoms_at(truth, t).size();
}

TEST(Graphene, RipplesHaveTheHeightAskedFor) {
  GrapheneOptions options = small();
  options.atoms = 400;
  options.frames = 12;
  options.ripple = {0.93};
  const Trajectory truth = movie_of(options).truth();
  double power = 0.0;
  for (Index t = 0; t < truth.frames(); ++t) {
    double mean = 0.0;
    for (Index i = 0; i < truth.atoms(); ++i) {
      mean += truth.positions(t, i, 2) / static_cast<double>(truth.atoms());
      power += std::pow(truth.positions(t, i, 2), 2);
    }
    EXPECT_NEAR(mean, 0.0, 1e-9);
  }
  EXPECT_NEAR(std::sqrt(power / static_cast<double>(truth.frames() * truth.atoms())), 0.93, 1e-3);
}

TEST(Graphene, TheDoseIsTheMean) {
  GrapheneOptions options = small();
  options.dose = {2300.0};
  const GrapheneMovie movie = movie_of(options);
  EXPECT_NEAR(mean_of(movie.electrons(0)), 2300.0 * 0.04, 0.05);
  EXPECT_DOUBLE_EQ(movie.info().dose->value, 2300.0 * 0.2 * 0.2);
}

TEST(Graphene, CountsScatterByPoissonsLaw) {
  const GrapheneMovie movie = movie_of(small());
  const Array<float, 2> expected = movie.electrons(2);
  const std::vector<std::uint16_t> counts = recorded(movie, 2);
  double chi2 = 0.0, bias = 0.0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double off = counts[i] - expected.data()[i];
    bias += off;
    chi2 += off * off / expected.data()[i];
  }
  const auto n = static_cast<double>(counts.size());
  EXPECT_NEAR(chi2 / n, 1.0, 4.0 * std::sqrt(2.0 / n));
  EXPECT_NEAR(bias / n, 0.0, 4.0 * std::sqrt(320.0 / n));
}

TEST(Graphene, ASeedGivesTheSameBytesOnAnyNumberOfThreads) {
  const int before = threads();
  set_threads(1);
  const auto alone = recorded(movie_of(small(), 7), 1);
  set_threads(3);
  const GrapheneMovie movie = movie_of(small(), 7);
  std::vector<std::vector<std::uint16_t>> frames(4);
  parallel_for(4, [&](Index t) { frames[static_cast<std::size_t>(t)] = recorded(movie, t); });
  set_threads(before);
  EXPECT_EQ(frames[1], alone);
  EXPECT_NE(frames[2], alone);
  EXPECT_NE(recorded(movie_of(small(), 8), 1), alone);
}

TEST(Graphene, EventsHappenAtTheirFrames) {
  GrapheneOptions options = small();
  options.atoms = 400;
  options.frames = 8;
  options.stone_wales = 1;
  from_text("vacancy@2, rotation@4, edge@6", options.events);
  const GrapheneMovie movie = movie_of(options);
  const Trajectory truth = movie.truth();
  const std::vector<Index> expected{400, 400, 399, 399, 399, 399, 398, 398};
  for (Index t = 0; t < 8; ++t) {
    EXPECT_EQ(present_in(truth, t), expected[static_cast<std::size_t>(t)]) << "frame " << t;
    const std::vector<int> rings = ring_sizes(movie.structure().net(t));
    EXPECT_EQ(rings[5], t < 4 ? 2 : 4) << "frame " << t;
    EXPECT_EQ(rings[7], t < 4 ? 2 : 4) << "frame " << t;
  }
}

TEST(Graphene, ASuddenChangeMovesNothingFarAway) {
  GrapheneOptions options = small();
  options.atoms = 400;
  options.drift = options.ripple_speed = {0.0};
  from_text("vacancy@2", options.events);
  const Trajectory truth = movie_of(options).truth();
  int moved = 0;
  for (Index i = 0; i < truth.atoms(); ++i) {
    if (truth.present(2, i) == 0) continue;
    const double dx = truth.positions(2, i, 0) - truth.positions(1, i, 0);
    const double dy = truth.positions(2, i, 1) - truth.positions(1, i, 1);
    if (std::hypot(dx, dy) > 0.05) ++moved;
  }
  EXPECT_LE(moved, 12);
}

// At C10 = 18 A all strong rings of graphene have the same sign: atoms are bright, and the
// brightest point near every atom inside lies on it.
TEST(Graphene, AtomsLieWhereTheImageIsBright) {
  GrapheneOptions options = small();
  options.atoms = 200;
  options.ripple = {0.3};
  options.drift = {0.4};
  options.defocus = {-18.0};
  const GrapheneMovie movie = movie_of(options);
  const Array<float, 2> image = movie.electrons(3);
  const Trajectory truth = movie.truth();
  const CarbonNet& net = movie.structure().net(3);
  int looked_at = 0;
  for (Index i = 0; i < truth.atoms(); ++i) {
    if (net.coordination(static_cast<int>(i)) != 3) continue;
    const double x = truth.positions(3, i, 0) / 0.2, y = truth.positions(3, i, 1) / 0.2;
    double best = 0.0, at_x = 0.0, at_y = 0.0;
    for (Index row = std::lround(y) - 3; row <= std::lround(y) + 3; ++row) {
      for (Index column = std::lround(x) - 3; column <= std::lround(x) + 3; ++column) {
        if (image(row, column) <= best) continue;
        best = image(row, column);
        at_x = static_cast<double>(column);
        at_y = static_cast<double>(row);
      }
    }
    EXPECT_LT(std::hypot(at_x - x, at_y - y), 1.0) << "atom " << i;  // 0.2 A
    ++looked_at;
  }
  EXPECT_GT(looked_at, 100);
}

TEST(Graphene, ManySnapshotsOfMotionBlurLikeDebyeAndWaller) {
  GrapheneOptions options = small();
  options.atoms = 40;
  options.pixel_size = {0.25};
  options.thermal_in_plane = {0.12};
  const Array<float, 2> blurred = movie_of(options).electrons(0);
  options.phonons = 24;
  const Array<float, 2> averaged = movie_of(options).electrons(0);
  options.phonons = 0;
  options.thermal_in_plane = {0.0};
  const Array<float, 2> frozen = movie_of(options).electrons(0);
  double along = 0.0, whole = 0.0;  // what the snapshots did, in units of what the factors did
  for (Index i = 0; i < frozen.size(); ++i) {
    const double change = blurred.data()[i] - frozen.data()[i];
    along += change * (averaged.data()[i] - frozen.data()[i]);
    whole += change * change;
  }
  EXPECT_NEAR(along / whole, 1.0, 0.12);
}

TEST(Graphene, APeriodicSheetFillsItsView) {
  GrapheneOptions options = small();
  options.shape = SheetShape::periodic;
  options.atoms = 200;
  const GrapheneMovie movie = movie_of(options);
  const Trajectory truth = movie.truth();
  ASSERT_TRUE(truth.cell.has_value());
  const double area = truth.cell->edges[0][0] * truth.cell->edges[1][1];
  EXPECT_LT(area / static_cast<double>(truth.atoms()), 2.62);  // ripples shorten it
  EXPECT_GT(area / static_cast<double>(truth.atoms()), 2.45);
  EXPECT_DOUBLE_EQ(truth.cell->edges[0][0], 0.2 * static_cast<double>(movie.format().width));
  EXPECT_EQ(ring_sizes(movie.structure().net(0))[6], truth.atoms() / 2);
}

TEST(Graphene, ASheetGoesOnBeyondItsView) {
  GrapheneOptions options = small();
  options.shape = SheetShape::sheet;
  options.frames = 2;
  const GrapheneMovie movie = movie_of(options);
  const Trajectory truth = movie.truth();
  EXPECT_NEAR(static_cast<double>(present_in(truth, 0)), 96.0, 10.0);
  const double width = 0.2 * static_cast<double>(movie.format().width - 1);
  double low = width, high = 0.0;
  for (const Vec3& at : atoms_at(truth, 0).positions) {
    low = std::min(low, at[0]);
    high = std::max(high, at[0]);
  }
  EXPECT_LT(low, 1.5);
  EXPECT_GT(high, width - 1.5);
}

TEST(Graphene, ATiltedSheetIsShorterAndSteep) {
  GrapheneOptions options = small();
  options.atoms = 400;
  options.ripple = {0.0};
  options.tilt = {0.2};
  const Trajectory truth = movie_of(options).truth();
  double slope = 0.0, power = 0.0;  // the axis lies along x
  double middle = 0.0;
  const auto atoms = static_cast<double>(truth.atoms());
  for (Index i = 0; i < truth.atoms(); ++i) middle += truth.positions(0, i, 1) / atoms;
  for (Index i = 0; i < truth.atoms(); ++i) {
    const double y = truth.positions(0, i, 1) - middle;
    slope += y * truth.positions(0, i, 2);
    power += y * y;
  }
  EXPECT_NEAR(slope / power, std::tan(0.2), 1e-3);
}

TEST(Graphene, DeadPixelsRecordTheOffset) {
  GrapheneOptions options = small();
  options.dead_pixels = 0.01;
  options.offset = 100.0;
  const auto frame = recorded(movie_of(options), 0);
  const auto dead = std::count(frame.begin(), frame.end(), 100);
  EXPECT_NEAR(static_cast<double>(dead), 0.01 * static_cast<double>(frame.size()), 60.0);
}

TEST(Graphene, RefusesWhatMakesNoSense) {
  const auto refusal = [](const GrapheneOptions& options) -> std::string {
    try {
      movie_of(options);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  GrapheneOptions options = small();
  from_text("vacancy@9", options.events);
  EXPECT_THAT(refusal(options), HasSubstr("name frames from 1 to 3"));
  options = small();
  options.vacancies = 40;
  EXPECT_THAT(refusal(options), HasSubstr("ask for fewer"));
  options = small();
  options.width = 50;
  EXPECT_THAT(refusal(options), HasSubstr("do not fit"));
  options = small();
  options.shape = SheetShape::periodic;
  options.tilt = {0.1};
  EXPECT_THAT(refusal(options), HasSubstr("cannot tilt"));
  options = small();
  options.dtype = Recording::u8;
  EXPECT_THAT(refusal(options), HasSubstr("do not fit into u8"));
}

}  // namespace
}  // namespace kinema::simulate
