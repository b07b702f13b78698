// Groups that are kept frame by frame: exact, cheap where electrons are rare, and found where the
// scene breaks.
#include "kinema/codec/container.h"
#include "kinema/codec/decode.h"
#include "kinema/codec/encode_kernel.h"
#include "kinema/codec/group_keeper.h"

#include <gtest/gtest.h>

#include "codec/movies.h"
#include "test_data.h"
#include <random>

namespace kinema::codec {
namespace {

using test::disk_movie;
using test::random_movie;
using test::source_over;

constexpr Coding lossless{{}, EncodeMode::lossless, true};

/// Encoded into a file of `path`, and its header.
template <class T>
ContainerHeader encoded(const Array<T, 3>& movie,
                        const Coding& coding,
                        const std::filesystem::path& path,
                        Index ratio = 5) {
  auto source = source_over(movie);
  Progress progress;
  const MaskSet masks =
      make_masks({MaskKind::balanced, ratio, 3}, movie.shape()[1], movie.shape()[2]);
  ContainerWriter writer(
      path, source.format(), stored_as(coding, source.format().type, masks), masks, {}, {});
  encode(
      source, masks, coding, [&](const Snapshot& s) { writer.append(s); }, progress);
  writer.close();
  return ContainerReader(path).header();
}

template <class T>
void expect_exact(const Array<T, 3>& movie) {
  const test::TempFolder folder;
  const ContainerHeader header = encoded(movie, lossless, folder / "a.h5");
  EXPECT_EQ(lossless_frames(header.groups), movie.shape()[0]);
  const Measurement read = read_measurement(folder / "a.h5");
  Progress progress;
  const Decoded decoded = decode(read, {}, progress);
  ASSERT_EQ(decoded.movie.frames.shape(), movie.shape());
  for (Index i = 0; i < movie.size(); ++i) {
    ASSERT_EQ(decoded.movie.frames.data()[i], static_cast<float>(movie.data()[i])) << i;
  }
  EXPECT_EQ(decoded.groups[0].mode, GroupMode::lossless);
  auto source = source_over(movie);
  const Measurement memory =
      encode(source, make_masks({MaskKind::balanced, 5, 3}, 20, 33), progress, lossless);
  const auto &a = std::get<Array<float, 3>>(memory.snapshots),
             &b = std::get<Array<float, 3>>(read.snapshots);
  EXPECT_TRUE(std::equal(a.flat().begin(), a.flat().end(), b.flat().begin(), b.flat().end()));
}

TEST(Lossless, FramesComeBackAsTheyWere) {
  const Shape<3> shape{12, 20, 33};
  expect_exact(random_movie<std::uint8_t>(shape, 1));
  expect_exact(random_movie<std::int8_t>(shape, 2));
  expect_exact(random_movie<std::uint16_t>(shape, 3));
  expect_exact(random_movie<std::int16_t>(shape, 4));
  expect_exact(random_movie<float>(shape, 5));
}

TEST(Lossless, DoublesAreRefused) {
  const test::TempFolder folder;
  EXPECT_THROW(encoded(random_movie<double>({6, 16, 16}, 1), lossless, folder / "a.h5"),
               InputError);
}

/// Electrons on a scene of two halves, one twice as bright.
Array<std::uint8_t, 3> electrons(const Shape<3>& shape, double rate) {
  Array<std::uint8_t, 3> movie(shape);
  std::mt19937 random(8);
  for (Index i = 0; i < movie.size(); ++i) {
    const bool bright = i % shape[2] > shape[2] / 2;
    movie.data()[i] = static_cast<std::uint8_t>(
        std::poisson_distribution<int>((bright ? 4.0 : 2.0) / 3.0 * rate)(random));
  }
  return movie;
}

TEST(GroupKeeper, FewElectronsAreKeptAndManyAreCoded) {
  const test::TempFolder folder;
  const auto few = encoded(electrons({20, 128, 128}, 0.03), {}, folder / "few.h5", 10);
  EXPECT_EQ(lossless_frames(few.groups), 20);
  const auto many = encoded(electrons({20, 128, 128}, 3.0), {}, folder / "many.h5", 10);
  EXPECT_EQ(lossless_frames(many.groups), 0);
  const double bits = 8.0 * static_cast<double>(ContainerReader(folder / "few.h5").stored_bytes()) /
                      (20.0 * 128.0 * 128.0);
  EXPECT_LT(bits, 0.25);  // the entropy of such counts is 0.19 bits, frames are small
}

TEST(GroupKeeper, BreaksAreKept) {
  const test::TempFolder folder;
  Array<float, 3> scene = disk_movie({40, 96, 96}, 0.5);
  // From frame 13 on another scene, and one blank frame, 31.
  for (Index t = 13; t < 40; ++t) {
    for (float& pixel : scene[t].flat()) pixel = 250.0F - pixel;
  }
  for (float& pixel : scene[31].flat()) pixel = 5.0F;
  Array<std::uint16_t, 3> movie(scene.shape());
  std::mt19937 random(8);
  for (Index i = 0; i < movie.size(); ++i) {
    movie.data()[i] = std::poisson_distribution<std::uint16_t>(
        static_cast<double>(scene.data()[i]) / 4.0)(random);
  }
  const auto groups = encoded(movie, {}, folder / "a.h5", 5).groups;
  for (std::size_t s = 0; s < groups.size(); ++s) {
    const bool broken = s == 2 || s == 6;
    EXPECT_EQ(groups[s].mode == GroupMode::lossless, broken) << "group " << s;
  }
}

TEST(GroupKeeper, MotionAndRestAreNoBreaks) {
  const test::TempFolder folder;
  for (const double speed : {0.0, 0.5, 3.0}) {
    const auto header = encoded(disk_movie({30, 64, 96}, speed), {}, folder / "a.h5", 6);
    EXPECT_EQ(lossless_frames(header.groups), 0) << speed;
    std::filesystem::remove(folder / "a.h5");
  }
}

}  // namespace
}  // namespace kinema::codec
