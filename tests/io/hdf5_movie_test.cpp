// Movies in HDF5 files: which dataset is the image, in which order its frames come, and what is
// refused.
#include <hdf5.h>

#include "hdf5_test_file.h"
#include <gmock/gmock.h>
#include <numeric>

namespace kinema::io {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Hdf5Movie : public Hdf5TestFile {};

TEST_F(Hdf5Movie, TheLargestDatasetOfThreeAxesIsTheMovie) {
  {
    const Hid file = create();
    add(file, "big_image", {40, 50});
    add(file, "group/movie", {3, 4, 5});
    add(file, "curve", {9000});
  }
  const auto movie = open();
  EXPECT_EQ(movie->frames(), 3);
  EXPECT_EQ(movie->format(), (FrameFormat{PixelType::u16, 4, 5}));
  EXPECT_EQ(movie->info().dataset, "group/movie");
  EXPECT_THAT(movie->info().datasets, ElementsAre("big_image", "group/movie"));
  EXPECT_EQ(numbers(*movie, 2, 1).front(), 41);
  EXPECT_EQ(open("/big_image")->format().width, 50);
  EXPECT_THAT(refusal("absent"), HasSubstr("big_image, group/movie"));
  EXPECT_THAT(refusal("curve"), HasSubstr("group/movie"));
}

TEST_F(Hdf5Movie, LeadingAxesFlattenWhateverTheChunks) {
  const std::vector<std::vector<Index>> chunks = {
      {1, 1, 2, 3}, {2, 3, 5, 4}, {1, 2, 4, 5}, {5, 2, 4, 5}};
  for (const auto& chunk : chunks) {
    {
      const Hid file = create(), properties = chunked_properties(chunk);
      H5Pset_deflate(properties, 1);
      add(file, "scan", {5, 7, 5, 6}, properties);
    }
    const auto movie = open();
    ASSERT_EQ(movie->frames(), 35);
    std::vector<std::uint16_t> all(35 * 30);
    std::iota(all.begin(), all.end(), std::uint16_t{1});
    EXPECT_EQ(numbers(*movie, 0, 35), all);
    for (const auto& [first, count] : std::vector<std::pair<Index, Index>>{
             {0, 1}, {34, 1}, {3, 20}, {6, 2}, {7, 14}, {13, 22}, {1, 33}}) {
      const std::vector<std::uint16_t> part(all.begin() + first * 30,
                                            all.begin() + (first + count) * 30);
      EXPECT_EQ(numbers(*movie, first, count), part) << first << " " << count;
    }
  }
}

TEST_F(Hdf5Movie, OtherByteOrdersAndTypesBecomeOurs) {
  {
    const Hid file = create();
    const Index shape[] = {1, 2, 2};
    const std::int16_t values[] = {-2, 300, 7, 0};
    const Hid big = create_dataset(file, "big", H5T_STD_I16BE, shape);
    write_elements(big, H5T_NATIVE_INT16, values);
    const Hid boolean(H5Tenum_create(H5T_NATIVE_INT8));
    const signed char no = 0, yes = 1, flags[] = {1, 0, 0, 1};
    H5Tenum_insert(boolean, "FALSE", &no);
    H5Tenum_insert(boolean, "TRUE", &yes);
    write_elements(create_dataset(file, "flags", boolean, shape), boolean, flags);
    const Hid complex = hdf5_pixel_type(PixelType::c64);
    const float parts[] = {1, -1, 2, -2, 3, -3, 4, -4};
    write_elements(create_dataset(file, "waves", complex, shape), complex, parts);
    const Hid rgb = hdf5_pixel_type(PixelType::rgb);
    const unsigned char colours[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    write_elements(create_dataset(file, "colours", rgb, shape), rgb, colours);
    create_dataset(file, "opaque", Hid(H5Tcreate(H5T_OPAQUE, 4)), shape);
  }
  const auto big = open("big");
  EXPECT_EQ(big->format().type, PixelType::i16);
  std::int16_t values[4];
  big->read(0, 1, std::as_writable_bytes(std::span(values)));
  EXPECT_THAT(values, ElementsAre(-2, 300, 7, 0));
  EXPECT_EQ(open("flags")->format().type, PixelType::u8);
  EXPECT_EQ(std::to_integer<int>(test_movies::read_all(*open("flags"))[3]), 1);
  EXPECT_EQ(open("waves")->format().type, PixelType::c64);
  EXPECT_EQ(open("colours")->format().type, PixelType::rgb);
  EXPECT_EQ(std::to_integer<int>(test_movies::read_all(*open("colours"))[11]), 12);
  EXPECT_THAT(refusal("opaque"), HasSubstr("'opaque' is no image"));
}

TEST_F(Hdf5Movie, WhatIsDeclaredAndNotStoredIsRefused) {
  {
    const Hid file = create();
    const std::vector<Index> shape = {1000, 10000, 10000}, chunk = {1, 10000, 10000};
    create_dataset(file, "empty", hdf5_type(PixelType::u8), shape, {}, chunked_properties(chunk));
  }
  EXPECT_THAT(refusal(), HasSubstr("declares 100000000000 bytes and holds 0"));
}

TEST_F(Hdf5Movie, ChunksThatWereNeverWrittenReadAsTheFillValue) {
  for (const bool packed : {false, true}) {
    {
      const Hid file = create();
      const std::vector<Index> shape = {4, 3, 5}, chunk = {1, 2, 5};
      const Hid properties = chunked_properties(chunk), type = hdf5_type(PixelType::u16);
      const std::uint16_t fill = 7;
      H5Pset_fill_value(properties, type, &fill);
      if (packed) H5Pset_deflate(properties, 1);
      const std::vector<std::uint16_t> frame(15, 9);
      write_rows(
          create_dataset(file, "movie", type, shape, {}, properties), type, 2, 1, frame.data());
    }
    const auto movie = open();
    EXPECT_EQ(numbers(*movie, 1, 1), std::vector<std::uint16_t>(15, 7));
    EXPECT_EQ(numbers(*movie, 2, 1), std::vector<std::uint16_t>(15, 9));
    EXPECT_THAT(movie->info().notes, ElementsAre(HasSubstr("6 of 8 chunks were never written")));
  }
}

TEST_F(Hdf5Movie, LinksStayInTheFilesOwnFolder) {
  const auto other = folder_ / "other.h5";
  {
    const Hid file = open_hdf5(other, Hdf5Access::create);
    add(file, "frames", {2, 3, 4});
  }
  {
    const Hid file = create();
    H5Lcreate_external("other.h5", "/frames", file, "beside", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("gone.h5", "/frames", file, "gone", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("../other.h5", "/frames", file, "outside", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external(other.c_str(), "/frames", file, "absolute", H5P_DEFAULT, H5P_DEFAULT);
    create_soft_link(file, "/round", "round");
  }
  EXPECT_EQ(open()->frames(), 2);
  EXPECT_EQ(numbers(*open("beside"), 1, 1).front(), 13);
  EXPECT_THAT(refusal("gone"), HasSubstr("gone.h5"));
  EXPECT_THAT(refusal("outside"), HasSubstr("outside"));
  EXPECT_EQ(numbers(*open("absolute"), 1, 1).front(), 13);
  EXPECT_EQ(open("beside")->plain_offset(), std::nullopt);  // its bytes are another file's
  EXPECT_NE(refusal("round"), "");
}

TEST_F(Hdf5Movie, AFileWithoutAnImageSaysWhatItHoldsInstead) {
  add(create(), "curve", {50});
  EXPECT_THAT(refusal(), HasSubstr("'curve' has the shape (50), which is no image"));
  const std::vector<Index> shape = {3, 4, 5};
  create_dataset(create(), "blobs", Hid(H5Tcreate(H5T_OPAQUE, 4)), shape);
  EXPECT_THAT(refusal(), HasSubstr("'blobs' holds opaque bytes"));
  EXPECT_THAT(refusal("blobs"), HasSubstr("'blobs' is no image: it holds opaque bytes"));
  H5Lcreate_external("gone.h5", "/frames", create(), "movie", H5P_DEFAULT, H5P_DEFAULT);
  EXPECT_THAT(refusal(), HasSubstr("'movie' lies in gone.h5, which is not beside this file"));
}

TEST_F(Hdf5Movie, TheMetadataIsTheTreeOfTheFile) {
  {
    const Hid file = create();
    const Hid movie = add(file, "run/movie", {3, 10, 10});
    write_attribute(movie, "units", std::string("counts"));
    const std::vector<double> times = {0.5, 1.0};
    const Index shape[] = {2};
    write_dataset<const double>(file, "run/time", times, shape);
    write_text_dataset(file, "run/title", "nanocrystals \xB5m");
  }
  const Json tree = open()->metadata();
  EXPECT_EQ(tree["run"]["movie"]["@units"], "counts");
  EXPECT_EQ(tree["run"]["movie"]["type"], "uint16");
  EXPECT_EQ(tree["run"]["time"], Json({0.5, 1.0}));
  EXPECT_EQ(tree["run"]["title"], "nanocrystals \u00B5m");
}

}  // namespace
}  // namespace kinema::io
