#include "kinema/codec/container.h"

#include "kinema/codec/wrap.h"
#include "kinema/io/hdf5.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "codec/movies.h"
#include "test_data.h"
#include <fstream>

namespace kinema::codec {
namespace {

using test::random_movie;
using test::source_over;

template <class T>
Measurement measured(const Array<T, 3>& movie, MaskKind kind = MaskKind::balanced) {
  auto source = source_over(movie);
  Progress progress;
  return encode(source, make_masks({kind, 5, 17}, movie.shape()[1], movie.shape()[2]), progress);
}

template <class T>
void expect_round_trip(const Measurement& measurement) {
  const test::TempFolder folder;
  write_measurement(folder / "a.h5", measurement, {});
  const Measurement back = read_measurement(folder / "a.h5");
  const auto a = std::get<Array<T, 3>>(measurement.snapshots).flat();
  const auto b = std::get<Array<T, 3>>(back.snapshots).flat();
  ASSERT_EQ(a.size(), b.size());
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin()));
  EXPECT_EQ(hash_of(back.masks), hash_of(measurement.masks));
  ASSERT_EQ(back.groups.size(), measurement.groups.size());
  EXPECT_EQ(back.groups.back().frames, measurement.groups.back().frames);
  EXPECT_EQ(back.recorded, measurement.recorded);

  // HDF5's own filter unpacks the same values.
  const io::Hid file = io::open_hdf5(folder / "a.h5", io::Hdf5Access::read);
  const auto plain = io::read_dataset<T>(file, "entry/measurement/snapshots");
  EXPECT_TRUE(std::equal(a.begin(), a.end(), plain.begin(), plain.end()));
}

TEST(Container, RoundTripsAreBitExactAndHdf5ReadsThemAlone) {
  expect_round_trip<std::uint16_t>(measured(random_movie<std::uint8_t>({12, 30, 41}, 1)));
  expect_round_trip<std::int32_t>(measured(random_movie<std::int16_t>({11, 30, 64}, 2)));
  expect_round_trip<std::int32_t>(measured(random_movie<std::uint16_t>({10, 9, 64}, 2)));
  expect_round_trip<float>(measured(random_movie<float>({11, 30, 41}, 3)));
  expect_round_trip<std::uint16_t>(measured(Array<std::uint8_t, 3>({7, 16, 16}, 3)));
}

TEST(Container, FactsTravelWithTheirSources) {
  Measurement measurement = measured(random_movie<std::uint8_t>({12, 30, 41}, 1));
  MovieInfo& info = measurement.info;
  info.pixel_size = {PixelSize{{0.2}, {0.3}}, "user"};
  info.frame_time = {Time{0.0025}, "side-car"};
  info.voltage = {Voltage{80.0}, "header"};
  info.dose = {Dose{12.5}, "header"};
  info.detector = {"K2 IS", "header"};
  info.date = {"2016-08-08T16:26:37", "header"};
  const test::TempFolder folder;
  write_measurement(folder / "a.h5", measurement, {});
  const MovieInfo back = read_measurement(folder / "a.h5").info;
  EXPECT_EQ(to_json(back), to_json(info));
}

TEST(Container, GivenMasksTravelWhole) {
  Rng rng(4);
  Array<std::uint8_t, 3> bits({4, 20, 37});
  for (std::uint8_t& bit : bits.flat()) bit = static_cast<std::uint8_t>(rng.bits() & 1U);
  const auto y = random_movie<std::uint16_t>({3, 20, 37}, 5);
  const Measurement measurement = wrap(PixelType::u16,
                                       reinterpret_cast<const std::byte*>(y.data()),
                                       y.shape(),
                                       masks_from(bits.view()),
                                       10);
  EXPECT_EQ(measurement.groups.back().frames, 2);
  expect_round_trip<std::uint16_t>(measurement);
}

TEST(Container, ADamagedSnapshotIsNamedAndTheOthersAreRead) {
  const test::TempFolder folder;
  const auto path = folder / "a.h5";
  const Measurement measurement = measured(random_movie<std::uint8_t>({15, 40, 40}, 6));
  write_measurement(path, measurement, {});
  // Flip one bit in the middle of the second snapshot's stored bytes.
  const io::Hid file = io::open_hdf5(path, io::Hdf5Access::read);
  const auto chunk = io::read_chunk(io::open_object(file, "entry/measurement/snapshots"),
                                    std::vector<Index>{1, 0, 0});
  std::string bytes;
  {
    std::ifstream in(path, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  const std::string stored(reinterpret_cast<const char*>(chunk.bytes.data()), chunk.bytes.size());
  const auto at = bytes.find(stored);
  ASSERT_NE(at, std::string::npos);
  bytes[at + stored.size() / 2] ^= 1;
  std::ofstream(folder / "b.h5", std::ios::binary) << bytes;

  const ContainerReader reader(folder / "b.h5");
  EXPECT_NO_THROW(reader.snapshot(0));
  EXPECT_NO_THROW(reader.snapshot(2));
  try {
    reader.snapshot(1);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("snapshot 1"), std::string::npos);
  }
}

TEST(Container, AnUnfinishedFileHoldsWhatWasAppended) {
  const test::TempFolder folder;
  const auto movie = random_movie<std::uint8_t>({10, 16, 16}, 7);
  const MaskSet masks = make_masks({MaskKind::balanced, 5, 1}, 16, 16);
  auto source = source_over(movie);
  Progress progress;
  {
    ContainerWriter writer(folder / "a.h5", source.format(), {PixelType::u16}, masks, {}, {});
    encode(
        source,
        masks,
        {0.0, false},
        [&](const Snapshot& snapshot) { writer.append(snapshot); },
        progress);
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "a.h5"));
  const ContainerReader reader(folder / "a.h5.partial");
  EXPECT_FALSE(reader.header().complete);
  EXPECT_EQ(reader.snapshots(), 2);
  EXPECT_EQ(reader.header().frames, 10);
}

TEST(Container, OtherFilesAreRefused) {
  const test::TempFolder folder;
  std::ofstream(folder / "text.h5") << "no HDF5 at all";
  EXPECT_THROW(ContainerReader(folder / "text.h5"), InputError);
  EXPECT_THROW(ContainerReader(folder / "absent.h5"), InputError);
  { const io::Hid other = io::open_hdf5(folder / "other.h5", io::Hdf5Access::create); }
  EXPECT_THROW(ContainerReader(folder / "other.h5"), InputError);
}

}  // namespace
}  // namespace kinema::codec
