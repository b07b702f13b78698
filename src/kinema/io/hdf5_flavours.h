// What a flavour of HDF5 must tell: which images its files hold, and what they say about them. A
// new flavour is one file and one line in the table of hdf5_movie.cpp.
#pragma once

#include "kinema/base/options.h"
#include "kinema/data/movie.h"
#include "kinema/io/hdf5_source.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace kinema::io {

/// One image, or movie, of a file.
struct Hdf5Image {
  std::string name;  // what --dataset takes
  std::string path;  // of its dataset, from the root; of the first where there are several parts
  std::vector<Index> shape;  // as stored
  FrameAxes axes = FrameAxes::last;
  std::vector<FramePart> parts = {};  // where the frames lie in several datasets
  bool preferred = false;             // what the file itself shows first
};

/// `describe` fills facts, axes and notes, also of a dataset that the user named by its path.
struct Hdf5Flavour {
  bool (*recognises)(hid_t file);  // null: files in which it finds images
  std::vector<Hdf5Image> (*images)(hid_t file);
  void (*describe)(hid_t file, const Hdf5Image& image, MovieInfo& info);
};

bool is_velox(hid_t file);
std::vector<Hdf5Image> velox_images(hid_t file);
void describe_velox(hid_t file, const Hdf5Image& image, MovieInfo& info);

std::vector<Hdf5Image> hspy_images(hid_t file);
void describe_hspy(hid_t file, const Hdf5Image& image, MovieInfo& info);

std::vector<Hdf5Image> ncem_images(hid_t file);
void describe_ncem(hid_t file, const Hdf5Image& image, MovieInfo& info);

bool is_dectris(hid_t file);
std::vector<Hdf5Image> dectris_images(hid_t file);
void describe_dectris(hid_t file, const Hdf5Image& image, MovieInfo& info);

std::vector<Hdf5Image> nexus_images(hid_t file);
void describe_nexus(hid_t file, const Hdf5Image& image, MovieInfo& info);

bool is_novena(hid_t file);
void describe_novena(hid_t file, const Hdf5Image& image, MovieInfo& info);

/// Plain: every dataset of two or more axes that holds pixels.
std::vector<Hdf5Image> plain_images(hid_t file);
void describe_plain(hid_t file, const Hdf5Image& image, MovieInfo& info);

// ---- what they share -------------------------------------------------------------------------

/// The dataset as an image; none where it holds no pixels or fewer than two axes.
std::optional<Hdf5Image> image_at(const std::string& path, hid_t dataset);

/// What keeps a dataset from being an image; empty where nothing does.
std::string why_no_image(hid_t dataset);

/// Path of the group that holds what lies at `path`.
std::string parent_path(const std::string& path);

/// An axis from the dataset `dataset` of `group` that holds the values along it, its first two, or
/// the edges between pixels, with their unit; step 0 where they are absent or not evenly spaced.
Axis axis_of_values(hid_t group, const std::string& dataset, const std::string& name, Index size);

/// What stands under these keys, one within the other; null where something is absent.
Json member(const Json& json, std::initializer_list<std::string> keys);

std::string number_text(double number);  // with as many digits as it needs, at most six

}  // namespace kinema::io
