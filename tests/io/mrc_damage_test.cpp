// MRC files cut anywhere and with any bit flipped: data or an InputError, whoever wrote them.
#include "kinema/base/error.h"
#include "kinema/base/options.h"
#include "kinema/io/formats.h"
#include "kinema/io/validate.h"

#include <gtest/gtest.h>

#include "io_test_movies.h"
#include "test_data.h"

namespace kinema::io {
namespace {

constexpr const char* samples[] = {"mrcfile/mrc/EMD-3001.map",
                                   "mrcfile/mrc/EMD-3197.map.bz2",
                                   "rsciio/mrc/HAADFscan.mrc",
                                   "rsciio/mrc/ROI_Random_Scan_movie.mrc",
                                   "rsciio/mrc/ROI_Random_Scan_Sum.mrc",
                                   "cryodrgn/mrc/relion31.mrcs",
                                   "cryodrgn/mrc/spike-vol.mrc",
                                   "cryodrgn/mrc/toy_projections.mrcs"};

/// All that is done with a movie: its facts, its tree, its first and last frame, its departures.
/// True where it opened.
bool use(const std::filesystem::path& path) {
  EXPECT_NO_THROW(validate_mrc(path));
  try {
    const auto source = open_movie(path);
    source->metadata().dump(-1, ' ', false, Json::error_handler_t::replace);
    std::vector<std::byte> frame(static_cast<std::size_t>(source->format().bytes()));
    source->read(0, 1, frame);
    source->read(source->frames().value() - 1, 1, frame);
    return true;
  } catch (const InputError&) {
    return false;
  }
}

class MrcDamage : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const auto sample = test::test_data("formats") / GetParam();
    KINEMA_REQUIRE_DATA(sample);
    bytes_ = test_movies::file_text(sample);
    test_movies::write_bytes(path_, bytes_);
  }

  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "movie";
  std::string bytes_;
};

TEST_P(MrcDamage, ACutFileIsRefused) {
  ASSERT_TRUE(use(path_));
  for (std::size_t i = 64; i-- > 0;) {
    // Half of them within the headers, half of them anywhere.
    const std::size_t size = i < 32 ? i * 40 : bytes_.size() * (i - 31) / 33 - 1;
    std::filesystem::resize_file(path_, size);
    EXPECT_FALSE(use(path_)) << size;
  }
}

TEST_P(MrcDamage, AFlippedBitIsDataOrAnError) {
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  std::uint64_t state = 88172645463325252U;
  for (int i = 0; i < 300; ++i) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    const std::size_t within =
        i % 3 == 0 ? bytes_.size() : std::min<std::size_t>(1920, bytes_.size());
    const std::size_t at = state % within;
    const auto flipped = static_cast<char>(bytes_[at] ^ (1 << (state >> 40) % 8));
    file.seekp(static_cast<std::streamoff>(at)).put(flipped).flush();
    use(path_);
    file.seekp(static_cast<std::streamoff>(at)).put(bytes_[at]).flush();
  }
}

INSTANTIATE_TEST_SUITE_P(Samples, MrcDamage, ::testing::ValuesIn(samples), [](const auto& sample) {
  std::string name = std::filesystem::path(sample.param).filename().string();
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
  return name;
});

}  // namespace
}  // namespace kinema::io
