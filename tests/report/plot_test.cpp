// Plots carry every number that they are given, and histograms count every value that they show.
#include "kinema/report/plot.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace kinema::report {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

TEST(Histogram, CountsAllButTheUtmostAndWhatIsNoNumber) {
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i) values.push_back(0.01 * i);
  values.push_back(1e9);
  values.push_back(nothing);
  const Plot plot = histogram("heights", "z (A)", "atoms", values, 20);
  const std::vector<double>& counts = plot.series[0].y;
  const double counted = std::accumulate(counts.begin(), counts.end(), 0.0);
  EXPECT_GE(counted, 995.0);
  EXPECT_LE(counted, 1000.0);
  ASSERT_EQ(plot.x.size(), 20U);
  EXPECT_NEAR(plot.x[1] - plot.x[0], (plot.x[19] - plot.x[0]) / 19.0, 1e-12);
}

TEST(Histogram, OfNothingIsEmpty) {
  const Plot plot = histogram("heights", "z (A)", "atoms", {nothing}, 20);
  EXPECT_TRUE(plot.x.empty());
  EXPECT_NO_THROW((void)to_json(plot));
}

TEST(Plot, BandsAndColoursAreAsLongAsTheAxis) {
  Plot plot{.title = "p", .x = {0.0, 1.0}, .series = {{.name = "c", .y = {1.0, 2.0}}}};
  plot.series[0].error = {0.1, nothing};
  const Json json = to_json(plot);
  EXPECT_EQ(json["series"][0]["error"][0], 0.1);
  EXPECT_TRUE(json["series"][0]["error"][1].is_null());
  plot.series[0].value = {1.0};
  EXPECT_THROW((void)to_json(plot), std::logic_error);
  plot.series[0].value.clear();
  plot.frames = {1, 2, 3};
  EXPECT_THROW((void)to_json(plot), std::logic_error);
}

TEST(Plot, AnImageKeepsItsRowsAndItsHoles) {
  Array<float, 2> values({2, 3}, 1.5F);
  values(1, 2) = static_cast<float>(nothing);
  const Plot plot{.title = "p", .field = Field{{0.0, 3.0}, {0.0, 2.0}, values, 0.0, 2.0}};
  const Json field = to_json(plot)["field"];
  EXPECT_EQ(field["values"][0], Json({1.5, 1.5, 1.5}));
  EXPECT_TRUE(field["values"][1][2].is_null());
}

}  // namespace
}  // namespace kinema::report
