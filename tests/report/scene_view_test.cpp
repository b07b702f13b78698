// 3D views carry their numbers within a step, say what they left out, and stay within their budget.
#include "kinema/report/atoms_view.h"
#include "kinema/report/volume_view.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace kinema::report {
namespace {

Trajectory shaken_atoms(Index frames, Index atoms) {
  Trajectory trajectory;
  trajectory.atomic_numbers.assign(static_cast<std::size_t>(atoms), 6);
  trajectory.positions = Array<double, 3>({frames, atoms, 3});
  trajectory.present = Array<std::uint8_t, 2>({frames, atoms}, 1);
  std::uint32_t state = 7;
  for (double& value : trajectory.positions.flat()) {
    state = state * 1664525U + 1013904223U;
    value = static_cast<double>(state >> 8U) / static_cast<double>(1U << 24U);
  }
  for (Index t = 0; t < frames; ++t) trajectory.frame_numbers.push_back(2 * t);
  return trajectory;
}

Json part_of(const Page& page) {
  return page.summary()["sections"][0]["parts"].back();
}

TEST(AtomsView, HoldsEveryFrameWhereThereIsRoom) {
  Page page("atoms");
  const Trajectory trajectory = shaken_atoms(5, 20);
  add_atoms(page, {.trajectory = &trajectory, .total_frames = 10});
  const Json part = part_of(page);
  EXPECT_EQ(part["frames"], Json({0, 2, 4, 6, 8}));
  EXPECT_EQ(part["colour_by"], Json({"z"}));
  EXPECT_EQ(part["atomic_numbers"], Json({6}));
  EXPECT_LT(part["quantities"][0]["step"].get<double>(), 1.0 / 65000);
}

TEST(AtomsView, LeavesFramesOutAndSaysSo) {
  Page page("atoms");
  const Trajectory trajectory = shaken_atoms(40, 50);
  add_atoms(page, {.trajectory = &trajectory, .total_frames = 80, .budget = 5000});
  const Json part = part_of(page);
  EXPECT_LT(part["frames"].size(), 20U);
  EXPECT_NE(part["left_out"].get<std::string>().find("of 40 frames"), std::string::npos);
  EXPECT_LT(page.render().size(), 5000U + Page("none").render().size() + 1'500'000U);
}

TEST(AtomsView, ColoursOfWhatDivergesAreSymmetric) {
  Page page("atoms");
  const Trajectory trajectory = shaken_atoms(2, 3);
  AtomQuantity error{
      .name = "error_z", .values = Array<double, 2>({2, 3}, 0.25), .diverging = true};
  error.values(1, 2) = std::numeric_limits<double>::quiet_NaN();
  error.values(0, 0) = -0.75;
  add_atoms(page, {.trajectory = &trajectory, .total_frames = 2, .quantities = {error}});
  const Json shown = part_of(page)["quantities"][3];
  EXPECT_EQ(shown["low"].get<double>(), -shown["high"].get<double>());
  EXPECT_EQ(shown["high"], 0.75);
}

Volume ramp(Index edge, float scale) {
  Volume volume{.density = Array<float, 3>({edge, edge, edge}), .voxel_size = Length{3.0}};
  for (Index i = 0; i < volume.density.size(); ++i) {
    volume.density.data()[i] = scale * static_cast<float>(i * 2654435761U % 1009U);
  }
  return volume;
}

TEST(VolumesView, BinningKeepsTheMean) {
  const Volume volume = ramp(8, 1.0F), small = binned(volume, 2);
  const auto mean = [](const Volume& v) {
    double sum = 0.0;
    for (const float value : v.density.flat()) sum += value;
    return sum / static_cast<double>(v.density.size());
  };
  EXPECT_EQ(small.density.shape()[0], 4);
  EXPECT_EQ(small.voxel_size.value, 6.0);
  EXPECT_EQ(small.origin[2], 1.5);
  EXPECT_NEAR(mean(small), mean(volume), 1e-3);
}

TEST(VolumesView, IsHeldWholeOrSaysHowItWasMadeSmaller) {
  Progress silent;
  VolumesView view{.frames = {0, 5},
                   .total_frames = 6,
                   .series = {{"moving", 2, [](Index i) { return ramp(16, 1.0F + i); }},
                              {"mean", 1, [](Index) { return ramp(16, 1.0F); }}},
                   .level = 500.0};
  Page whole("volumes");
  add_volumes(whole, view, silent);
  EXPECT_EQ(part_of(whole)["shape"], Json({16, 16, 16}));
  EXPECT_EQ(part_of(whole)["series"][1]["name"], "mean");
  view.budget = 1500;
  Page small("volumes");
  add_volumes(small, view, silent);
  EXPECT_EQ(part_of(small)["shape"], Json({8, 8, 8}));
  EXPECT_EQ(part_of(small)["voxel"], 6.0);
  EXPECT_NE(part_of(small)["left_out"].get<std::string>().find("2 x 2 x 2"), std::string::npos);
}

}  // namespace
}  // namespace kinema::report
