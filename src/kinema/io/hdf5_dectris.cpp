// DECTRIS masters: an NXmx entry whose frames lie in data files beside it, linked as
// /entry/data/data_000001 and on; and the STEM images that NOVENA writes for them. Described in
// DECTRIS' documents on the HDF5 file writer and in the NXmx definition.
#include "kinema/io/hdf5_error.h"
#include "kinema/io/hdf5_flavours.h"
#include "kinema/io/hdf5_links.h"
#include "kinema/io/hdf5_storage.h"
#include "kinema/io/hdf5_value.h"

#include <algorithm>
#include <array>

namespace kinema::io {
namespace {

constexpr std::size_t most_parts = 10'000;
const std::string data_group = "entry/data", detector_group = "entry/instrument/detector/";
const std::string specific = detector_group + "detectorSpecific/";

/// The links data_000001, ... in order; without any the virtual dataset of all frames, "data".
std::vector<std::string> data_links(hid_t file) {
  std::vector<std::string> names;
  const Hid group = find_object(file, data_group);
  if (!group.is_open() || !is_group(group)) return names;
  for (const std::string& name : link_names(group)) {
    if (name.starts_with("data_0") && names.size() < most_parts) names.push_back(name);
  }
  const bool has_detector = find_object(file, specific).is_open();
  if (names.empty() && has_detector && find_object(group, "data").is_open()) names = {"data"};
  return names;
}

/// The dataset behind a link; where the linked file is absent, in one that carries the master's own
/// name, as after renaming.
FoundObject data_part(hid_t file, const std::string& name) {
  FoundObject found = follow_path(file, data_group + "/" + name);
  if (found.object.is_open()) return found;
  const auto target = external_target(find_object(file, data_group), name);
  const std::filesystem::path master = hdf5_path(file);
  const std::string stem = master.stem().string(), ending = "_master";
  if (!target || !stem.ends_with(ending)) return found;
  const std::string renamed = stem.substr(0, stem.size() - ending.size()) + "_" + name + ".h5";
  const std::filesystem::path beside = master.parent_path() / renamed;
  if (!std::filesystem::exists(beside)) return found;
  return follow_path(open_hdf5(beside, Hdf5Access::read), "/" + target->path);
}

FramePart part_of(hid_t dataset, Index frames) {
  std::array<char, 4096> path{};
  readable(H5Iget_name(dataset, path.data(), path.size() - 1), dataset, "the name of a dataset");
  return {hdf5_path(dataset), path.data(), frames};
}

/// The parts up to the first that is not there; without any, the path of the first, which says why.
Hdf5Image movie_of(hid_t file, const std::vector<std::string>& links) {
  Hdf5Image movie{data_group, data_group + "/" + links.front(), {}};
  movie.preferred = true;
  for (const std::string& name : links) {
    const FoundObject found = data_part(file, name);
    if (!found.object.is_open() || !is_dataset(found.object)) break;
    const auto image = image_at(name, found.object);
    if (!image) break;
    if (movie.shape.empty()) movie.shape = image->shape;
    const Index frames = image->shape.size() > 2 ? image->shape[0] : 1;
    if (image->shape.size() > 3 || image->shape.size() != movie.shape.size()) break;
    movie.parts.push_back(part_of(found.object, frames));
  }
  if (!movie.parts.empty()) movie.path = data_group;
  return movie;
}

void take_numbers(hid_t file, MovieInfo& info) {
  const auto electronvolts = number_at(file,
                                       {specific + "incident_energy",
                                        specific + "photon_energy",
                                        "entry/instrument/beam/incident_energy"});
  if (electronvolts && *electronvolts >= 1000.0) {
    info.voltage = {Voltage{*electronvolts / 1000.0}, "header"};
  }
  if (const auto name = text_at(file, {detector_group + "description"})) {
    info.detector = {*name, "header"};
  }
  if (const auto date = text_at(file, {specific + "data_collection_date", "entry/start_time"})) {
    info.date = {*date, "header"};
  }
}

void note_pixels(hid_t file, MovieInfo& info) {
  if (const auto edge = number_at(file, {detector_group + "x_pixel_size"})) {
    info.notes.push_back("the detector's pixels are " + number_text(*edge * 1e6) +
                         " um; the pixel size in the sample is not recorded");
  }
  const Hid mask = find_object(file, specific + "pixel_mask");
  if (!mask.is_open() || !is_dataset(mask)) return;
  const Json values = dataset_value(mask, Index{1} << 24);
  const auto bad = std::count_if(
      values.begin(), values.end(), [](const Json& value) { return number_in(value) != 0.0; });
  if (bad > 0) {
    info.notes.push_back("the pixel mask marks " + std::to_string(bad) +
                         " pixels, whose values are given as they are");
  }
}

}  // namespace

bool is_dectris(hid_t file) {
  return !data_links(file).empty() && find_object(file, detector_group).is_open();
}

std::vector<Hdf5Image> dectris_images(hid_t file) {
  std::vector<Hdf5Image> images = {movie_of(file, data_links(file))};
  for (const char* name : {"flatfield", "pixel_mask"}) {
    const Hid dataset = find_object(file, specific + name);
    if (!dataset.is_open() || !is_dataset(dataset)) continue;
    if (auto image = image_at(specific + name, dataset)) images.push_back(std::move(*image));
  }
  return images;
}

void describe_dectris(hid_t file, const Hdf5Image& image, MovieInfo& info) {
  take_numbers(file, info);
  if (image.parts.empty() || image.name != data_group) return;
  const std::vector<std::string> links = data_links(file);
  if (image.parts.size() < links.size()) {
    const std::string& name = links[image.parts.size()];
    info.notes.push_back("the movie ends before " + name + ": " + data_part(file, name).reason);
  }
  Index frames = 0;
  for (const FramePart& part : image.parts) frames += part.frames;
  const double seconds = number_at(file, {detector_group + "frame_time"}).value_or(0.0);
  const std::size_t rank = image.shape.size();
  set_axes(info,
           {{"time", frames, seconds, 0.0, "s"},
            {"y", image.shape[rank - 2], 0.0, 0.0, ""},
            {"x", image.shape[rank - 1], 0.0, 0.0, ""}},
           "header");
  note_pixels(file, info);
}

bool is_novena(hid_t file) {
  return !value_at(file, "STEM Metadata@High Tension").is_null();
}

void describe_novena(hid_t file, const Hdf5Image& image, MovieInfo& info) {
  const auto volts = number_at(file, {"STEM Metadata@High Tension"});
  if (volts && *volts > 0.0) info.voltage = {Voltage{*volts / 1000.0}, "header"};
  const std::string group = image.path.substr(0, image.path.rfind('/'));
  if (const auto channel = text_at(file, {group + "@Channel Type"})) {
    info.detector = {*channel, "header"};
  }
  if (const auto edge = number_at(file, {"STEM Metadata@Pixel Size"})) {
    info.notes.push_back("the file's pixel size of " + number_text(*edge) +
                         " has no unit and is ignored");
  }
}

}  // namespace kinema::io
