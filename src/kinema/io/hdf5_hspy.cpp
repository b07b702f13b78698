// HyperSpy's own files (.hspy): Experiments/<name>/data, one group axis-0, axis-1, ... per axis
// with size, scale, offset, units and name, and trees of metadata. Described in HyperSpy's user
// guide.
#include "kinema/io/hdf5_flavours.h"
#include "kinema/io/hdf5_links.h"
#include "kinema/io/hdf5_value.h"

namespace kinema::io {
namespace {

const std::string experiments = "Experiments";

Axis axis_of_group(hid_t experiment, std::size_t index, Index size) {
  const std::string group = "axis-" + std::to_string(index);
  const auto text = [&](const std::string& name) {
    const std::string value = text_at(experiment, {group + "@" + name}).value_or("");
    return value == "_None_" || value == "None" || value == "<undefined>" ? std::string() : value;
  };
  return {text("name"),
          size,
          number_at(experiment, {group + "@scale"}).value_or(0.0),
          number_at(experiment, {group + "@offset"}).value_or(0.0),
          text("units")};
}

void describe_instrument(hid_t experiment, MovieInfo& info) {
  const std::string tem = "metadata/Acquisition_instrument/TEM";
  const auto kilovolts = number_at(experiment, {tem + "@beam_energy"});
  if (kilovolts && *kilovolts > 0.0) info.voltage = {Voltage{*kilovolts}, "header"};
  const auto detector = text_at(
      experiment, {tem + "/Detector/Camera@name", tem + "/Detector@name", tem + "@detector_type"});
  if (detector) info.detector = {*detector, "header"};
  const auto date = text_at(experiment, {"metadata/General@date"});
  const auto time = text_at(experiment, {"metadata/General@time"});
  if (date) info.date = {*date + (time ? "T" + *time : ""), "header"};
  const auto seconds = number_at(experiment,
                                 {tem + "/Detector/Camera@frame_time",
                                  tem + "/Detector/Camera@exposure",
                                  tem + "@exposure_time"});
  if (seconds && *seconds > 0.0 && !info.frame_time) {
    info.frame_time = {Time{*seconds}, "header"};
  }
}

}  // namespace

std::vector<Hdf5Image> hspy_images(hid_t file) {
  std::vector<Hdf5Image> images;
  const Hid group = find_object(file, experiments);
  if (!group.is_open() || !is_group(group)) return images;
  for (const std::string& name : link_names(group)) {
    const Hid dataset = find_object(group, name + "/data");
    if (!dataset.is_open() || !is_dataset(dataset)) continue;
    auto image = image_at(experiments + "/" + name + "/data", dataset);
    if (!image) continue;
    image->name = name;
    images.push_back(std::move(*image));
  }
  return images;
}

void describe_hspy(hid_t file, const Hdf5Image& image, MovieInfo& info) {
  if (!image.path.starts_with(experiments)) return;
  const Hid experiment = require_object(file, image.path.substr(0, image.path.rfind('/')));
  std::vector<Axis> axes;
  for (std::size_t axis = 0; axis < image.shape.size(); ++axis) {
    axes.push_back(axis_of_group(experiment, axis, image.shape[axis]));
  }
  set_axes(info, std::move(axes), "header");
  describe_instrument(experiment, info);
}

}  // namespace kinema::io
