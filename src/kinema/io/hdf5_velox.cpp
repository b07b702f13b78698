// Velox EMD: /Data/Image/<id>/Data is (Y, X, T), beside it one JSON text per frame. What the file's
// /Operations and /Presentation say is not needed. The layout is that of public readers
// (RosettaSciIO, openNCEM) and of files of Velox 2 and 3.
#include "kinema/io/date_text.h"
#include "kinema/io/hdf5_flavours.h"
#include "kinema/io/hdf5_links.h"
#include "kinema/io/hdf5_tree.h"
#include "kinema/io/hdf5_value.h"

#include <algorithm>
#include <cmath>

namespace kinema::io {
namespace {

constexpr std::size_t most_images = 1000;
const std::string images_group = "Data/Image";

/// What the file says of one frame; null where it says nothing that can be read.
Json frame_metadata(hid_t group, Index frame) {
  const Hid dataset = find_object(group, "Metadata");
  if (!dataset.is_open() || !is_dataset(dataset)) return nullptr;
  const auto text = column_text(dataset, frame);
  return text ? parse_foreign_json(*text) : Json();
}

/// What the file says of the detector that made the image.
Json detector_of(const Json& metadata) {
  const auto name = text_in(member(metadata, {"BinaryResult", "Detector"}));
  const Json detectors = member(metadata, {"Detectors"});
  for (const Json& detector : detectors.is_object() ? detectors : Json::object()) {
    if (name && text_in(member(detector, {"DetectorName"})) == name) return detector;
  }
  const auto index = text_in(member(metadata, {"BinaryResult", "DetectorIndex"}));
  return index ? member(detectors, {"Detector-" + *index}) : Json();
}

std::string detector_name(const Json& metadata) {
  const auto name = text_in(member(metadata, {"BinaryResult", "Detector"}));
  return name ? *name : text_in(member(detector_of(metadata), {"DetectorName"})).value_or("");
}

bool is_complex_image(hid_t dataset) {
  return is_complex(hdf5_pixels(dataset).type);
}

/// By detector; a second one of the same name gets a number.
std::string unused_name(const std::vector<Hdf5Image>& images, const std::string& wanted) {
  std::string name = wanted;
  const auto is_taken = [&](const Hdf5Image& image) { return image.name == name; };
  for (int n = 2; std::any_of(images.begin(), images.end(), is_taken); ++n) {
    name = wanted + " " + std::to_string(n);
  }
  return name;
}

/// Microseconds at which frame `frame` was taken, where the detector says.
std::optional<double> time_stamp(hid_t group, Index frame, const std::string& detector) {
  const Json metadata = frame_metadata(group, frame);
  return number_in(
      member(metadata, {"CustomProperties", "Detectors[" + detector + "].TimeStamp", "value"}));
}

/// A camera's exposure, or the time of a scan; from the frames' time stamps where these contradict.
double frame_seconds(hid_t group, const Json& metadata, Index frames, MovieInfo& info) {
  const Json detector = detector_of(metadata);
  const auto exposure = number_in(member(detector, {"ExposureTime"}));
  const auto scan = number_in(member(metadata, {"Scan", "FrameTime"}));
  const bool is_camera = text_in(member(detector, {"DetectorType"})) == "ImagingDetector";
  const double said = (is_camera ? exposure : scan).value_or(0.0);
  const std::string name = detector_name(metadata);
  if (frames < 2) return said;
  const auto first = time_stamp(group, 0, name), last = time_stamp(group, frames - 1, name);
  if (!first || !last || *last <= *first) return said;
  const double between = (*last - *first) / 1e6 / static_cast<double>(frames - 1);
  if (said > 0.0 && std::abs(between - said) < 0.05 * said) return said;
  info.notes.push_back("frame time from the frames' time stamps; the exposure is " +
                       std::to_string(said) + " s");
  return between;
}

void note_spectra(hid_t file, MovieInfo& info) {
  for (const char* kind : {"SpectrumStream", "SpectrumImage", "Spectrum"}) {
    const Hid group = find_object(file, std::string("Data/") + kind);
    if (!group.is_open() || !is_group(group)) continue;
    const std::size_t count = link_names(group).size();
    if (count == 0) continue;
    info.notes.push_back(std::to_string(count) + " of " + kind +
                         " in the file, which are left out");
  }
}

void note_lookup_table(hid_t group, Index frames, MovieInfo& info) {
  const Json table = value_at(group, "FrameLookupTable");
  for (Index t = 0; table.is_array() && t < std::min<Index>(frames, std::ssize(table)); ++t) {
    if (number_in(table[static_cast<std::size_t>(t)]) == static_cast<double>(t)) continue;
    info.notes.emplace_back(
        "its FrameLookupTable is not in order; frames are given in the order in which they lie");
    return;
  }
}

Axis image_axis(const Json& metadata, const char* name, Index size, const char* edge) {
  const Json result = member(metadata, {"BinaryResult"});
  const std::string unit_key = *name == 'x' ? "PixelUnitX" : "PixelUnitY";
  return {name,
          size,
          number_in(member(result, {"PixelSize", edge})).value_or(0.0),
          number_in(member(result, {"Offset", name})).value_or(0.0),
          text_in(member(result, {unit_key})).value_or("")};
}

}  // namespace

bool is_velox(hid_t file) {
  const Hid group = find_object(file, images_group);
  return group.is_open() && is_group(group);
}

std::vector<Hdf5Image> velox_images(hid_t file) {
  std::vector<Hdf5Image> images;
  const Hid group = require_object(file, images_group);
  for (const std::string& id : link_names(group)) {
    if (images.size() >= most_images) break;
    const Hid dataset = find_object(group, id + "/Data");
    if (!dataset.is_open() || !is_dataset(dataset)) continue;
    auto image = image_at(images_group + "/" + id + "/Data", dataset);
    if (!image) continue;
    const std::string detector = detector_name(frame_metadata(require_object(group, id), 0));
    image->name = unused_name(
        images, (detector.empty() ? id : detector) + (is_complex_image(dataset) ? " FFT" : ""));
    if (image->shape.size() == 3) image->axes = FrameAxes::frames_last;
    images.push_back(std::move(*image));
  }
  return images;
}

void describe_velox(hid_t file, const Hdf5Image& image, MovieInfo& info) {
  note_spectra(file, info);
  if (!image.path.starts_with(images_group)) return;
  const Hid group = require_object(file, image.path.substr(0, image.path.rfind('/')));
  const Json metadata = frame_metadata(group, 0);
  if (!metadata.is_object()) {
    info.notes.emplace_back("its metadata cannot be read");
    return;
  }
  const Index frames = image.shape.size() == 3 ? image.shape[2] : 1;
  const double seconds = frame_seconds(group, metadata, frames, info);
  std::vector<Axis> axes = {{"time", frames, seconds, 0.0, "s"},
                            image_axis(metadata, "y", image.shape[0], "height"),
                            image_axis(metadata, "x", image.shape[1], "width")};
  set_axes(info, std::move(axes), "header");
  if (const auto volts = number_in(member(metadata, {"Optics", "AccelerationVoltage"}));
      volts && *volts > 0.0) {
    info.voltage = {Voltage{*volts / 1000.0}, "header"};
  }
  if (const std::string name = detector_name(metadata); !name.empty()) {
    info.detector = {name, "header"};
  }
  const Json start = member(metadata, {"Acquisition", "AcquisitionStartDatetime", "DateTime"});
  if (const auto when = number_in(start); when && *when > 0.0) {
    if (const auto date = iso_date_from_seconds(*when)) info.date = {*date, "header"};
  }
  note_lookup_table(group, frames, info);
}

}  // namespace kinema::io
