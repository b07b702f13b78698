// Folders and patterns of images as one movie: their order, what is left out, what is refused.
#include "kinema/io/sequence.h"

#include "kinema/io/file_names.h"
#include "kinema/io/formats.h"
#include "kinema/io/movie_writer.h"
#include "kinema/io/sequence_files.h"

#include <gtest/gtest.h>

#include "io_test_movies.h"
#include "test_data.h"
#include <chrono>
#include <gmock/gmock.h>

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr FrameFormat small{PixelType::u16, 2, 3};

/// A file of `frames` frames whose every pixel is `number`.
void write_movie(const std::filesystem::path& path,
                 std::uint16_t number,
                 Index frames = 1,
                 FrameFormat format = small) {
  std::filesystem::create_directories(path.parent_path());
  const std::vector<std::uint16_t> pixels(static_cast<std::size_t>(frames * format.pixels()),
                                          number);
  const auto writer = MovieWriter::create(path, format, frames, {}, nullptr);
  writer->write(0, std::as_bytes(std::span(pixels)));
  writer->close();
}

/// The first pixel of each frame.
std::vector<int> numbers_in(MovieSource& source) {
  const auto bytes = read_all(source);
  std::vector<int> numbers;
  for (Index t = 0; t < source.frames().value(); ++t) {
    std::uint16_t number = 0;
    std::memcpy(&number, bytes.data() + t * source.format().bytes(), sizeof number);
    numbers.push_back(number);
  }
  return numbers;
}

class SequenceTest : public ::testing::Test {
 protected:
  std::filesystem::path at(const std::string& name) const { return folder_ / ("run/" + name); }
  std::filesystem::path run() const { return folder_ / "run"; }
  static std::string refusal(const std::filesystem::path& path) {
    return refusal_of([&] { numbers_in(*open_movie(path)); });
  }
  test::TempFolder folder_;
};

TEST(NaturalOrder, ComparesNumbersAsNumbers) {
  EXPECT_TRUE(natural_less("img2", "img10"));
  EXPECT_FALSE(natural_less("img10", "img2"));
  EXPECT_TRUE(natural_less("img007", "img8"));
  EXPECT_TRUE(natural_less("a1b2", "a1b10"));
  EXPECT_TRUE(natural_less("Img2", "img10"));
  EXPECT_TRUE(natural_less("img", "img1"));
  EXPECT_TRUE(natural_less("x99999999999999999999998", "x99999999999999999999999"));
  EXPECT_NE(natural_less("IMG1", "img1"), natural_less("img1", "IMG1"));
  EXPECT_NE(natural_less("img01", "img1"), natural_less("img1", "img01"));
  EXPECT_FALSE(natural_less("same", "same"));
}

TEST_F(SequenceTest, AFolderIsReadInNaturalOrder) {
  for (const int number : {10, 2, 1, 9}) {
    write_movie(at("img" + std::to_string(number) + ".tif"), static_cast<std::uint16_t>(number));
  }
  EXPECT_EQ(movie_format(run()), "sequence of tiff");
  EXPECT_THAT(numbers_in(*open_movie(run())), ElementsAre(1, 2, 9, 10));
}

TEST_F(SequenceTest, PatternsChooseFiles) {
  for (const int number : {7, 8, 9, 10, 11}) {
    const std::string digits = (number < 10 ? "000" : "00") + std::to_string(number);
    write_movie(at("img" + digits + ".mrc"), static_cast<std::uint16_t>(number));
  }
  write_movie(at("gain.mrc"), 0);
  EXPECT_THAT(numbers_in(*open_movie(at("img*.mrc"))), ElementsAre(7, 8, 9, 10, 11));
  EXPECT_THAT(numbers_in(*open_movie(at("img%04d.mrc"))), ElementsAre(7, 8, 9, 10, 11));
  EXPECT_THAT(numbers_in(*open_movie(at("img%d.mrc"))), ElementsAre(7, 8, 9, 10, 11));
  EXPECT_THAT(numbers_in(*open_movie(at("img000[78].mrc"))), ElementsAre(7, 8));
  EXPECT_THAT(numbers_in(*open_movie(at("img001?.mrc"))), ElementsAre(10, 11));
  EXPECT_THAT(refusal(at("img%06d.mrc")), HasSubstr("no file's name"));
  EXPECT_THAT(refusal(at("none*.mrc")), HasSubstr("no file's name"));
}

TEST_F(SequenceTest, StrayFilesAndMissingNumbersAreToldInNotes) {
  for (const int number : {1, 2, 5}) {
    write_movie(at("f" + std::to_string(number) + ".tif"), static_cast<std::uint16_t>(number));
  }
  write_bytes(at("notes.txt"), "hello");
  write_bytes(at("Thumbs.db"), "x");
  write_bytes(at(".f3.tif"), "x");
  write_bytes(at("f4.tif.partial"), "x");
  const auto source = open_movie(run());
  EXPECT_THAT(numbers_in(*source), ElementsAre(1, 2, 5));
  const std::vector<std::string>& notes = source->info().notes;
  EXPECT_THAT(notes, ::testing::Contains(HasSubstr("3 other files are left out")));
  EXPECT_THAT(notes, ::testing::Contains(HasSubstr("2 numbers are missing")));
  EXPECT_THAT(notes, ::testing::Contains(HasSubstr("3, 4")));
}

