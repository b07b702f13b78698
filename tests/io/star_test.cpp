// STAR files: RELION's own, and round trips.
#include "kinema/io/star.h"

#include "kinema/base/error.h"
#include "kinema/io/particles.h"
#include "kinema/io/volume.h"

#include <gtest/gtest.h>

#include "test_data.h"
#include <cmath>
#include <fstream>
#include <gmock/gmock.h>
#include <numbers>

namespace kinema::io {
namespace {

using test::TempFolder;

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path) << text;
}

Particles two_particles() {
  Particles particles;
  particles.images = Array<float, 3>({2, 8, 8});
  particles.pixel_size = 3_A;
  for (Index i = 0; i < 128; ++i) particles.images.data()[i] = static_cast<float>(i);
  Rng rng(1);
  for (int t = 0; t < 2; ++t) {
    particles.poses.push_back({random_rotation(rng), {1.5 * t, -2.0}});
    particles.ctfs.push_back({.defocus_u = 15000.0 + t,
                              .defocus_v = 14000,
                              .defocus_angle = 0.5,
                              .phase_shift = 0.25,
                              .voltage = 200,
                              .cs = 2.7e7,
                              .amplitude_contrast = 0.07,
                              .b_factor = 12});
  }
  return particles;
}

TEST(Star, RelionsFilesOfThreeVersionsAreRead) {
  const auto folder = test::test_data("formats/cryodrgn/meta");
  KINEMA_REQUIRE_DATA(folder);
  const auto v30 = read_star(folder / "FinalRefinement-OriginalParticles-PfCRT.star");
  ASSERT_EQ(v30.size(), 1U);
  EXPECT_EQ(v30[0].columns.size(), 22U);
  const auto v31 = read_star(folder / "relion31.6opticsgroups.star");
  ASSERT_EQ(v31.size(), 2U);
  EXPECT_EQ(v31[0].name, "optics");
  EXPECT_EQ(v31[0].rows.size(), 6U);
  const auto no_name = read_star(folder / "sta_testing_bin8.star");
  EXPECT_EQ(no_name[0].name, "");
  EXPECT_TRUE(no_name[0].find("rlnImageName"));
}

TEST(Star, WhatIsWrittenIsReadBack) {
  TempFolder folder;
  const std::vector<StarTable> tables{
      {"general", {"rlnVersion", "note"}, {{"5.0", "two words"}}, false},
      {"particles", {"rlnImageName", "mine"}, {{"1@a.mrcs", ""}, {"2@a.mrcs", "it's"}}, true}};
  write_star(folder / "a.star", tables);
  const auto back = read_star(folder / "a.star");
  ASSERT_EQ(back.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(back[i].name, tables[i].name);
    EXPECT_EQ(back[i].columns, tables[i].columns);
    EXPECT_EQ(back[i].rows, tables[i].rows);
  }
}

TEST(Star, AShortRowIsRefusedByItsLine) {
  TempFolder folder;
  write(folder / "a.star", "data_x\nloop_\n_a\n_b\n1 2\n3\n");
  try {
    read_star(folder / "a.star");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("line 6 has 1 values"));
  }
}

TEST(ParticleFile, ParticlesComeBackWithPosesUnitsAndOptics) {
  TempFolder folder;
  const Particles written = two_particles();
  write_particles(folder / "p.star", written);
  const Particles read = read_particles(folder / "p.star").particles;
  ASSERT_EQ(read.frames(), 2);
  EXPECT_EQ(read.pixel_size.value, 3.0);
  EXPECT_TRUE(std::equal(
      read.images.flat().begin(), read.images.flat().end(), written.images.flat().begin()));
  for (std::size_t t = 0; t < 2; ++t) {
    EXPECT_NEAR(
        angle_between(read.poses[t].lab_from_body, written.poses[t].lab_from_body), 0, 1e-6);
    EXPECT_NEAR(read.poses[t].shift[0], written.poses[t].shift[0], 1e-5);
    EXPECT_NEAR(read.ctfs[t].defocus_u, written.ctfs[t].defocus_u, 1e-2);
    EXPECT_NEAR(read.ctfs[t].cs, 2.7e7, 1.0);
    EXPECT_NEAR(read.ctfs[t].phase_shift, 0.25, 1e-5);
    EXPECT_NEAR(read.ctfs[t].defocus_angle, 0.5, 1e-5);
    EXPECT_NEAR(read.ctfs[t].b_factor, 12, 1e-5);
  }
}

