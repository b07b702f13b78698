// How HDF5 files may hold the frames of a movie: in files beside them, packed in every way, behind
// user blocks, while they are still written.
#include "kinema/io/formats.h"

#include "hdf5_test_file.h"

namespace kinema::io {
namespace {

using ::testing::HasSubstr;

class Hdf5Storage : public Hdf5TestFile {};

/// Recorders name data files by their place on the recording machine; copied together they lie side
/// by side.
TEST_F(Hdf5Storage, AbsolutePathsOfElsewhereLeadToTheFileBeside) {
  std::filesystem::create_directory(folder_ / "below");
  for (const auto& other : {folder_ / "other.h5", folder_ / "below" / "deep.h5"}) {
    add(open_hdf5(other, Hdf5Access::create), "frames", {2, 3, 4});
  }
  const std::vector<const char*> names = {
      "/recorder/visit-7/other.h5", "D:\\visit-7\\other.h5", "./other.h5", "below/deep.h5"};
  for (const char* name : names) {
    H5Lcreate_external(name, "/frames", create(), "movie", H5P_DEFAULT, H5P_DEFAULT);
    EXPECT_EQ(numbers(*open(), 1, 1).front(), 13) << name;
  }
  for (const char* name : {"/recorder/visit-7/other.h5", "other.h5", "below/deep.h5"}) {
    {
      const std::vector<hsize_t> shape = {2, 3, 4};
      const Hid space(H5Screate_simple(3, shape.data(), nullptr));
      const Hid properties(H5Pcreate(H5P_DATASET_CREATE));
      H5Pset_virtual(properties, space, name, "/frames", space);
      const std::vector<Index> extents = {2, 3, 4};
      create_dataset(create(), "movie", hdf5_type(PixelType::u16), extents, {}, properties);
    }
    EXPECT_EQ(numbers(*open(), 1, 1).front(), 13) << name;
  }
}

TEST_F(Hdf5Storage, RawFilesBesideAreReadWhereTheyHoldWhatIsDeclared) {
  const auto raw = folder_ / "frames.raw";
  const std::vector<Index> shape = {2, 3, 4};
  const auto refer_to = [&](const std::string& name, hsize_t bytes) {
    const Hid properties(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_external(properties, name.c_str(), 5, bytes);
    create_dataset(create(), "movie", hdf5_type(PixelType::u16), shape, {}, properties);
  };
  test_movies::write_bytes(raw, std::string(5 + 46, '\1') + "\2\3");
  for (const std::string& name : {std::string("frames.raw"), raw.string()}) {
    refer_to(name, 48);
    EXPECT_EQ(numbers(*open(), 1, 1).back(), 0x0302) << name;
  }
  test_movies::write_bytes(raw, std::string(5 + 40, '\1'));
  EXPECT_THAT(refusal(), HasSubstr("frames.raw, which is too short"));
  refer_to("gone.raw", 48);
  EXPECT_THAT(refusal(), HasSubstr("gone.raw, which is not beside this file"));
}

TEST_F(Hdf5Storage, FiltersMayPackWhatIsPackedAndLeaveTheEdges) {
  const std::vector<Index> chunk = {2, 2, 3};
  for (int order = 0; order < 4; ++order) {
    {
      const Hid properties = chunked_properties(chunk);
      if (order == 0) H5Pset_deflate(properties, 1);
      if (order == 1) H5Pset_shuffle(properties);
      H5Pset_deflate(properties, 9);
      if (order == 2) H5Pset_shuffle(properties);
      if (order == 3) H5Pset_chunk_opts(properties, H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS);
      add(create(), "movie", {3, 5, 7}, properties);
    }
    EXPECT_EQ(numbers(*open(), 2, 1).back(), 3 * 5 * 7) << order;
  }
}

/// A frame as RFC 8878 has it: magic number, one byte of size, and one block that is not packed.
TEST_F(Hdf5Storage, ZstandardNeedsNoPlugin) {
  std::string packed("\x28\xB5\x2F\xFD\x20\x3C\xE1\x01\x00", 9);
  for (char i = 0; i < 60; ++i) packed += i;
  {
    const std::vector<Index> shape = {2, 5, 6}, chunk = {1, 5, 6}, at = {1, 0, 0};
    const Hid file = create(), properties = chunked_properties(chunk);
    H5Pset_filter(properties, 32015, H5Z_FLAG_OPTIONAL, 0, nullptr);
    const Hid dataset =
        create_dataset(file, "movie", hdf5_type(PixelType::u16), shape, {}, properties);
    write_chunk(dataset, at, std::as_bytes(std::span(packed)), 0);
  }
  const auto movie = open();
  EXPECT_EQ(numbers(*movie, 0, 1), std::vector<std::uint16_t>(30, 0));
  EXPECT_EQ(numbers(*movie, 1, 1).front(), 0x0100);
  EXPECT_EQ(numbers(*movie, 1, 1).back(), 0x3B3A);
}

TEST_F(Hdf5Storage, AFileThatIsWrittenWhileOthersReadIsRead) {
  for (const bool swmr : {true, false}) {
    const auto live = folder_ / "live.h5";
    const Hid access(H5Pcreate(H5P_FILE_ACCESS));
    H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110);
    const Hid file(H5Fcreate(live.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access));
    {
      const std::vector<Index> chunk = {1, 3, 4};
      add(file, "movie", {5, 3, 4}, chunked_properties(chunk));
    }
    if (swmr) H5Fstart_swmr_write(file);
    H5Fflush(file, H5F_SCOPE_GLOBAL);
    const auto overwrite = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(live, path_, overwrite);
    if (swmr) {
      EXPECT_EQ(numbers(*open(), 4, 1).back(), 60);
    } else {
      EXPECT_THAT(refusal(), HasSubstr("h5clear"));
    }
  }
}

TEST_F(Hdf5Storage, UserBlocksMayBeLong) {
  for (const Index block : {512, 4096, 1 << 20}) {
    {
      const Hid creation(H5Pcreate(H5P_FILE_CREATE));
      H5Pset_userblock(creation, static_cast<hsize_t>(block));
      const Hid file(H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, creation, H5P_DEFAULT));
      add(file, "movie", {2, 3, 4});
    }
    EXPECT_EQ(movie_format(path_), "hdf5") << block;
    EXPECT_EQ(numbers(*open(), 1, 1).front(), 13);
  }
}

}  // namespace
}  // namespace kinema::io
