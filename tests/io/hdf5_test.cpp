// What is written through the HDF5 layer is read back, and what is wrong is said in one line.
#include "kinema/io/hdf5.h"

#include <gtest/gtest.h>

#include "test_data.h"
#include <fstream>

namespace kinema::io {
namespace {

class Hdf5 : public ::testing::Test {
 protected:
  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "file.h5";
};

TEST_F(Hdf5, AttributesComeBackAsTheyWere) {
  {
    Hid file = open_hdf5(path_, Hdf5Access::create);
    const Hid entry = create_group(file, "entry/deeper");
    write_attribute(entry, "text", "pixel \u00c5");
    write_attribute(entry, "text", "replaced \u00c5");
    write_attribute(entry, "axes", std::vector<std::string>{"time", "y", "x"});
    write_attribute(entry, "seed", std::uint64_t{0xFFFFFFFFFFFFFFFF});
    write_attribute(entry, "sizes", std::vector<double>{0.25, -3.0});
    file.close();
  }
  const Hid file = open_hdf5(path_, Hdf5Access::read);
  const Hid entry = open_object(file, "entry/deeper");
  EXPECT_EQ(read_text_attribute(entry, "text"), "replaced \u00c5");
  EXPECT_EQ(read_texts_attribute(entry, "axes"), (std::vector<std::string>{"time", "y", "x"}));
  EXPECT_EQ(read_number<std::uint64_t>(entry, "seed"), 0xFFFFFFFFFFFFFFFF);
  EXPECT_EQ(read_numbers<double>(entry, "sizes"), (std::vector<double>{0.25, -3.0}));
  EXPECT_FALSE(has_attribute(entry, "absent"));
  EXPECT_THROW(read_number<double>(entry, "sizes"), InputError);
  EXPECT_THROW(read_text_attribute(entry, "seed"), InputError);
  EXPECT_THROW(read_text_attribute(entry, "absent"), InputError);
}

TEST_F(Hdf5, ChunksGrowAndComeBackByteForByte) {
  const std::vector<std::byte> first(24, std::byte{7}), second(24, std::byte{9});
  {
    Hid file = open_hdf5(path_, Hdf5Access::create);
    const Index shape[] = {0, 3, 4}, grown[] = {2, 3, 4}, most[] = {-1, 3, 4}, chunk[] = {1, 3, 4};
    const Hid data = create_dataset(
        file, "entry/data", hdf5_type(PixelType::u16), shape, most, chunked_properties(chunk));
    resize_dataset(data, grown);
    write_chunk(data, std::vector<Index>{0, 0, 0}, first);
    write_chunk(data, std::vector<Index>{1, 0, 0}, second);
    create_soft_link(file, "/entry/data", "data");
    flush_hdf5(file);
    file.close();
  }
  const Hid file = open_hdf5(path_, Hdf5Access::read);
  EXPECT_EQ(link_names(file), (std::vector<std::string>{"data", "entry"}));
  EXPECT_TRUE(has_object(file, "entry/data"));
  EXPECT_FALSE(has_object(file, "entry/absent/data"));
  const Hid data = open_object(file, "data");
  EXPECT_EQ(shape_of(data), (std::vector<Index>{2, 3, 4}));
  EXPECT_EQ(chunk_of(data), (std::vector<Index>{1, 3, 4}));
  EXPECT_EQ(read_chunk(data, std::vector<Index>{0, 0, 0}).bytes, first);
  EXPECT_EQ(read_chunk(data, std::vector<Index>{1, 0, 0}).bytes, second);
  EXPECT_EQ(chunk_bytes(data, std::vector<Index>{1, 0, 0}), 24);
  std::vector<std::uint16_t> row(12);
  read_rows(data, hdf5_type(PixelType::u16), 0, 1, row.data());
  EXPECT_EQ(row[11], 0x0707);
}

TEST_F(Hdf5, AChunkThatWasNeverWrittenIsAnInputError) {
  const Hid file = open_hdf5(path_, Hdf5Access::create);
  const Index shape[] = {2, 4}, chunk[] = {1, 4};
  const Hid data =
      create_dataset(file, "data", hdf5_type(PixelType::u8), shape, {}, chunked_properties(chunk));
  EXPECT_THROW(read_chunk(data, std::vector<Index>{1, 0}), InputError);
  EXPECT_EQ(chunk_bytes(data, std::vector<Index>{1, 0}), 0);
}

TEST_F(Hdf5, WholeDatasetsAndTextComeBack) {
  const std::vector<Index> numbers = {1, -2, 3, 4, 5, 6};
  Hid file = open_hdf5(path_, Hdf5Access::create);
  write_dataset<Index>(file, "table/numbers", numbers, std::vector<Index>{3, 2});
  write_text_dataset(file, "entry_title", "a movie");
  EXPECT_EQ(read_dataset<Index>(file, "table/numbers"), numbers);
  EXPECT_EQ(read_text_dataset(file, "entry_title"), "a movie");
  EXPECT_THROW(read_dataset<Index>(file, "table/numbers", /*limit=*/5), InputError);
  EXPECT_THROW(read_dataset<Index>(file, "absent"), InputError);
}

TEST_F(Hdf5, HalfPrecisionKeepsItsBits) {
  const std::vector<Half> values = {Half(0.5F), Half(-65504.F), Half(6.0e-8F)};
  const Hid file = open_hdf5(path_, Hdf5Access::create);
  write_dataset<Half>(file, "half", values, std::vector<Index>{3});
  EXPECT_EQ(read_dataset<Half>(file, "half"), values);
}

TEST_F(Hdf5, WhatIsNotHdf5IsSaidSo) {
  EXPECT_THROW(open_hdf5(folder_ / "absent.h5", Hdf5Access::read), InputError);
  EXPECT_THROW(open_hdf5("/no_such_folder/file.h5", Hdf5Access::create), IoError);
  std::ofstream(path_) << "plain text";
  try {
    open_hdf5(path_, Hdf5Access::read);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find(path_.string()), std::string::npos);
  }
}

}  // namespace
}  // namespace kinema::io
