// NCEM EMD 0.2, Prismatic and py4DSTEM (EMD 1.0): groups marked emd_group_type that hold an array
// and one dataset per axis (dim1, dim2, ... or from dim0 on), with name and units. Described at
// emdatasets.com.
#include "kinema/io/hdf5_flavours.h"
#include "kinema/io/hdf5_links.h"
#include "kinema/io/hdf5_storage.h"
#include "kinema/io/hdf5_value.h"

#include <algorithm>

namespace kinema::io {
namespace {

bool holds_array(hid_t group) {
  const Json kind = attribute_value(group, "emd_group_type");
  return number_in(kind) == 1.0 || text_in(kind) == "array";
}

/// "data", as the description has it; Prismatic calls it otherwise: then the largest.
std::optional<Hdf5Image> array_of(hid_t group, const std::string& path) {
  std::optional<Hdf5Image> found;
  Index most = 0;
  for (const std::string& name : link_names(group)) {
    const Hid dataset = find_object(group, name);
    if (name.starts_with("dim") || !dataset.is_open() || !is_dataset(dataset)) continue;
    auto image = image_at(path + "/" + name, dataset);
    if (!image) continue;
    Index elements = 1;
    for (const Index extent : image->shape) elements *= extent;
    if (name == "data") return image;
    if (elements > most) {
      most = elements;
      found = std::move(image);
    }
  }
  return found;
}

/// kV from a number in V or kV.
void take_voltage(const std::optional<double>& voltage, MovieInfo& info) {
  if (!voltage || *voltage <= 0.0) return;
  info.voltage = {Voltage{*voltage > 3000.0 ? *voltage / 1000.0 : *voltage}, "header"};
}

}  // namespace

std::vector<Hdf5Image> ncem_images(hid_t file) {
  std::vector<Hdf5Image> images;
  visit_objects(file, [&](const std::string& path, hid_t object) {
    if (!is_group(object) || !holds_array(object)) return;
    if (auto image = array_of(object, path)) {
      image->name = path;
      images.push_back(std::move(*image));
    }
  });
  return images;
}

void describe_ncem(hid_t file, const Hdf5Image& image, MovieInfo& info) {
  const Hid group = require_object(file, parent_path(image.path));
  const int first = find_object(group, "dim0").is_open() ? 0 : 1;
  std::vector<Axis> axes;
  for (std::size_t axis = 0; axis < image.shape.size(); ++axis) {
    const std::string dim = "dim" + std::to_string(first + static_cast<int>(axis));
    axes.push_back(axis_of_values(
        group, dim, text_at(group, {dim + "@name"}).value_or(""), image.shape[axis]));
  }
  if (axes.back().name == "y" && axes[axes.size() - 2].name == "x") {
    info.notes.emplace_back("the file's first image axis is x: rows and columns are as stored");
  }
  set_axes(info, std::move(axes), "header");
  take_voltage(number_at(file,
                         {"microscope@voltage",
                          "microscope@accelerating voltage",
                          "4DSTEM_simulation/metadata/metadata_0/original/"
                          "simulation_parameters@E"}),
               info);
  if (const auto name = text_at(file, {"microscope@detector", "microscope@camera"})) {
    info.detector = {*name, "header"};
  }
  if (const auto date = text_at(file, {"microscope@date", "user@date", "experiment@date"})) {
    info.date = {*date, "header"};
  }
}

}  // namespace kinema::io
