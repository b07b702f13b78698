// Files from other programs: shape, type and the hash of all pixels as independent readers saw
// them.
#include "kinema/base/options.h"
#include "kinema/io/formats.h"

#include <gtest/gtest.h>

#include "io_test_movies.h"
#include "sha256.h"
#include "test_data.h"
#include <fstream>

namespace kinema::io {
namespace {

/// Shape without leading axes of one element, as frames, height, width.
std::vector<Index> movie_shape(std::vector<Index> shape) {
  while (shape.size() > 2 && shape[0] == 1) shape.erase(shape.begin());
  if (shape.size() == 2) shape.insert(shape.begin(), 1);
  return shape;
}

TEST(Samples, HoldThePixelsThatIndependentReadersSaw) {
  const auto manifest = test::test_data("formats/manifest.json");
  KINEMA_REQUIRE_DATA(manifest);
  std::ifstream file(manifest);
  const Json json = Json::parse(file);
  test::TempFolder folder;
  int compared = 0;
  for (const Json& entry : json["files"]) {
    const auto path = test::test_data("formats") / entry["path"].get<std::string>();
    const std::string ending = path.extension().string();
    if (ending != ".mrc" && ending != ".bz2" && ending != ".mrcs" && ending != ".map" &&
        ending != ".tif" && ending != ".dm3" && ending != ".dm4" && ending != ".ser" &&
        ending != ".npy") {
      continue;
    }
    Json seen = entry.value("observed_by_independent_reader", Json::object());
    if (seen.contains("series")) seen = seen["series"][0];
    if (!seen.contains("sha256_C_LE")) continue;
    const auto shape = movie_shape(seen["shape"].get<std::vector<Index>>());
    if (shape.size() != 3) continue;
    SCOPED_TRACE(path.string());
    const auto source = open_movie(path);
    const FrameFormat format = source->format();
    EXPECT_EQ((std::vector<Index>{source->frames().value(), format.height, format.width}), shape);
    EXPECT_EQ(to_text(format.type), seen["dtype"].get<std::string>());
    EXPECT_EQ(test_movies::sha256(test_movies::read_all(*source), folder / "pixels"),
              seen["sha256_C_LE"]);
    ++compared;
  }
  EXPECT_GE(compared, 41);
}

TEST(Samples, WhatIsNoMovieIsAnInputError) {
  for (const char* name : {"rsciio/mrc/ROI_Random_Scan_info.txt", "mrcfile/mrc/emd_3197.png"}) {
    const auto path = test::test_data("formats") / name;
    KINEMA_REQUIRE_DATA(path);
    EXPECT_THROW(open_movie(path), InputError) << name;
  }
}

}  // namespace
}  // namespace kinema::io
