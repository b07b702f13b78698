// Halves of a movie's electrons are independent Poisson frames, and are compared as they are.
#include "kinema/atoms/split.h"

#include <gtest/gtest.h>

#include "atoms/sheets.h"

namespace kinema::atoms {
namespace {

MovieOfAtoms movie_of(Array<float, 2> frame) {
  MovieOfAtoms movie;
  const auto [height, width] = frame.shape();
  movie.height = height;
  movie.width = width;
  movie.pixel = {Length{0.2}, Length{0.2}};
  movie.dose = Fluence{8000.0};
  movie.frames = {0};
  movie.frame = [frame = std::move(frame)](Index) {
    Array<float, 2> copy(frame.shape());
    std::copy_n(frame.data(), frame.size(), copy.data());
    return copy;
  };
  return movie;
}

Array<float, 2> poisson_frame(Index size, double mean) {
  Array<float, 2> frame({size, size});
  Rng rng(5);
  for (float& value : frame.flat()) value = static_cast<float>(rng.poisson(mean));
  return frame;
}

TEST(Split, HalvesAreIndependentAndMakeTheWhole) {
  const MovieOfAtoms movie = movie_of(poisson_frame(200, 37.0));
  const Rng rng(3);
  const MovieOfAtoms first = half_of(movie, 0, rng), second = half_of(movie, 1, rng);
  EXPECT_EQ(first.dose.value, 4000.0);
  const Array<float, 2> whole = movie.frame(0), a = first.frame(0), b = second.frame(0);
  double mean = 0.0, variance = 0.0, product = 0.0;
  const auto pixels = static_cast<double>(whole.size());
  for (Index i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(a.data()[i] + b.data()[i], whole.data()[i]);
    const double u = a.data()[i] - 18.5, v = b.data()[i] - 18.5;
    mean += u / pixels, variance += u * u / pixels, product += u * v / pixels;
  }
  EXPECT_NEAR(mean, 0.0, 5.0 * std::sqrt(18.5 / pixels));
  EXPECT_NEAR(variance, 18.5, 0.6);         // Poisson, as the mean
  EXPECT_NEAR(product / 18.5, 0.0, 0.025);  // 5 / sqrt(pixels)
}

TEST(Split, GainIsTakenOutAndWhatIsNotCountedIsRefused) {
  Array<float, 2> frame({8, 8});
  for (float& value : frame.flat()) value = 30.0F;
  MovieOfAtoms movie = movie_of(std::move(frame));
  movie.recording.units_per_electron = 2.5;
  const Array<float, 2> half = half_of(movie, 0, Rng(1)).frame(0);
  for (const float value : half.flat()) EXPECT_EQ(std::fmod(value, 2.5F), 0.0F);
  movie.recording.units_per_electron = 7.0;
  EXPECT_THROW(half_of(movie, 0, Rng(1)).frame(0), InputError);
}

/// One frame with these atoms, each with errors of 0.1, 0.1 and 0.3 angstrom.
Reconstruction result_of(const std::vector<Vec3>& sites) {
  Reconstruction result;
  result.optics = test::practice_optics();
  Trajectory& trajectory = result.tracked.trajectory;
  trajectory = to_trajectory({{std::vector<std::uint8_t>(sites.size(), 6), sites, {}}});
  const auto atoms = static_cast<Index>(sites.size());
  trajectory.sigmas = Array<double, 3>({1, atoms, 3});
  Array<double, 2> sign({1, atoms});
  for (Index i = 0; i < atoms; ++i) {
    trajectory.sigmas(0, i, 0) = trajectory.sigmas(0, i, 1) = 0.1;
    trajectory.sigmas(0, i, 2) = 0.3;
    sign(0, i) = 0.9;
  }
  trajectory.values["sign_probability"] = std::move(sign);
  trajectory.frame_numbers = {0};
  return result;
}

TEST(Split, TwoResultsAreComparedBesideTheirErrors) {
  std::vector<Vec3> sites = test::flat_sheet({6.4, 6.4, 0.0}, 5.0, 0.2);
  for (std::size_t i = 0; i < sites.size(); ++i) sites[i][2] = i % 2 == 0 ? 0.5 : -0.5;
  std::vector<Vec3> moved = sites;
  for (Vec3& at : moved) at = {at[0] + 0.1, at[1], at[2] + 2.0};  // a piston is no difference
  moved.pop_back();
  const MovieOfAtoms movie = movie_of(poisson_frame(64, 320.0));
  const SplitScores scores = compare_halves(movie, result_of(sites), movie, result_of(moved));
  EXPECT_EQ(scores.matched, static_cast<Index>(moved.size()));
  EXPECT_EQ(scores.unmatched, 1);
  EXPECT_NEAR(scores.rmsd[0], 0.1, 1e-9);
  EXPECT_NEAR(scores.rmsd[2], 0.0, 1e-9);
  EXPECT_NEAR(scores.sigma[2], 0.3 * std::sqrt(2.0), 1e-9);
  EXPECT_EQ(scores.inside[0], 1.0);
  EXPECT_EQ(scores.sign_agreement, 1.0);
  EXPECT_NEAR(scores.sign_promised, 0.82, 1e-9);
  EXPECT_GT(scores.chi_squared, 1.0);  // there are no atoms in noise
  const Reconstruction far = result_of({{900.0, 900.0, 0.0}});
  EXPECT_THROW(compare_halves(movie, result_of(sites), movie, far), InputError);
}

}  // namespace
}  // namespace kinema::atoms
