// Damaged and hostile containers: whatever is wrong, reading gives the movie's own measurement or
// one line that names the file.
#include "kinema/codec/container.h"
#include "kinema/codec/wrap.h"
#include "kinema/io/hdf5.h"

#include <gtest/gtest.h>

#include "codec/movies.h"
#include "test_data.h"
#include <cstring>
#include <fstream>
#include <functional>
#include <gmock/gmock.h>

// Two calls of the HDF5 library that no reader or writer needs.
extern "C" int H5Ldelete(hid_t parent, const char* name, hid_t access);
extern "C" int H5Adelete(hid_t object, const char* name);

namespace kinema::codec {
namespace {

using io::Hid;
using test::random_movie;
using test::source_over;
using testing::HasSubstr;
using testing::Not;

Measurement drawn() {
  const auto movie = random_movie<std::uint8_t>({13, 24, 40}, 1);
  auto source = source_over(movie);
  Progress progress;
  Measurement measurement =
      encode(source, make_masks({MaskKind::balanced, 5, 17}, 24, 40), progress);
  measurement.info.pixel_size = {PixelSize{{0.2}, {0.3}}, "header"};
  measurement.info.frame_time = {Time{0.01}, "header"};
  measurement.info.notes = {"a note"};
  return measurement;
}

Measurement given() {
  const auto y = random_movie<float>({3, 24, 40}, 2);
  const auto bits = random_movie<std::uint8_t>({4, 24, 40}, 3);
  Array<std::uint8_t, 3> zeros_and_ones = bits;
  for (std::uint8_t& bit : zeros_and_ones.flat()) bit &= 1U;
  return wrap(PixelType::f32,
              reinterpret_cast<const std::byte*>(y.data()),
              y.shape(),
              masks_from(zeros_and_ones.view()));
}

bool same_data(const Measurement& a, const Measurement& b) {
  const auto same_array = [](const auto& left, const auto& right) {
    if constexpr (!std::is_same_v<decltype(left), decltype(right)>) {
      return false;
    } else {
      return left.shape() == right.shape() &&
             std::memcmp(left.data(), right.data(), left.flat().size_bytes()) == 0;
    }
  };
  const auto same_group = [](const Group& left, const Group& right) {
    return left.first == right.first && left.frames == right.frames;
  };
  return std::visit(same_array, a.snapshots, b.snapshots) && hash_of(a.masks) == hash_of(b.masks) &&
         std::equal(a.groups.begin(), a.groups.end(), b.groups.begin(), b.groups.end(), same_group);
}

std::string bytes_of_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// What reading said; empty where it gave the right measurement. Anything else fails the test.
std::string outcome(const std::filesystem::path& path, const Measurement& truth) {
  try {
    const Measurement back = read_measurement(path);
    EXPECT_TRUE(same_data(back, truth)) << "wrong data were read without a word";
    EXPECT_TRUE(!back.noise || std::isfinite(back.noise->variance(1.0)));
    return {};
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr(path.string()));
    EXPECT_THAT(error.what(), Not(HasSubstr("\n")));
    return error.what();
  }
}

class Damage : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override { write_measurement(sound, truth, {}); }
  const Measurement truth = GetParam() ? given() : drawn();
  const test::TempFolder folder;
  const std::filesystem::path sound = folder / "sound.h5", damaged = folder / "damaged.h5";
};
INSTANTIATE_TEST_SUITE_P(Masks, Damage, testing::Bool(), [](const auto& kind) {
  return kind.param ? "Given" : "Drawn";
});

TEST_P(Damage, TruncatedFilesAreRefused) {
  const std::string bytes = bytes_of_file(sound);
  for (std::size_t size = 0; size < bytes.size(); size += bytes.size() / 150 + 1) {
    write_bytes(damaged, bytes.substr(0, size));
    EXPECT_NE(outcome(damaged, truth), "") << "cut at " << size;
  }
}

