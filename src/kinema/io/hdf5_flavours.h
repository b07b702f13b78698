// What a flavour of HDF5 must tell: which images its files hold, and what they say about them. A
// new flavour is one file and one line in the table of hdf5_movie.cpp.
#pragma once

#include "kinema/data/movie.h"
#include "kinema/io/hdf5_source.h"

#include <optional>
#include <string>
#include <vector>

namespace kinema::io {

/// One image, or movie, of a file.
struct Hdf5Image {
  std::string name;  // what --dataset takes
  std::string path;  // of its dataset, from the root; of the group where there are several parts
  std::vector<Index> shape;  // as stored
  FrameAxes axes = FrameAxes::last;
  std::vector<FramePart> parts = {};  // where the frames lie in several datasets
  bool preferred = false;             // what the file itself shows first
};

struct Hdf5Flavour {
  bool (*recognises)(hid_t file);
  std::vector<Hdf5Image> (*images)(hid_t file);
  /// Fills facts, axes and notes.
  void (*describe)(hid_t file, const Hdf5Image& image, MovieInfo& info);
};

// Plain: every dataset of two or more axes that holds pixels.
std::vector<Hdf5Image> plain_images(hid_t file);
void describe_plain(hid_t file, const Hdf5Image& image, MovieInfo& info);
/// The dataset as an image; none where it holds no pixels or fewer than two axes.
std::optional<Hdf5Image> image_at(const std::string& path, hid_t dataset);

}  // namespace kinema::io
