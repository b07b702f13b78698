// The side-car of Direct Electron's cameras: found by the movie's name, believed where it knows.
#include "kinema/io/direct_electron.h"

#include "kinema/io/formats.h"
#include "kinema/io/mrc.h"

#include <gtest/gtest.h>

#include "io_test_movies.h"
#include "test_data.h"
#include <algorithm>

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)

bool has_note(const MovieInfo& info, const std::string& text) {
  return std::any_of(info.notes.begin(), info.notes.end(), [&](const std::string& note) {
    return note.find(text) != std::string::npos;
  });
}

TEST(DirectElectron, TheSideCarOfAScanTellsItsCamera) {
  const auto path = test::test_data("formats/rsciio/mrc/ROI_Random_Scan_movie.mrc");
  KINEMA_REQUIRE_DATA(path);
  const auto source = open_movie(path);
  const MovieInfo& info = source->info();
  EXPECT_EQ(info.voltage, Voltage{300.0});
  EXPECT_EQ(info.voltage.source, "side-car");
  EXPECT_EQ(info.detector, "DESim");
  EXPECT_EQ(info.date, "2025-04-29T18:58:37Z");
  EXPECT_NEAR(info.frame_time->value, 4.5899e-3, 1e-9);
  EXPECT_NEAR(info.dose->value, 22.9951, 1e-4);
  EXPECT_FALSE(info.pixel_size);
  EXPECT_TRUE(has_note(info, "-10 A is a placeholder"));
  EXPECT_TRUE(has_note(info, "29 x 12 points"));
  EXPECT_EQ(info.axes[0].name, "scan point");
  EXPECT_EQ(source->metadata()["side-car"]["Scan - Type"], "Random");
}

TEST(DirectElectron, ASumIsNoFrameOfTheCamera) {
  const auto path = test::test_data("formats/rsciio/mrc/ROI_Random_Scan_Sum.mrc");
  KINEMA_REQUIRE_DATA(path);
  const MovieInfo info = open_movie(path)->info();
  EXPECT_EQ(info.voltage, Voltage{300.0});
  EXPECT_FALSE(info.frame_time);
  EXPECT_FALSE(info.dose);
}

TEST(DirectElectron, AMovieGetsItsPixelSizeAndTimes) {
  const test::TempFolder folder;
  const auto path = folder / "20250429_06688_0_movie.mrc";
  const FrameFormat format{PixelType::u16, 2, 4};
  const auto header = make_mrc_header(format, 3, {}, {});
  write_bytes(path,
              std::string(reinterpret_cast<const char*>(header.data()), header.size()) +
                  std::string(48, '\0'));
  write_bytes(folder / "20250429_06688_info.txt",
              "Camera Model    = DE-64\nImage Size X (pixels) = 4\r\nImage Size Y (pixels) = 2\n"
              "Frames Per Second = 50\nAutosave Movie Sum Count = 5\nno entry\n"
              "Specimen Pixel Size X (nanometers) = 0.05\n"
              "Specimen Pixel Size Y (nanometers) = 0.06\nExposure Rate (e-/pix/s) = 30\n");
  const MovieInfo info = open_movie(path)->info();
  EXPECT_EQ(info.detector, "DE-64");
  EXPECT_EQ(info.pixel_size, (PixelSize{{0.5}, {0.6}}));
  EXPECT_EQ(info.pixel_size.source, "side-car");
  EXPECT_NEAR(info.frame_time->value, 0.1, 1e-12);
  EXPECT_NEAR(info.dose->value, 3.0, 1e-12);
  EXPECT_EQ(info.axes[0], (Axis{"time", 3, info.frame_time->value, 0.0, "s"}));

  write_bytes(folder / "20250429_06688_info.txt", "some = other text\n");
  EXPECT_FALSE(open_movie(path)->info().detector);
}

}  // namespace
}  // namespace kinema::io