/// The bytes of a dataset, as they lie in the file in one piece.
std::string raw_bytes(const std::filesystem::path& path, const std::string& name) {
  const Hid file = io::open_hdf5(path, io::Hdf5Access::read);
  const std::vector<std::uint8_t> bytes = io::read_dataset<std::uint8_t>(file, name);
  return {bytes.begin(), bytes.end()};
}

/// Bits of what kinema itself keeps in the file. HDF5's own structures carry no checksums.
TEST_P(Damage, AFlippedBitOfATableIsFoundOrHarmless) {
  const std::string bytes = bytes_of_file(sound);
  std::vector<std::string> tables{raw_bytes(sound, "entry/hashes")};
  if (GetParam()) tables.push_back(raw_bytes(sound, "entry/masks/bits"));
  Rng rng(5);
  for (const std::string& table : tables) {
    const std::size_t start = bytes.find(table);
    ASSERT_NE(start, std::string::npos);
    for (int trial = 0; trial < 200; ++trial) {
      std::string flipped = bytes;
      char& byte = flipped[start + rng.bits() % table.size()];
      byte = static_cast<char>(byte ^ (1 << (rng.bits() % 8)));
      write_bytes(damaged, flipped);
      EXPECT_NE(outcome(damaged, truth), "");
    }
  }
}

TEST_P(Damage, EveryBitOfASnapshotIsGuarded) {
  const std::string bytes = bytes_of_file(sound);
  std::string stored;
  {
    const Hid file = io::open_hdf5(sound, io::Hdf5Access::read);
    const io::Chunk chunk = io::read_chunk(io::open_object(file, "entry/measurement/snapshots"),
                                           std::vector<Index>{1, 0, 0});
    stored.assign(reinterpret_cast<const char*>(chunk.bytes.data()), chunk.bytes.size());
  }
  const std::size_t start = bytes.find(stored);
  ASSERT_NE(start, std::string::npos);
  Rng rng(6);
  for (int trial = 0; trial < 100; ++trial) {
    std::string flipped = bytes;
    char& byte = flipped[start + rng.bits() % stored.size()];
    byte = static_cast<char>(byte ^ (1 << (rng.bits() % 8)));
    write_bytes(damaged, flipped);
    EXPECT_THAT(outcome(damaged, truth), HasSubstr("snapshot 1"));
  }
}

/// HDF5's own structures carry no checksums, and the library itself can crash on them: a reader
/// process looks through the file first.
TEST_P(Damage, AFlippedBitAnywhereCrashesNothing) {
  const std::string bytes = bytes_of_file(sound);
  Rng rng(7);
  for (int trial = 0; trial < 150; ++trial) {
    std::string flipped = bytes;
    const std::size_t at = rng.bits() % flipped.size();
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (rng.bits() % 8)));
    SCOPED_TRACE("byte " + std::to_string(at));
    write_bytes(damaged, flipped);
    outcome(damaged, truth);
  }
}

/// What is changed in the file, and a word that the refusal must say ("": must read as before).
struct Change {
  std::string name;
  std::function<void(hid_t file)> apply;
  std::string refusal;
};

template <class T>
Change attribute(const std::string& object, const std::string& name, T value, std::string refusal) {
  return {object + " " + name,
          [=](hid_t file) { io::write_attribute(io::open_object(file, object), name, value); },
          std::move(refusal)};
}

Change removed(const std::string& object, std::string refusal) {
  return {
      "no " + object, [=](hid_t file) { H5Ldelete(file, object.c_str(), 0); }, std::move(refusal)};
}

Change without(const std::string& object, const std::string& name) {
  return {object + " without " + name,
          [=](hid_t file) { H5Adelete(io::open_object(file, object), name.c_str()); },
          name};
}

