// Movies through the reader process: the same as without it, and whatever befalls it is an error
// of one line.
#include "kinema/io/reader_process.h"

#include "kinema/io/formats.h"
#include "kinema/io/hdf5.h"
#include "kinema/io/npy.h"

#include <gtest/gtest.h>

#include "io_test_movies.h"
#include "test_data.h"
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)
using testing::HasSubstr;
using testing::Not;

class Reader : public testing::Test {
 protected:
  /// A movie of `frames` known frames.
  std::filesystem::path movie(const FrameFormat& format, Index frames) {
    const std::filesystem::path path = folder_ / "movie.npy";
    pixels_ = pixels_of(format, frames);
    write_npy(path, format.type, std::vector<Index>{frames, format.height, format.width}, pixels_);
    return path;
  }
  std::span<const std::byte> frames_of(const FrameFormat& format, Index first, Index count) const {
    return std::span(pixels_).subspan(static_cast<std::size_t>(first * format.bytes()),
                                      static_cast<std::size_t>(count * format.bytes()));
  }
  void expect_frames(MovieSource& source, Index first, Index count) const {
    const FrameFormat format = source.format();
    std::vector<std::byte> out(static_cast<std::size_t>(count * format.bytes()));
    source.read(first, count, out);
    EXPECT_TRUE(std::ranges::equal(out, frames_of(format, first, count)))
        << "frames " << first << " to " << first + count;
  }

  test::TempFolder folder_;
  std::vector<std::byte> pixels_;
};

TEST_F(Reader, GivesWhatTheFormatGives) {
  const FrameFormat format{PixelType::i16, 30, 50};
  const auto path = movie(format, 20);
  const auto here = open_movie_here(path);
  const auto there = open_in_reader(path, {}, "npy");
  EXPECT_EQ(there->format(), here->format());
  EXPECT_EQ(there->frames(), here->frames());
  EXPECT_EQ(to_json(there->info()), to_json(here->info()));
  EXPECT_EQ(there->metadata(), here->metadata());
  EXPECT_EQ(read_all(*there), read_all(*here));
}

/// Frames of which many fit a piece, of which one does, and of which none do.
TEST_F(Reader, FramesComeInAnyOrder) {
  for (const Index edge : {Index{3}, Index{700}, Index{1500}}) {
    const FrameFormat format{PixelType::u16, edge, edge + 1};
    const Index frames = edge == 3 ? 200'000 : 9;
    const auto source = open_in_reader(movie(format, frames), {}, "npy");
    for (Index t = 0; t < 5; ++t) expect_frames(*source, t, 1);
    EXPECT_TRUE(source->metadata().is_object());
    for (Index t = 5; t < 7; ++t) expect_frames(*source, t, 1);
    expect_frames(*source, 7, 2);
    expect_frames(*source, 2, 1);
    expect_frames(*source, 3, 3);
    expect_frames(*source, 0, 0);
    expect_frames(*source, 0, frames);
    expect_frames(*source, frames - 1, 1);
    EXPECT_THROW(expect_frames(*source, frames, 1), InputError);
  }
}

TEST_F(Reader, ErrorsKeepTheirWords) {
  const auto path = folder_ / "broken.npy";
  write_bytes(path, "\x93NUMPY and nothing more");
  std::string here, there;
  try {
    open_movie_here(path);
  } catch (const InputError& error) {
    here = error.what();
  }
  try {
    open_in_reader(path, {}, "npy");
  } catch (const InputError& error) {
    there = error.what();
  }
  EXPECT_NE(here, "");
  EXPECT_EQ(there, here);
  EXPECT_THROW(open_in_reader(folder_ / "absent", {}, "npy"), InputError);
}

TEST_F(Reader, AFileThatShrinksIsAnErrorWhereItsFramesAreWanted) {
  const FrameFormat format{PixelType::u8, 1200, 1000};
  const auto path = movie(format, 10);
  const auto source = open_in_reader(path, {}, "npy");
  std::filesystem::resize_file(path, 128 + static_cast<std::uintmax_t>(4 * format.bytes()));
  for (Index t = 0; t < 4; ++t) expect_frames(*source, t, 1);
  EXPECT_THROW(expect_frames(*source, 4, 1), InputError);
  expect_frames(*source, 3, 1);
}

