// A file that tests of HDF5 movies fill and open.
#pragma once

#include "kinema/io/hdf5.h"
#include "kinema/io/hdf5_movie.h"
#include "kinema/io/hdf5_pixels.h"

#include <hdf5.h>

#include "io_test_movies.h"
#include "test_data.h"
#include <gmock/gmock.h>
#include <numeric>

namespace kinema::io {

class Hdf5TestFile : public ::testing::Test {
 protected:
  /// A dataset of consecutive numbers.
  Hid add(hid_t file, const std::string& name, std::vector<Index> shape, hid_t properties = -1) {
    std::vector<std::uint16_t> pixels(1);
    for (const Index extent : shape)
      pixels.resize(pixels.size() * static_cast<std::size_t>(extent));
    std::iota(pixels.begin(), pixels.end(), std::uint16_t{1});
    const Hid type = hdf5_type(PixelType::u16);
    Hid dataset = create_dataset(file, name, type, shape, {}, properties);
    write_elements(dataset, type, pixels.data());
    return dataset;
  }
  Hid create() { return open_hdf5(path_, Hdf5Access::create); }
  std::unique_ptr<MovieSource> open(const std::string& dataset = "") {
    ReadOptions options;
    options.dataset = dataset;
    return open_hdf5(path_, options);
  }
  std::string refusal(const std::string& dataset = "") {
    return test_movies::refusal_of([&] { open(dataset); });
  }
  static std::vector<std::uint16_t> numbers(MovieSource& source, Index first, Index count) {
    std::vector<std::uint16_t> out(static_cast<std::size_t>(source.format().pixels() * count));
    source.read(first, count, std::as_writable_bytes(std::span(out)));
    return out;
  }

  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "file.h5";
};

}  // namespace kinema::io