TEST(ParticleFile, OlderShiftsAreInPixelsAndTheirSizeInMicrometresOverMagnification) {
  TempFolder folder;
  write_particles(folder / "p.star", two_particles());
  write(folder / "old.star",
        "data_\nloop_\n_rlnImageName\n_rlnAngleRot\n_rlnAngleTilt\n_rlnAnglePsi\n_rlnOriginX\n"
        "_rlnOriginY\n_rlnDefocusU\n_rlnVoltage\n_rlnSphericalAberration\n_rlnAmplitudeContrast\n"
        "_rlnDetectorPixelSize\n_rlnMagnification\n"
        "2@p.mrcs 10 20 30 1.5 -2 12000 300 2.7 0.1 5 20000\n");
  const Particles old = read_particles(folder / "old.star").particles;
  EXPECT_NEAR(old.pixel_size.value, 2.5, 1e-12);
  EXPECT_NEAR(old.poses[0].shift[0], 3.75, 1e-12);
  EXPECT_EQ(old.images(0, 0, 0), 64.0F);
}

TEST(ParticleFile, NewPosesLeaveOtherColumnsAlone) {
  std::vector<StarTable> tables{
      {"particles", {"rlnImageName", "mine", "rlnAngleRot"}, {{"1@a.mrcs", "kept", "5"}}, true}};
  tables = with_poses(tables, {Pose{rotation_of({.rot = std::numbers::pi / 2, .tilt = 1.0}), {}}});
  EXPECT_EQ(tables[0].rows[0][1], "kept");
  EXPECT_NEAR(std::stod(tables[0].rows[0][2]), 90.0, 1e-4);
  EXPECT_TRUE(tables[0].find("rlnOriginXAngst"));
}

TEST(ParticleFile, AFileInAnotherFolderFindsTheSameImages) {
  TempFolder folder;
  write_particles(folder / "p.star", two_particles());
  std::filesystem::create_directory(folder / "out");
  const ParticleFile file = read_particles(folder / "p.star");
  write_star(folder / "out/q.star", moved(file.tables, folder / "p.star", folder / "out/q.star"));
  const auto tables = read_star(folder / "out/q.star");
  EXPECT_EQ(tables[1].rows[1][0], "000002@../p.mrcs");
  EXPECT_EQ(read_particles(folder / "out/q.star").particles.images(1, 0, 0), 64.0F);
}

TEST(ParticleFile, WhatIsMissingIsNamed) {
  TempFolder folder;
  write_particles(folder / "p.star", two_particles());
  const auto said = [&](const std::string& text) -> std::string {
    write(folder / "bad.star", text);
    try {
      read_particles(folder / "bad.star");
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  const std::string head = "data_\nloop_\n_rlnImageName\n_rlnAngleRot\n_rlnAngleTilt\n";
  EXPECT_THAT(said(head + "1@p.mrcs 0 0\n"), ::testing::HasSubstr("no column rlnAnglePsi"));
  EXPECT_THAT(said(head + "3@p.mrcs 0 0\n"), ::testing::HasSubstr("names no image"));
  EXPECT_THAT(said(head + "1@absent.mrcs 0 0\n"), ::testing::HasSubstr("there is no absent.mrcs"));
  EXPECT_THAT(said(head + "1@p.mrcs zero 0\n"), ::testing::HasSubstr("'zero', no number"));
}

TEST(VolumeFile, AVolumeComesBackWithItsSizeAndPlace) {
  TempFolder folder;
  Volume volume{.density = Array<float, 3>({8, 8, 8}), .voxel_size = 2.5_A, .origin = {-10, 0, 5}};
  for (Index i = 0; i < 512; ++i) volume.density.data()[i] = static_cast<float>(i);
  write_volume(folder / "v.mrc", volume);
  const Volume back = read_volume(folder / "v.mrc");
  EXPECT_EQ(back.density(1, 2, 3), volume.density(1, 2, 3));
  EXPECT_NEAR(back.voxel_size.value, 2.5, 1e-6);
  EXPECT_EQ(back.origin, volume.origin);
}

}  // namespace
}  // namespace kinema::io