/// Another dataset under the name, empty but of any declared shape.
Change replaced(const std::string& name,
                hid_t type,
                const std::vector<Index>& shape,
                const std::vector<Index>& chunk,
                std::string refusal) {
  return {name + " replaced",
          [=](hid_t file) {
            H5Ldelete(file, name.c_str(), 0);
            const Hid properties = io::chunked_properties(chunk);
            io::create_dataset(file, name, type, shape, std::vector<Index>{}, properties);
          },
          std::move(refusal)};
}

void expect_outcomes(const std::filesystem::path& sound,
                     const std::filesystem::path& damaged,
                     const Measurement& truth,
                     const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    SCOPED_TRACE(change.name);
    std::filesystem::copy_file(sound, damaged, std::filesystem::copy_options::overwrite_existing);
    {
      Hid file = io::open_hdf5(damaged, io::Hdf5Access::modify);
      change.apply(file);
      file.close();
    }
    const std::string said = outcome(damaged, truth);
    if (change.refusal.empty())
      EXPECT_EQ(said, "");
    else
      EXPECT_THAT(said, HasSubstr(change.refusal));
  }
}

const std::int64_t most = std::numeric_limits<std::int64_t>::max();

TEST_P(Damage, AttributesThatLieAreNamed) {
  const double none = std::nan("");
  expect_outcomes(
      sound,
      damaged,
      truth,
      {attribute("/", "kinema_schema", (std::int64_t{1} << 32) + 1, "schema"),
       attribute("/", "kinema_schema", std::string("one"), "kinema_schema"),
       attribute("entry", "complete", std::vector<std::int64_t>{1, 1}, "complete"),
       attribute("entry/masks", "ratio", std::int64_t{-5}, "entry/masks"),
       attribute("entry/masks", "ratio", std::int64_t{0}, "entry/masks"),
       attribute("entry/masks", "ratio", most, "entry/masks"),
       attribute("entry/masks", "kind", std::string("bal\nanced"), "entry/masks"),
       attribute("entry/masks", "kind", 3.0, "kind"),
       attribute("entry/masks", "hash", std::string(), "masks do not match their hash"),
       attribute("entry/recorded", "dtype", std::string("uint9"), "entry/recorded"),
       attribute("entry/recorded", "frames", std::int64_t{12000}, "frames"),
       attribute("entry/recorded", "pixel_size_angstrom", std::vector<double>{0.2}, "pixel_size"),
       attribute("entry/recorded", "pixel_size_angstrom", std::vector{none, 1.0}, "pixel_size"),
       attribute("entry/recorded", "frame_time_seconds", -1.0, "frame_time_seconds"),
       attribute("entry/recorded", "notes", std::vector<std::string>{"\xff\xfe"}, ""),
       attribute("entry/noise", "gain", none, "entry/noise"),
       attribute("entry/noise", "read_variance", -1.0, "entry/noise"),
       attribute("entry/noise", "change", std::string("much"), "change"),
       without("/", "kinema_schema"),
       without("entry", "complete"),
       without("entry/masks", "ratio"),
       without("entry/masks", "kind"),
       without("entry/masks", "seed"),
       without("entry/recorded", "dtype"),
       without("entry/noise", "read_variance")});
}