TEST_F(Reader, ManyThreadsReadAtOnceAndLeaveNoProcess) {
  const FrameFormat format{PixelType::u16, 64, 64};
  const auto path = movie(format, 50);
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 5; ++turn) {
        expect_frames(*open_in_reader(path, {}, "npy"), 0, 50);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(Reader, OutlivesTheThreadThatOpenedIt) {
  const FrameFormat format{PixelType::u8, 8, 8};
  const auto path = movie(format, 4);
  std::unique_ptr<MovieSource> source;
  std::thread([&] { source = open_in_reader(path, {}, "npy"); }).join();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  expect_frames(*source, 0, 4);
}

TEST_F(Reader, AForkedProcessMustOpenAgain) {
  const FrameFormat format{PixelType::u8, 8, 8};
  auto source = open_in_reader(movie(format, 4), {}, "npy");
  const pid_t child = fork();
  if (child == 0) {
    std::vector<std::byte> out(64);
    try {
      source->read(0, 1, out);
    } catch (const InputError&) {
      source.reset();
      _exit(0);
    }
    _exit(1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  expect_frames(*source, 0, 4);
}

TEST_F(Reader, SignalsOfTheTerminalAreForTheParent) {
  ASSERT_EQ(setpgid(0, 0), 0);  // the signal is not for whoever runs this test
  const FrameFormat format{PixelType::u8, 8, 8};
  const auto source = open_in_reader(movie(format, 4), {}, "npy");
  const auto before = std::signal(SIGINT, SIG_IGN);
  kill(0, SIGINT);
  std::signal(SIGINT, before);
  expect_frames(*source, 0, 4);
}

TEST_F(Reader, WalksThroughSoundAndTruncatedHdf5) {
  const auto path = folder_ / "file.h5";
  {
    Hid file = open_hdf5(path, Hdf5Access::create);
    const std::vector<std::uint16_t> numbers(24);
    const Hid dataset = write_dataset<const std::uint16_t>(
        file, "entry/data", numbers, std::vector<Index>{2, 3, 4});
    write_attribute(dataset, "texts", std::vector<std::string>{"a", "b"});
    write_text_dataset(file, "entry/text", "some text");
    file.close();
  }
  EXPECT_NO_THROW(probe_hdf5(path));
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  EXPECT_THROW(probe_hdf5(path), InputError);
}

/// A reader that misbehaves stands in for kinema_reader.
class Misbehaviour : public testing::Test {
 protected:
  Misbehaviour() { setenv("KINEMA_MODULE_PATH", test::fake_reader_folder().c_str(), 1); }
  ~Misbehaviour() override { unsetenv("KINEMA_MODULE_PATH"); }

  /// What is said when a file is opened whose reader does what `word` says.
  std::string refusal(const std::string& word, const ReaderLimits& limits = {}) {
    const std::filesystem::path path = folder_ / "movie.h5";
    write_bytes(path, word + "\n");
    const auto start = std::chrono::steady_clock::now();
    std::string said;
    try {
      const auto source = open_in_reader(path, {}, "hdf5", limits);
      std::vector<std::byte> out(static_cast<std::size_t>(source->format().bytes()));
      source->read(0, 1, out);
    } catch (const InputError& error) {
      said = error.what();
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    EXPECT_LT(taken.count(), 10.0) << word;
    EXPECT_THAT(said, Not(HasSubstr("\n"))) << word;
    EXPECT_LT(said.size(), 5000U) << word;
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << word;
    return said;
  }
  test::TempFolder folder_;
};

TEST_F(Misbehaviour, DyingIsToldWithItsCause) {
  EXPECT_THAT(refusal("abort"), HasSubstr("the reader of hdf5 files stopped (abort"));
  EXPECT_THAT(refusal("abort"), HasSubstr("while opening it: the file is damaged"));
  EXPECT_THAT(refusal("exit"), HasSubstr("code 3"));
  EXPECT_THAT(refusal("close"), HasSubstr("closed its socket"));
  EXPECT_THAT(refusal("short message", {.wall = {1.0, 1e6}}), HasSubstr("after 1 s"));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_THAT(refusal("segfault"), HasSubstr("segmentation fault"));
  EXPECT_THAT(refusal("late crash"), HasSubstr("segmentation fault) while reading frames 0:1"));
  EXPECT_THAT(refusal("allocate", {.memory = Index{300} << 20}), HasSubstr("stopped (abort"));
#endif
}

TEST_F(Misbehaviour, HangingIsStopped) {
  EXPECT_THAT(refusal("hang", {.wall = {0.5, 1e6}}), HasSubstr("after 0.5 s without an answer"));
  EXPECT_THAT(refusal("late hang", {.wall = {0.5, 1e6}}), HasSubstr("while reading frames 0:1"));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_THAT(refusal("spin", {.open_cpu = {0.5, 1e6}}), HasSubstr("0.5 s of processor time"));
#endif
}

TEST_F(Misbehaviour, NothingThatIsSaidIsTrusted) {
  for (const char* word : {"garbage",
                           "huge message",
                           "unknown kind",
                           "no JSON",
                           "deep JSON",
                           "many values",
                           "no info",
                           "huge frames",
                           "many frames",
                           "negative frames",
                           "no height"}) {
    EXPECT_THAT(refusal(word), HasSubstr("makes no sense")) << word;
  }
  EXPECT_THAT(refusal("ugly error"), HasSubstr("xxxx ..."));
}

}  // namespace
}  // namespace kinema::io
