// Truths of judging atoms: assignments, piston, coverage, log scores, swaps, hulls.
#include "kinema/metrics/atoms.h"

#include "kinema/base/rng.h"
#include "kinema/metrics/hull.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kinema::metrics {
namespace {

/// A square grid of n x n atoms, 2 angstrom apart, with heights of a wave.
AtomSet grid(int n) {
  AtomSet set;
  for (int y = 0; y < n; ++y) {
    for (int x = 0; x < n; ++x) set.positions.push_back({2.0 * x, 2.0 * y, std::sin(0.7 * x + y)});
  }
  return set;
}

AtomSet with_noise(const AtomSet& set, const Vec3& sigma, Rng rng) {
  AtomSet noisy = set;
  for (Vec3& at : noisy.positions) {
    for (std::size_t axis = 0; axis < 3; ++axis) at[axis] += sigma[axis] * rng.normal();
    noisy.sigmas.push_back(sigma);
  }
  return noisy;
}

TEST(MatchAtoms, ConflictsAreSolvedForTheMostPairs) {
  // The nearest pair alone would leave one estimate and one truth without a partner.
  const std::vector<Vec3> truth{{0.0, 0.0, 0.0}, {0.6, 0.0, 0.0}};
  const std::vector<Vec3> estimate{{0.5, 0.0, 9.0}, {1.2, 0.0, 0.0}};
  const AtomMatch match = match_atoms(estimate, truth);
  ASSERT_EQ(match.pairs.size(), 2U);
  EXPECT_EQ(match.pairs[0], (std::array<Index, 2>{0, 0}));
  EXPECT_EQ(match.pairs[1], (std::array<Index, 2>{1, 1}));
}

TEST(MatchAtoms, TheRadiusDecidesWhoIsLost) {
  const AtomMatch match =
      match_atoms(std::vector<Vec3>{{0.71, 0.0, 0.0}}, std::vector<Vec3>{{0.0, 0.0, 0.0}});
  EXPECT_TRUE(match.pairs.empty());
  EXPECT_EQ(match.lost.size(), 1U);
  EXPECT_EQ(match.spurious.size(), 1U);
  EXPECT_EQ(match_atoms(std::vector<Vec3>{{9.8, 0.0, 0.0}},
                        std::vector<Vec3>{{0.1, 0.0, 0.0}},
                        match_radius,
                        {10.0, 0.0})
                .pairs.size(),
            1U);
}

TEST(Assign, FindsTheCheapestOfAllAssignments) {
  Array<double, 2> cost({3, 3});
  const double values[] = {4, 1, 3, 2, 0, 5, 3, 2, 2};
  std::copy_n(values, 9, cost.data());
  EXPECT_EQ(assign(cost.view()), (std::vector<Index>{1, 0, 2}));  // 1 + 2 + 2
}

TEST(ScoreAtoms, PistonIsFreeAndShiftsAreNot) {
  const AtomSet truth = grid(10);
  AtomSet moved = truth;
  for (Vec3& at : moved.positions) {
    at[0] += 0.1;
    at[2] += 5.0;
  }
  const AtomScores scores = score_atoms({moved}, {truth});
  EXPECT_NEAR(scores.all.x, 0.1, 1e-12);
  EXPECT_NEAR(scores.all.y, 0.0, 1e-12);
  EXPECT_NEAR(scores.all.z, 0.0, 1e-12);
  EXPECT_NEAR(scores.z_correlation, 1.0, 1e-12);
  EXPECT_EQ(scores.sign_accuracy, 1.0);
  EXPECT_EQ(scores.interior.atoms + scores.edge.atoms, 100);
  EXPECT_EQ(scores.interior.atoms, 16);  // of 18 angstrom, 6 to 12 are over 5 inside
}

TEST(ScoreAtoms, AFlatSheetMissesByTheRmsOfZ) {
  const AtomSet truth = grid(12);
  AtomSet flat = truth;
  for (Vec3& at : flat.positions) at[2] = 0.0;
  const AtomScores scores = score_atoms({flat}, {truth});
  EXPECT_NEAR(scores.z_over_rms, 1.0, 1e-12);
  EXPECT_TRUE(std::isnan(scores.z_correlation));
}

TEST(ScoreAtoms, HonestSigmasCoverWhatTheyPromise) {
  const AtomSet truth = grid(100);
  const AtomScores scores = score_atoms({with_noise(truth, {0.05, 0.04, 0.3}, Rng(3))}, {truth});
  EXPECT_EQ(scores.lost + scores.spurious, 0);
  EXPECT_NEAR(scores.all.x, 0.05, 0.001);
  EXPECT_NEAR(scores.all.z, 0.3, 0.006);
  for (const SigmaScore& sigma : scores.sigma) {
    EXPECT_NEAR(sigma.coverage_68, 0.68, 0.015);
    EXPECT_NEAR(sigma.coverage_95, 0.95, 0.01);
    EXPECT_NEAR(sigma.log_score, 0.0, 0.002);  // no better and no worse than one constant
  }
}

TEST(ScoreAtoms, SigmasThatTellGoodFromBadScoreAboveAConstant) {
  AtomSet truth = grid(80);
  AtomSet estimate = truth;
  Rng rng(5);
  for (std::size_t i = 0; i < truth.positions.size(); ++i) {
    const double sigma = i % 2 == 0 ? 0.1 : 0.4;
    estimate.positions[i][2] += sigma * rng.normal();
    estimate.sigmas.push_back({sigma, sigma, sigma});
  }
  const SigmaScore z = score_atoms({estimate}, {truth}).sigma[2];
  // ln of the constant sigma less the mean of ln sigma.
  EXPECT_NEAR(z.log_score, std::log(std::sqrt(0.085) / 0.2), 0.03);
  EXPECT_NEAR(z.deciles.front().found, 0.1, 0.02);
  EXPECT_NEAR(z.deciles.back().found, 0.4, 0.06);
}

TEST(ScoreAtoms, SwappedNamesAreCounted) {
  AtomSet truth = grid(5);
  AtomSet estimate = truth;
  for (std::size_t i = 0; i < truth.positions.size(); ++i) {
    estimate.ids.push_back(static_cast<std::int64_t>(i));
  }
  AtomSet later = estimate;
  std::swap(later.ids[0], later.ids[1]);
  EXPECT_EQ(score_atoms({estimate, estimate}, {truth, truth}).swapped, 0);
  EXPECT_EQ(score_atoms({estimate, later}, {truth, truth}).swapped, 2);
  EXPECT_EQ(score_atoms({estimate, later, later}, {truth, truth, truth}).swapped, 2);
}

TEST(ScoreAtoms, AStaticSheetHasTheFrameCorrelationOfOne) {
  AtomSet a = grid(12), b = grid(12);
  for (Vec3& at : b.positions) at[2] = std::sin(0.7 * at[0] / 2.0 + at[1] / 2.0 + 1.5707963);
  const AtomScores scores = score_atoms({a, a}, {a, b});
  EXPECT_NEAR(scores.frame_correlation, 1.0, 1e-12);
  EXPECT_LT(std::abs(scores.truth_frame_correlation), 0.3);
}

TEST(ClosePairs, AGridHasItsBonds) {
  const AtomSet set = grid(4);
  std::vector<Vec3> flat = set.positions;
  for (Vec3& at : flat) at[2] = 0.0;
  EXPECT_EQ(close_pairs(flat, 2.1).size(), 24U);
  EXPECT_EQ(close_pairs(flat, 2.1, {8.0, 8.0}).size(), 32U);
}

}  // namespace
}  // namespace kinema::metrics
