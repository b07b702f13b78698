// Writers that are stopped, go on, or meet another one.
#include "kinema/codec/container.h"
#include "kinema/io/hdf5.h"

#include <gtest/gtest.h>

#include "codec/movies.h"
#include "test_data.h"

namespace kinema::codec {
namespace {

using test::disk_movie;
using test::source_over;

struct Stopped {};

class ResumeTest : public ::testing::Test {
 protected:
  /// Encodes into `name`; throws Stopped after so many groups.
  void run(const std::string& name, const Coding& coding, bool resume, Index groups = 1000) {
    auto source = source_over(movie_);
    ContainerWriter writer(folder_ / name,
                           source.format(),
                           stored_as(coding, PixelType::f32, masks_),
                           masks_,
                           {},
                           provenance_,
                           resume);
    started_after_ = writer.frames();
    encode(
        source,
        masks_,
        coding,
        [&](const Snapshot& snapshot) {
          if (groups-- == 0) throw Stopped();
          writer.append(snapshot);
        },
        progress_,
        Index{1} << 30,
        writer.frames());
    writer.close();
  }
  void expect_equal_files(const std::string& whole, const std::string& parts) {
    const ContainerReader a(folder_ / whole), b(folder_ / parts);
    EXPECT_TRUE(b.header().complete);
    ASSERT_EQ(a.snapshots(), b.snapshots());
    EXPECT_EQ(to_json(*a.header().noise).dump(), to_json(*b.header().noise).dump());
    EXPECT_NEAR(a.header().kept_dose.value_or(1.0), b.header().kept_dose.value_or(1.0), 1e-12);
    for (Index s = 0; s < a.snapshots(); ++s) {
      const Array<float, 2> one = a.snapshot(s), other = b.snapshot(s);
      EXPECT_TRUE(std::equal(one.flat().begin(), one.flat().end(), other.flat().begin()));
    }
    EXPECT_EQ(noise_rows(whole), noise_rows(parts));
  }
  std::vector<double> noise_rows(const std::string& name) {
    const io::Hid file = io::open_hdf5(folder_ / name, io::Hdf5Access::read);
    return io::read_dataset<double>(file, "entry/noise/by_group");
  }
  Array<float, 3> noisy() {
    Array<float, 3> movie = disk_movie({33, 40, 48}, 0.5);
    Rng rng(3);
    for (float& pixel : movie.flat()) pixel += static_cast<float>(4.0 * rng.normal());
    return movie;
  }

  test::TempFolder folder_;
  Array<float, 3> movie_ = noisy();
  MaskSet masks_ = make_masks({MaskKind::balanced, 5, 3}, 40, 48);
  Provenance provenance_{"", "", {{"ratio", 5}}, 0, {}, ""};
  Progress progress_;
  Index started_after_ = 0;
};

TEST_F(ResumeTest, GoesOnAsIfItHadNeverStopped) {
  for (const Coding& coding : {Coding{}, Coding::exact()}) {
    run("whole.h5", coding, false);
    EXPECT_THROW(run("parts.h5", coding, false, 2), Stopped);
    EXPECT_THROW(run("parts.h5", coding, true, 3), Stopped);
    EXPECT_EQ(started_after_, 10);
    run("parts.h5", coding, true);
    EXPECT_EQ(started_after_, 25);
    expect_equal_files("whole.h5", "parts.h5");
    std::filesystem::remove(folder_ / "whole.h5");
    std::filesystem::remove(folder_ / "parts.h5");
  }
}

TEST_F(ResumeTest, GoesOnWithSeveralSnapshotsAGroup) {
  masks_ = make_masks({MaskKind::staggered, 3, 3}, 40, 48);
  run("whole.h5", {}, false);
  EXPECT_THROW(run("parts.h5", {}, false, 1), Stopped);
  run("parts.h5", {}, true);
  EXPECT_EQ(started_after_, 12);
  expect_equal_files("whole.h5", "parts.h5");
}

TEST_F(ResumeTest, GoesOnWhereGroupsChooseTheirFrames) {
  masks_ = make_masks({MaskKind::balanced, 32, 3}, 40, 48);
  masks_.adaptive = true;
  run("whole.h5", {}, false);
  EXPECT_THROW(run("parts.h5", {}, false, 2), Stopped);
  run("parts.h5", {}, true);
  EXPECT_GT(started_after_, 0);
  EXPECT_LT(started_after_, 33);
  expect_equal_files("whole.h5", "parts.h5");
}

TEST_F(ResumeTest, BeginsWhereThereIsNothingToGoOnWith) {
  run("a.h5", {}, true);
  EXPECT_EQ(started_after_, 0);
  EXPECT_EQ(ContainerReader(folder_ / "a.h5").header().frames, 33);
}

TEST_F(ResumeTest, AnotherJobIsRefused) {
  EXPECT_THROW(run("a.h5", {}, false, 2), Stopped);
  provenance_.options["ratio"] = 6;
  EXPECT_THROW(run("a.h5", {}, true), InputError);
  provenance_.options["ratio"] = 5;
  masks_ = make_masks({MaskKind::balanced, 5, 4}, 40, 48);
  EXPECT_THROW(run("a.h5", {}, true), InputError);
  EXPECT_EQ(ContainerReader(folder_ / "a.h5.partial").header().frames, 10);
}

TEST_F(ResumeTest, ASecondWriterIsRefusedAndReadersLookIn) {
  auto source = source_over(movie_);
  ContainerWriter writer(
      folder_ / "a.h5", source.format(), {PixelType::f32, true}, masks_, {}, provenance_);
  EXPECT_THROW(run("a.h5", {}, false), InputError);
  Index seen = 0;
  encode(
      source,
      masks_,
      {},
      [&](const Snapshot& snapshot) {
        writer.append(snapshot);
        const ContainerReader reader(folder_ / "a.h5.partial");
        EXPECT_FALSE(reader.header().complete);
        ASSERT_EQ(reader.header().frames, snapshot.group.first + snapshot.group.frames);
        EXPECT_TRUE(reader.header().noise);
        reader.snapshot(seen++);
      },
      progress_);
  writer.close();
  EXPECT_EQ(seen, 7);
}

}  // namespace
}  // namespace kinema::codec