TEST_P(Damage, ObjectsThatAreMissingOrLieAreNamed) {
  const Hid row = io::hdf5_type(PixelType::u8), u16 = io::hdf5_type(PixelType::u16);
  const Index wide = 30000;  // 30000 x 30000 x 100 frames would be 90 GB
  expect_outcomes(
      sound,
      damaged,
      truth,
      {removed("entry", "entry"),
       removed("entry/measurement/snapshots", "snapshots"),
       removed("entry/groups", "entry/groups"),
       removed("entry/hashes", "entry/hashes"),
       removed("entry/masks", "entry/masks"),
       removed("entry/recorded", "entry/recorded"),
       removed("entry/noise", "entry/noise"),
       removed("entry/provenance", "entry/provenance"),
       removed("entry/measurement/x", ""),
       replaced("entry/hashes", row, {3, 64}, {3, 64}, "entry/hashes"),
       replaced("entry/hashes", row, {1, 16}, {1, 16}, "entry/hashes"),
       replaced("entry/hashes", row, {3}, {3}, "entry/hashes"),
       replaced("entry/groups", row, {3}, {3}, "entry/groups"),
       replaced("entry/groups", row, {3, 3}, {3, 3}, "entry/groups"),
       replaced("entry/groups", row, {Index{1} << 40}, {64}, "entry/groups"),
       replaced("entry/measurement/snapshots", u16, {3, 40}, {1, 40}, "snapshots"),
       replaced("entry/measurement/snapshots", u16, {3, 24, 40}, {3, 24, 40}, "snapshots"),
       replaced("entry/measurement/snapshots", row, {3, 24, 40}, {1, 24, 40}, "snapshots"),
       replaced("entry/measurement/snapshots", u16, {3, wide, wide}, {1, wide, wide}, "snapshots"),
       replaced("entry/measurement/snapshots", u16, {3, 24, 40}, {1, 24, 40}, "snapshot 0"),
       {"provenance that is no JSON",
        [](hid_t file) {
          H5Ldelete(file, "entry/provenance/data", 0);
          io::write_text_dataset(file, "entry/provenance/data", "{\"version\": ");
        },
        "entry/provenance/data"},
       {"provenance of other types",
        [](hid_t file) {
          H5Ldelete(file, "entry/provenance/data", 0);
          io::write_text_dataset(file, "entry/provenance/data", "{\"version\": 3}");
        },
        "'version'"}});
}

TEST_P(Damage, AHugeRatioIsRefusedBeforeMasksAreDrawn) {
  if (GetParam()) {
    expect_outcomes(sound,
                    damaged,
                    truth,
                    {attribute("entry/masks", "ratio", std::int64_t{1024}, "entry/masks/bits"),
                     removed("entry/masks/bits", "entry/masks/bits"),
                     replaced("entry/masks/bits",
                              io::hdf5_type(PixelType::u8),
                              {4, 24},
                              {4, 24},
                              "entry/masks/bits")});
  } else {
    expect_outcomes(
        sound,
        damaged,
        truth,
        {attribute("entry/masks", "ratio", std::int64_t{1024}, "do not match their hash"),
         attribute("entry/masks", "seed", std::uint64_t{18}, "do not match their hash"),
         attribute("entry/masks", "kind", std::string("given"), "entry/masks/bits")});
  }
}

/// The table of groups as it lies in the file, one field of one row changed.
TEST_P(Damage, RowsOfGroupsThatLieAreRefused) {
  struct Row {
    std::int64_t first, frames, buckets, snapshot;
    std::uint8_t mode;
    double step;
  };
  static_assert(sizeof(Row) == 48);  // 41 in the file, where step follows mode at once
  const std::string bytes = bytes_of_file(sound);
  const Group& last = truth.groups.back();
  const Row sound_row{last.first, last.frames, 1, 2, 0, 0.0};
  const std::size_t at = bytes.find(std::string(reinterpret_cast<const char*>(&sound_row), 32));
  ASSERT_NE(at, std::string::npos);
  for (const auto& lie : {+[](Row& row) { row.first = -1; },
                          +[](Row& row) { row.frames = 0; },
                          +[](Row& row) { row.frames -= 1; },
                          +[](Row& row) { row.frames = most; },
                          +[](Row& row) { row.buckets = 2; },
                          +[](Row& row) { row.snapshot = 7; },
                          +[](Row& row) { row.mode = 9; },
                          +[](Row& row) { row.step = std::nan(""); }}) {
    Row row = sound_row;
    lie(row);
    std::string changed = bytes;
    changed.replace(at, 33, reinterpret_cast<const char*>(&row), 33);
    changed.replace(at + 33, 8, reinterpret_cast<const char*>(&row.step), 8);
    write_bytes(damaged, changed);
    EXPECT_NE(outcome(damaged, truth), "");
  }
}

}  // namespace
}  // namespace kinema::codec
