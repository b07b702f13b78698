// What the flavours of HDF5 share, and the plain one.
#include "kinema/io/hdf5_flavours.h"

#include "kinema/io/hdf5_error.h"
#include "kinema/io/hdf5_links.h"
#include "kinema/io/hdf5_storage.h"
#include "kinema/io/hdf5_value.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace kinema::io {
namespace {

constexpr Index most_axis_values = 1 << 20;

/// EMD writes "[n_m]" for nm.
std::string plain_unit(std::string unit) {
  if (unit.starts_with('[') && unit.ends_with(']')) unit = unit.substr(1, unit.size() - 2);
  std::erase(unit, '_');
  return unit;
}

/// By how much, relative to itself, a number of this dataset is rounded.
double rounding_of(hid_t dataset) {
  const Hid type(H5Dget_type(dataset));
  if (H5Tget_class(type) != H5T_FLOAT || H5Tget_size(type) > 4) return 0x1p-52;
  return H5Tget_size(type) == 4 ? 0x1p-23 : 0x1p-10;
}

/// Step of values that are evenly spaced to a thousandth and their rounding; 0 of others.
double even_step(const std::vector<double>& values, double rounding) {
  if (values.size() < 2) return 0.0;
  const double first = values.front(), last = values.back();
  const double mean = (last - first) / static_cast<double>(values.size() - 1);
  const double rounded = rounding * std::max(std::abs(first), std::abs(last));
  if (!(2.0 * rounded < std::abs(mean))) return 0.0;
  for (std::size_t i = 1; i < values.size(); ++i) {
    const double step = values[i] - values[i - 1];
    if (!(std::abs(step - mean) <= 1e-3 * std::abs(mean) + 2.0 * rounded)) return 0.0;
  }
  const double step = values[1] - first;
  return std::abs(mean - step) <= 1e-9 * std::abs(step) ? step : mean;
}

std::string text_of_shape(const std::vector<Index>& shape) {
  std::string text;
  for (const Index extent : shape) text += (text.empty() ? "" : ", ") + std::to_string(extent);
  return "(" + text + ")";
}

}  // namespace

std::optional<Hdf5Image> image_at(const std::string& path, hid_t dataset) {
  if (!why_no_image(dataset).empty()) return std::nullopt;
  return Hdf5Image{path, path, *extents_of(dataset)};
}

std::string why_no_image(hid_t dataset) {
  const auto extents = extents_of(dataset);
  if (!extents) return "is empty, or declares extents beyond reason";
  if (extents->size() < 2 || std::find(extents->begin(), extents->end(), 0) != extents->end()) {
    return "has the shape " + text_of_shape(*extents) + ", which is no image";
  }
  return hdf5_pixels(dataset).reason;
}

std::string parent_path(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

Axis axis_of_values(hid_t group, const std::string& dataset, const std::string& name, Index size) {
  Axis axis{name, size, 0.0, 0.0, ""};
  const Hid object = find_object(group, dataset);
  if (!object.is_open() || !is_dataset(object)) return axis;
  axis.unit = plain_unit(text_in(attribute_value(object, "units")).value_or(""));
  const Json numbers = dataset_value(object, most_axis_values);
  std::vector<double> values;
  for (const Json& number : numbers.is_array() ? numbers : Json::array()) {
    values.push_back(number_in(number).value_or(std::nan("")));
  }
  const bool edges = size > 1 && static_cast<Index>(values.size()) == size + 1;
  if (static_cast<Index>(values.size()) != size && values.size() != 2 && !edges) return axis;
  axis.step = even_step(values, rounding_of(object));
  if (std::isfinite(values.front())) axis.origin = values.front() + (edges ? axis.step / 2.0 : 0.0);
  return axis;
}

Json member(const Json& json, std::initializer_list<std::string> keys) {
  const Json* at = &json;
  for (const std::string& key : keys) {
    if (!at->is_object() || !at->contains(key)) return nullptr;
    at = &(*at)[key];
  }
  return *at;
}

std::string number_text(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", number);
  return text.data();
}

std::vector<Hdf5Image> plain_images(hid_t file) {
  std::vector<Hdf5Image> images;
  visit_objects(file, [&](const std::string& path, hid_t object) {
    if (!is_dataset(object)) return;
    if (auto image = image_at(path, object)) images.push_back(std::move(*image));
  });
  return images;
}

/// Labels of the axes, and the pixel size as ImageJ's and ilastik's files give it.
void describe_plain(hid_t file, const Hdf5Image& image, MovieInfo& info) {
  const Hid dataset = require_object(file, image.path);
  const std::vector<std::string> labels = texts_in(attribute_value(dataset, "DIMENSION_LABELS"));
  const std::size_t rank = image.shape.size();
  if (labels.size() == rank || rank > 3) {
    std::vector<Axis> axes;
    for (std::size_t axis = 0; axis < rank; ++axis) {
      axes.push_back({labels.size() == rank ? labels[axis] : "", image.shape[axis], 0.0, 0.0, ""});
    }
    set_axes(info, std::move(axes), "header");
  }
  const Json edges = attribute_value(dataset, "element_size_um");
  if (!edges.is_array() || edges.size() < 2) return;
  const auto y = number_in(edges[edges.size() - 2]), x = number_in(edges[edges.size() - 1]);
  if (x && y) set_pixel_size(info, {{*x * 1e4}, {*y * 1e4}}, "header");
}

}  // namespace kinema::io
