// NeXus: groups of NX_class NXdata with a signal and axes; `default` attributes say which is shown
// first. Described in the NeXus manual (manual.nexusformat.org, "NXdata").
#include "kinema/io/hdf5_flavours.h"
#include "kinema/io/hdf5_links.h"
#include "kinema/io/hdf5_storage.h"
#include "kinema/io/hdf5_value.h"

#include <algorithm>

namespace kinema::io {
namespace {

bool is_class(hid_t object, const char* name) {
  return is_group(object) && text_in(attribute_value(object, "NX_class")) == name;
}

/// Fields that are marked as the signal in the older way, by an attribute of their own.
std::string marked_signal(hid_t data) {
  for (const std::string& name : link_names(data)) {
    const Hid field = find_object(data, name);
    if (field.is_open() && is_dataset(field) &&
        number_in(attribute_value(field, "signal")) == 1.0) {
      return name;
    }
  }
  return "";
}

/// The signal, by the attribute, the older mark, or the usual name; not open where there is none.
std::optional<Hdf5Image> signal_of(hid_t data, const std::string& path) {
  for (const std::string& name : {text_in(attribute_value(data, "signal")).value_or(""),
                                  marked_signal(data),
                                  std::string("data")}) {
    const Hid field = name.empty() ? Hid() : find_object(data, name);
    if (!field.is_open() || !is_dataset(field)) continue;
    auto image = image_at(path + "/" + name, field);
    if (!image) continue;
    for (hid_t holder : {static_cast<hid_t>(field), data}) {
      const auto shown = text_in(attribute_value(holder, "interpretation"));
      const bool colour = shown == "rgb-image" || shown == "rgba-image";
      if (colour && image->shape.size() > 2) image->axes = FrameAxes::colour_last;
    }
    return image;
  }
  return std::nullopt;
}

/// The NXdata group to which the `default` attributes lead, from step to step or by a path from the
/// root; not open where they do not.
Hid default_data(hid_t file) {
  Hid group = find_object(file, "/");
  for (int level = 0; level < 4 && group.is_open() && is_group(group); ++level) {
    if (is_class(group, "NXdata")) return group;
    const auto next = text_in(attribute_value(group, "default"));
    if (!next) break;
    group = find_object(group, *next);
  }
  return Hid();
}

/// Names of the axes, one per dimension; "" or "." where one has none. In older files they stand
/// at the signal, in one text.
std::vector<std::string> axis_names(hid_t data, hid_t signal, std::size_t rank) {
  std::vector<std::string> names = texts_in(attribute_value(data, "axes"));
  if (names.empty()) names = texts_in(attribute_value(signal, "axes"));
  if (names.size() == 1 && rank > 1) {
    std::string text = names[0];
    names.clear();
    for (std::size_t end = 0; end != std::string::npos && names.size() < rank;) {
      end = text.find_first_of(":,");
      names.push_back(text.substr(0, end));
      if (end != std::string::npos) text.erase(0, end + 1);
    }
  }
  names.resize(rank);
  for (std::string& name : names) {
    if (name == ".") name.clear();
  }
  return names;
}

/// The first group of a class below an instrument of the entry.
Hid part_of_instrument(hid_t entry, const char* name) {
  for (const std::string& child : link_names(entry)) {
    const Hid instrument = find_object(entry, child);
    if (!instrument.is_open() || !is_class(instrument, "NXinstrument")) continue;
    for (const std::string& part : link_names(instrument)) {
      Hid object = find_object(instrument, part);
      if (object.is_open() && is_class(object, name)) return object;
    }
  }
  return Hid();
}

/// A number, or one for each frame where all are the same.
std::optional<double> one_number_at(hid_t from, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    Json value = value_at(from, path);
    const bool same = value.is_array() && !value.empty() &&
                      std::all_of(value.begin(), value.end(), [&](const Json& number) {
                        return number == value[0];
                      });
    if (const auto number = number_in(same ? value[0] : value)) return number;
  }
  return std::nullopt;
}

void describe_instrument(hid_t entry, MovieInfo& info) {
  const Hid detector = part_of_instrument(entry, "NXdetector");
  if (detector.is_open()) {
    if (const auto name = text_at(detector, {"description", "local_name", "type"})) {
      info.detector = {*name, "header"};
    }
    const auto seconds = one_number_at(detector, {"frame_time", "count_time"});
    const std::string unit =
        text_at(detector, {"frame_time@units", "count_time@units"}).value_or("s");
    if (seconds && *seconds > 0.0 && seconds_per(unit) && !info.frame_time) {
      info.frame_time = {Time{*seconds * *seconds_per(unit)}, "header"};
    }
    const auto dose = number_at(detector, {"dose_per_pixel"});
    if (dose && *dose > 0.0) info.dose = {Dose{*dose}, "header"};
  }
  const Hid source = part_of_instrument(entry, "NXsource");
  if (!source.is_open()) return;
  const auto voltage = one_number_at(source, {"voltage", "energy"});
  const std::string unit = text_at(source, {"voltage@units", "energy@units"}).value_or("");
  const bool thousands = unit == "kV" || unit == "keV";
  if (voltage && *voltage > 0.0 && (thousands || unit == "V" || unit == "eV")) {
    info.voltage = {Voltage{thousands ? *voltage : *voltage / 1000.0}, "header"};
  }
}

}  // namespace

std::vector<Hdf5Image> nexus_images(hid_t file) {
  std::vector<Hdf5Image> images;
  const Hid shown = default_data(file);
  visit_objects(file, [&](const std::string& path, hid_t object) {
    if (!is_class(object, "NXdata")) return;
    auto image = signal_of(object, path);
    if (!image) return;
    image->preferred = shown.is_open() && is_same_object(shown, object);
    images.push_back(std::move(*image));
  });
  return images;
}

void describe_nexus(hid_t file, const Hdf5Image& image, MovieInfo& info) {
  const Hid data = require_object(file, parent_path(image.path));
  const Hid signal = require_object(file, image.path);
  const std::size_t rank = image.shape.size() - (image.axes == FrameAxes::colour_last ? 1 : 0);
  const std::vector<std::string> names = axis_names(data, signal, rank);
  std::vector<Axis> axes;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    axes.push_back(names[axis].empty()
                       ? Axis{"", image.shape[axis], 0.0, 0.0, ""}
                       : axis_of_values(data, names[axis], names[axis], image.shape[axis]));
  }
  set_axes(info, std::move(axes), "header");
  const std::string entry_name = image.path.substr(0, image.path.find('/'));
  const Hid entry = find_object(file, entry_name);
  if (!entry.is_open() || !is_group(entry)) return;
  describe_instrument(entry, info);
  if (const auto date = text_at(entry, {"start_time", "end_time"})) info.date = {*date, "header"};
}

}  // namespace kinema::io
