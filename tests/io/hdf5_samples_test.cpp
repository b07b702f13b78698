// HDF5 files of other programs (Velox, NCEM EMD, Prismatic, NeXus, HyperSpy, DECTRIS): every
// dataset as an independent reader saw it, what the files say of how they were recorded, and what
// damage does.
#include "kinema/base/options.h"
#include "kinema/base/parallel.h"
#include "kinema/io/hdf5_movie.h"

#include "io_test_movies.h"
#include "sha256.h"
#include "test_data.h"
#include <algorithm>
#include <fstream>
#include <gmock/gmock.h>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

namespace kinema::io {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

bool is_hdf5_sample(const Json& entry) {
  const auto format = entry["format"].get<std::string>();
  return format.starts_with("emd/") || format.starts_with("nexus/") ||
         format.starts_with("hspy/") || format.starts_with("dectris/");
}

std::vector<std::filesystem::path> samples() {
  std::vector<std::filesystem::path> paths;
  std::ifstream file(test::test_data("formats/manifest.json"));
  const Json json = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return paths;
  for (const Json& entry : json["files"]) {
    if (!is_hdf5_sample(entry)) continue;
    paths.push_back(test::test_data("formats") / entry["path"].get<std::string>());
  }
  return paths;
}

std::unique_ptr<MovieSource> open(const std::filesystem::path& path,
                                  const std::string& dataset = "") {
  ReadOptions options;
  options.dataset = dataset;
  return open_hdf5(path, options);
}

std::unique_ptr<MovieSource> sample(const std::string& name, const std::string& dataset = "") {
  return open(test::test_data("formats") / name, dataset);
}

/// (T, Y, X) as Velox stores it, (Y, X, T).
std::vector<std::byte> frames_last(const std::vector<std::byte>& in, Index frames, Index each) {
  std::vector<std::byte> out(in.size());
  const Index pixels = std::ssize(in) / frames / each;
  for (Index i = 0; i < pixels * frames; ++i) {
    const Index from = (i % frames * pixels + i / frames) * each;
    std::copy_n(in.begin() + from, each, out.begin() + i * each);
  }
  return out;
}

std::string numpy_type(const std::string& seen) {
  return seen.find("Float") != std::string::npos ? "complex64" : seen;
}

TEST(Hdf5Samples, HoldThePixelsThatAnIndependentReaderSaw) {
  const auto manifest = test::test_data("formats/manifest.json");
  KINEMA_REQUIRE_DATA(manifest);
  std::ifstream file(manifest);
  const Json json = Json::parse(file);
  test::TempFolder folder;
  int compared = 0;
  for (const Json& entry : json["files"]) {
    if (!is_hdf5_sample(entry)) continue;
    const auto path = test::test_data("formats") / entry["path"].get<std::string>();
    for (const auto& [name, seen] : entry["observed_by_independent_reader"]["datasets"].items()) {
      auto shape = seen["shape"].get<std::vector<Index>>();
      if (shape.size() < 2) continue;
      SCOPED_TRACE(path.string() + ": " + name);
      const auto source = open(path, name);
      const Index frames = source->frames().value();
      std::vector<std::byte> pixels = test_movies::read_all(*source);
      if (name.starts_with("Data/Image") && name.ends_with("/Data")) {
        pixels = frames_last(pixels, frames, bytes_of(source->format().type));
        std::rotate(shape.begin(), shape.begin() + 2, shape.end());
      }
      EXPECT_EQ(source->format().width, shape.back());
      EXPECT_EQ(source->format().height, shape[shape.size() - 2]);
      EXPECT_EQ(to_text(source->format().type), numpy_type(seen["dtype"].get<std::string>()));
      EXPECT_EQ(test_movies::sha256(pixels, folder / "pixels"), seen["sha256_C_LE"]);
      ++compared;
    }
  }
  EXPECT_GE(compared, 20);
}

TEST(Hdf5Samples, VeloxTellsHowAMovieWasRecorded) {
  KINEMA_REQUIRE_DATA(test::test_data("formats/rsciio/emd/fei_example_tem_stack.emd"));
  const auto stack = sample("rsciio/emd/fei_example_tem_stack.emd");
  EXPECT_EQ(stack->frames(), 2);
  const MovieInfo& info = stack->info();
  EXPECT_DOUBLE_EQ(info.frame_time->value, 0.8);
  EXPECT_NEAR(info.pixel_size->x.value, 0.081728831922978511, 1e-15);
  EXPECT_DOUBLE_EQ(info.voltage->value, 300.0);
  EXPECT_EQ(*info.detector, "BM-Ceta");
  EXPECT_EQ(*info.date, "2019-12-05T10:03:44Z");
  EXPECT_EQ(info.dataset, "BM-Ceta");
  EXPECT_EQ(stack->metadata()["Data"]["Image"].front()["Metadata"]["Instrument"]["Manufacturer"],
            "FEI Company");

  const auto diffraction = sample("ncem/emd/Camera Ceta Diffraction Micro.emd");
  EXPECT_FALSE(diffraction->info().pixel_size);
  EXPECT_EQ(diffraction->info().axes.back().unit, "1/m");
  EXPECT_DOUBLE_EQ(diffraction->info().frame_time->value, 0.4);  // the camera's, not the scan's

  const auto scan = sample("ncem/emd/STEM HAADF-DF4-DF2-BF Diffraction Micro.emd");
  EXPECT_THAT(scan->info().datasets, ElementsAre("HAADF", "DF2", "BF", "DF4"));
  EXPECT_DOUBLE_EQ(scan->info().frame_time->value, 0.24706);
  EXPECT_NEAR(scan->info().pixel_size->y.value, 873.70796142255832, 1e-9);
  EXPECT_EQ(scan->metadata()["Data"]["Image"].front()["Metadata"]["BinaryResult"]["Detector"],
            "HAADF");
  EXPECT_EQ(sample("rsciio/emd/FFTComplexEven.emd")->info().dataset, "HAADF");
  EXPECT_EQ(sample("rsciio/emd/FFTComplexEven.emd", "HAADF FFT")->format(),
            (FrameFormat{PixelType::c64, 70, 36}));
}

TEST(Hdf5Samples, AxesAndFactsOfTheOtherFlavours) {
  KINEMA_REQUIRE_DATA(test::test_data("formats/rsciio/emd/Si100_3D.emd"));
  const auto prismatic = sample("rsciio/emd/Si100_3D.emd");
  EXPECT_EQ(prismatic->info().axes[1].name, "R_y");
  EXPECT_EQ(prismatic->info().axes[1].unit, "nm");
  EXPECT_DOUBLE_EQ(prismatic->info().voltage->value, 100.0);

  const auto nexus = sample("rsciio/nexus/saved_multi_signal.nxs");
  EXPECT_EQ(nexus->info().dataset, "entry1/rocks/data");
  EXPECT_THAT(nexus->info().datasets, Contains("entry2/unnamed__1/data"));
  EXPECT_EQ(nexus->frames(), 15);
  EXPECT_EQ(nexus->info().axes.size(), 4u);
  EXPECT_EQ(nexus->info().axes[0], (Axis{"yaxis", 15, 2.0, 20.0, ""}));

  const auto hspy = sample("rsciio/hspy/example2_v3.1.hspy");
  EXPECT_EQ(hspy->info().axes[1].unit, "1/nm");
  EXPECT_DOUBLE_EQ(hspy->info().voltage->value, 200.0);
  EXPECT_EQ(*hspy->info().date, "2014-07-09T18:56:37");

  EXPECT_DOUBLE_EQ(sample("ncem/dectris/au_145mm_68kx_microprobe_01.h5")->info().voltage->value,
                   300.0);
}

TEST(Hdf5Samples, AMasterWithoutItsDataFilesSaysWhichIsMissing) {
  const std::string master = "ncem/dectris/au_145mm_68kx_microprobe_01_master.h5";
  KINEMA_REQUIRE_DATA(test::test_data("formats") / master);
  try {
    sample(master);
    FAIL() << "frames from nowhere";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("au_145mm_68kx_microprobe_01_data_000001.h5"));
  }
}

