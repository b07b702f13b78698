// A bit that turns in whatever holds pixels is found and named, and all else still decodes.
#include "kinema/base/error.h"
#include "kinema/codec/container.h"
#include "kinema/io/hdf5.h"

#include <gtest/gtest.h>

#include "codec/movies.h"
#include "test_data.h"
#include <fstream>
#include <gmock/gmock.h>

namespace kinema::codec {
namespace {

using testing::HasSubstr;

constexpr int flips = 30;

/// What holds the pixels of a container: a dataset, a row of it, and the name it goes by.
struct Payload {
  const char* name;
  Coding coding;
  double dose;  // electrons a pixel and frame
  const char* dataset;
  const char* called;
  MaskKind masks = MaskKind::balanced;
};

void PrintTo(const Payload& payload, std::ostream* out) {
  *out << payload.name;
}

constexpr Quantise exact{0.0, false}, noise{};
constexpr const char* snapshots = "entry/measurement/snapshots";
const Payload payloads[] = {
    {"exact sums", {exact, EncodeMode::coded, false}, 30.0, snapshots, "snapshot 1"},
    {"steps", {noise, EncodeMode::coded, false}, 30.0, snapshots, "snapshot 1"},
    {"staggered exposures",
     {noise, EncodeMode::coded, false},
     30.0,
     snapshots,
     "snapshot 1",
     MaskKind::staggered},
    {"lossless frames", {noise, EncodeMode::lossless, false}, 30.0, snapshots, "snapshot 1"},
    {"events", {noise, EncodeMode::events, false}, 0.03, snapshots, "snapshot 1"},
    {"audited frames",
     {noise, EncodeMode::coded, false, 4, 1},
     30.0,
     "entry/audit/frames",
     "audited frame 7"}};

std::string bytes_of_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The stored bytes of row 1 of a dataset.
std::string stored_bytes(const std::filesystem::path& path, const char* dataset) {
  const io::Hid file = io::open_hdf5(path, io::Hdf5Access::read);
  const io::Chunk chunk =
      io::read_chunk(io::open_object(file, dataset), std::vector<Index>{1, 0, 0});
  return {reinterpret_cast<const char*>(chunk.bytes.data()), chunk.bytes.size()};
}

void write_container(const std::filesystem::path& path, const Payload& payload) {
  Rng rng(4);
  Array<std::uint8_t, 3> movie({20, 24, 40});
  for (std::uint8_t& pixel : movie.flat()) {
    pixel = static_cast<std::uint8_t>(rng.poisson(payload.dose));
  }
  auto source = test::source_over(movie);
  const MaskSet masks = make_masks({payload.masks, 5, 3}, 24, 40);
  Progress progress;
  ContainerWriter writer(
      path, source.format(), stored_as(payload.coding, PixelType::u8, masks), masks, {}, {});
  encode(
      source,
      masks,
      payload.coding,
      [&](const Snapshot& snapshot) { writer.append(snapshot); },
      progress);
  writer.close();
}

/// What reading everything says of each row that does not come.
std::vector<std::string> complaints(const std::filesystem::path& path) {
  const ContainerReader reader(path);
  std::vector<std::string> said;
  const auto attempt = [&](auto&& read) {
    try {
      read();
    } catch (const InputError& error) {
      said.emplace_back(error.what());
    }
  };
  for (Index s = 0; s < reader.snapshots(); ++s) attempt([&] { reader.snapshot(s); });
  for (std::size_t i = 0; i < reader.header().audited.size(); ++i) {
    attempt([&] { reader.audited(static_cast<Index>(i)); });
  }
  return said;
}

class PayloadDamage : public testing::TestWithParam<Payload> {};
INSTANTIATE_TEST_SUITE_P(Of, PayloadDamage, testing::ValuesIn(payloads), [](const auto& kind) {
  std::string name = kind.param.name;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
});

TEST_P(PayloadDamage, IsFoundAndTheRestDecodes) {
  const Payload& payload = GetParam();
  const test::TempFolder folder;
  const std::filesystem::path path = folder / "a.h5", damaged = folder / "b.h5";
  write_container(path, payload);
  ASSERT_TRUE(complaints(path).empty());
  const std::string bytes = bytes_of_file(path), stored = stored_bytes(path, payload.dataset);
  const std::size_t start = bytes.find(stored);
  ASSERT_NE(start, std::string::npos);
  Rng rng(8);
  for (int flip = 0; flip < flips; ++flip) {
    std::string turned = bytes;
    char& byte = turned[start + rng.bits() % stored.size()];
    byte = static_cast<char>(byte ^ (1 << (rng.bits() % 8)));
    std::ofstream(damaged, std::ios::binary) << turned;
    const std::vector<std::string> said = complaints(damaged);
    ASSERT_EQ(said.size(), 1U) << "flip " << flip;
    EXPECT_THAT(said[0], HasSubstr(payload.called));
    EXPECT_THAT(said[0], HasSubstr("damaged"));
  }
}

}  // namespace
}  // namespace kinema::codec