TEST_F(SequenceTest, FilesOfSeveralFramesAreConcatenated) {
  write_movie(at("a1.mrc"), 1, 2);
  write_movie(at("a2.mrc"), 2, 3);
  write_movie(at("a10.mrc"), 10, 1);
  const auto source = open_movie(run());
  EXPECT_THAT(numbers_in(*source), ElementsAre(1, 1, 2, 2, 2, 10));
  std::vector<std::uint16_t> two(static_cast<std::size_t>(2 * small.pixels()));
  source->read(4, 2, std::as_writable_bytes(std::span(two)));
  EXPECT_EQ(two.front(), 2);
  EXPECT_EQ(two.back(), 10);
}

TEST_F(SequenceTest, AFileThatDiffersIsNamed) {
  write_movie(at("a1.npy"), 1);
  write_movie(at("a2.npy"), 2, 1, {PixelType::u16, 3, 2});
  EXPECT_THAT(refusal(run()), AllOf(HasSubstr("a2.npy"), HasSubstr("3 x 2"), HasSubstr("2 x 3")));
  std::filesystem::remove(at("a2.npy"));
  write_movie(at("b.tif"), 3);
  std::filesystem::rename(at("b.tif"), at("a2.npy"));
  EXPECT_THAT(refusal(run()), AllOf(HasSubstr("a2.npy"), HasSubstr("tiff")));
}

TEST_F(SequenceTest, OfTwoFormatsThePrevailingOneIsTaken) {
  for (const int number : {1, 2, 3}) {
    write_movie(at("a" + std::to_string(number) + ".tif"), static_cast<std::uint16_t>(number));
  }
  write_movie(at("a1.mrc"), 8);
  EXPECT_THAT(numbers_in(*open_movie(run())), ElementsAre(1, 2, 3));
  write_movie(at("a2.mrc"), 8);
  write_movie(at("a3.mrc"), 8);
  EXPECT_THAT(refusal(run()), HasSubstr("as many files"));
}

TEST_F(SequenceTest, FoldersOfHoursMinutesAndSecondsAreReadInTime) {
  std::uint16_t number = 0;
  for (const char* second : {"Hour_00/Minute_59/Second_58",
                             "Hour_00/Minute_59/Second_59",
                             "Hour_01/Minute_00/Second_00",
                             "Hour_01/Minute_00/Second_01"}) {
    for (const char* frame : {"0000", "0001"}) {
      write_movie(at(std::string(second) + "/run_Frame_" + frame + ".tif"), number++);
    }
  }
  write_movie(at("overview.tif"), 99);
  const auto source = open_movie(run());
  EXPECT_THAT(numbers_in(*source), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  ASSERT_TRUE(source->info().frame_time);
  EXPECT_DOUBLE_EQ(source->info().frame_time->value, 0.5);
  EXPECT_EQ(source->info().frame_time.source, "folder names");
}

TEST_F(SequenceTest, AFrameTimeIsNotGuessedFromUnevenSeconds) {
  for (const char* name : {"Hour_00/Minute_00/Second_00/1.tif",
                           "Hour_00/Minute_00/Second_01/2.tif",
                           "Hour_00/Minute_00/Second_01/3.tif",
                           "Hour_00/Minute_00/Second_02/4.tif",
                           "Hour_00/Minute_00/Second_03/5.tif"}) {
    write_movie(at(name), 1);
  }
  EXPECT_FALSE(open_movie(run())->info().frame_time);
}

TEST_F(SequenceTest, PartsOfOtherFilesAreReadWithThem) {
  std::filesystem::create_directories(run());
  for (const char* name : {"a_000.tvips", "a_001.tvips", "a_002.tvips", "b_001.tvips"}) {
    write_bytes(at(name), "x");
  }
  const SequenceFiles found = find_sequence_files(run());
  EXPECT_THAT(found.files, ElementsAre(at("a_000.tvips"), at("b_001.tvips")));
  EXPECT_THAT(found.notes, ::testing::Contains(HasSubstr("2 files are read as part of another")));
  const std::vector<std::filesystem::path> dectris = {at("c_data_000001.h5"), at("c_master.h5")};
  for (const auto& file : dectris) write_bytes(file, "x");
  EXPECT_THAT(find_sequence_files(at("c_*")).files, ElementsAre(dectris[1]));
}

TEST_F(SequenceTest, AFolderWithoutImagesIsRefused) {
  std::filesystem::create_directories(run());
  EXPECT_THAT(refusal(run()), HasSubstr("no image files"));
}

TEST_F(SequenceTest, TenThousandFilesOpenWithinASecond) {
  write_movie(at("0.tif"), 1);
  const std::string bytes = file_text(at("0.tif"));
  for (int i = 1; i < 10000; ++i) write_bytes(at(std::to_string(i) + ".tif"), bytes);
  const auto begin = std::chrono::steady_clock::now();
  const auto source = open_movie(run());
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(source->frames(), 10000);
  RecordProperty("milliseconds", static_cast<int>(time.count() * 1e3));
#ifdef NDEBUG
  EXPECT_LT(time.count(), 1.0);
#endif
}

}  // namespace
}  // namespace kinema::io