/// Opens, reads a frame and the metadata; what is wrong with the file may be an InputError.
void use(const std::filesystem::path& path) {
  try {
    const auto source = open(path);
    std::vector<std::byte> frame(static_cast<std::size_t>(source->format().bytes()));
    source->read(source->frames().value() - 1, 1, frame);
    source->metadata();
  } catch (const InputError&) {
  }
}

/// Uses the file with one bit flipped, for `count` flips from `first` on. Says on `progress` which
/// one is tried.
[[noreturn]] void use_damaged(const std::filesystem::path& path,
                              int first,
                              int count,
                              int progress) {
  const std::string whole = test_movies::file_text(path);
  const std::filesystem::path damaged = path.string() + "." + std::to_string(getpid());
  for (int flip = first; flip < count; ++flip) {
    alarm(20);
    std::mt19937 random(static_cast<unsigned>(flip));
    std::string bytes = whole;
    bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
    test_movies::write_bytes(damaged, bytes);
    if (write(progress, &flip, sizeof flip) != sizeof flip) _exit(3);
    try {
      use(damaged);
    } catch (...) {
      _exit(1);
    }
  }
  std::filesystem::remove(damaged);
  _exit(0);
}

/// The HDF5 library itself may crash over a damaged file (for which reason it runs in a process of
/// its own): such flips are passed over. Ours is that nothing hangs, and that nothing but an
/// InputError comes out.
TEST(Hdf5Samples, ABitFlippedIsDataOrAnInputError) {
  test::TempFolder folder;
  constexpr int flips = 300;
  const int threads_before = threads();
  set_threads(1);  // others would not be in the children
  for (const auto& path : samples()) {
    if (!std::filesystem::exists(path)) continue;
    SCOPED_TRACE(path.string());
    const auto copy = folder / path.filename().string();
    std::filesystem::copy_file(path, copy);
    for (int first = 0; first < flips;) {
      int ends[2];
      ASSERT_EQ(pipe(ends), 0);
      const pid_t child = fork();
      if (child == 0) use_damaged(copy, first, flips, ends[1]);
      close(ends[1]);
      int last = first, tried = first;
      while (::read(ends[0], &tried, sizeof tried) == sizeof tried) last = tried;
      close(ends[0]);
      int status = 0;
      waitpid(child, &status, 0);
      EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) != 0) << "flip " << last;
      EXPECT_FALSE(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) << "flip " << last;
      first = WIFEXITED(status) && WEXITSTATUS(status) == 0 ? flips : last + 1;
    }
  }
  set_threads(threads_before);
}

}  // namespace
}  // namespace kinema::io
