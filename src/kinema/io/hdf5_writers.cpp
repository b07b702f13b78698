// Movies written as HDF5. Frames lie one after another, unpacked, so that they are read as fast as
// the disk gives them.
#include "kinema/io/hdf5_writers.h"

#include "kinema/data/provenance.h"
#include "kinema/io/file.h"
#include "kinema/io/hdf5.h"
#include "kinema/io/hdf5_pixels.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <unistd.h>

namespace kinema::io {
namespace {

/// Makes the groups of a flavour and the dataset that takes the frames.
using Layout = Hid (*)(hid_t file, const WriteRequest& request);

/// Hands all of a file to the disk.
void sync_file(const std::filesystem::path& path) {
  const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open() || fsync(file.get()) != 0) {
    throw IoError(path, "cannot be written to its end");
  }
}

class Hdf5Writer : public MovieWriter {
 public:
  Hdf5Writer(const WriteRequest& request, Layout layout)
      : path_(request.path),
        partial_(PartialFile::partial_path(path_)),
        frame_bytes_(static_cast<std::size_t>(request.format.bytes())),
        written_(static_cast<std::size_t>(request.frames), false) {
    require_file_or_nothing(path_);
    file_ = open_hdf5(partial_, Hdf5Access::create);
    type_ = hdf5_pixel_type(request.format.type);
    dataset_ = layout(file_, request);
  }

  ~Hdf5Writer() override {
    if (!file_.is_open()) return;
    dataset_ = Hid();
    file_ = Hid();
    std::error_code ignored;
    if (!keep_) std::filesystem::remove(partial_, ignored);
  }

  void write(Index first, std::span<const std::byte> frames) override {
    const auto count = static_cast<Index>(frames.size() / frame_bytes_);
    if (frames.size() % frame_bytes_ != 0 || first < 0 || first + count > std::ssize(written_)) {
      throw std::logic_error("MovieWriter: frames outside the movie, or not whole");
    }
    write_rows(dataset_, type_, first, count, frames.data());
    std::fill_n(written_.begin() + first, count, true);
  }

  void close() override {
    if (std::find(written_.begin(), written_.end(), false) != written_.end()) {
      throw std::logic_error("MovieWriter: closed before every frame was written");
    }
    dataset_.close();
    flush_hdf5(file_);
    sync_file(partial_);
    file_.close();
    std::error_code failed;
    std::filesystem::rename(partial_, path_, failed);
    if (failed) throw IoError(path_, "cannot be given its name: " + failed.message());
  }

  void keep_partial(bool keep) override { keep_ = keep; }

 private:
  std::filesystem::path path_, partial_;
  std::size_t frame_bytes_;
  std::vector<bool> written_;
  Hid file_, type_, dataset_;
  bool keep_ = false;
};

Hid group_of_class(hid_t parent, const std::string& name, const std::string& nx_class) {
  Hid group = create_group(parent, name);
  write_attribute(group, "NX_class", nx_class);
  return group;
}

Hid frames_dataset(hid_t parent, const std::string& name, const WriteRequest& request) {
  const Index shape[] = {request.frames, request.format.height, request.format.width};
  return create_dataset(parent, name, hdf5_pixel_type(request.format.type), shape);
}

/// A frame's axis: from the pixel size, else as the movie's own file had it, else pixels.
Axis image_axis(const WriteRequest& request, bool is_x) {
  const Index size = is_x ? request.format.width : request.format.height;
  const char* name = is_x ? "x" : "y";
  if (request.info.pixel_size) {
    const Length edge = is_x ? request.info.pixel_size->x : request.info.pixel_size->y;
    return {name, size, edge.value, 0.0, "\u00C5"};
  }
  const std::vector<Axis>& axes = request.info.axes;
  if (axes.size() >= 2) {
    const Axis& axis = axes[axes.size() - (is_x ? 1 : 2)];
    if (axis.size == size && axis.step != 0.0 && !axis.unit.empty()) {
      return {name, size, axis.step, axis.origin, axis.unit};
    }
  }
  return {name, size, 1.0, 0.0, "px"};
}

/// Time, y and x.
std::array<Axis, 3> axes_of(const WriteRequest& request) {
  const Axis time = request.info.frame_time
                        ? Axis{"time", request.frames, request.info.frame_time->value, 0.0, "s"}
                        : Axis{"frame", request.frames, 1.0, 0.0, ""};
  return {time, image_axis(request, false), image_axis(request, true)};
}

std::vector<double> values_along(const Axis& axis) {
  std::vector<double> values(static_cast<std::size_t>(axis.size));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = axis.origin + axis.step * static_cast<double>(i);
  }
  return values;
}

Hid write_values(hid_t parent, const std::string& name, const std::vector<double>& values) {
  const Index size = std::ssize(values);
  return write_dataset<const double>(parent, name, values, {&size, 1});
}

void write_quantity(hid_t parent, const std::string& name, double value, const std::string& units) {
  const Hid dataset = write_dataset<const double>(parent, name, {&value, 1}, {});
  write_attribute(dataset, "units", units);
}

std::string json_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void write_instrument(hid_t entry, const MovieInfo& info) {
  const Hid instrument = group_of_class(entry, "instrument", "NXinstrument");
  const Hid detector = group_of_class(instrument, "detector", "NXdetector");
  if (info.detector) write_text_dataset(detector, "description", *info.detector);
  if (info.frame_time) write_quantity(detector, "frame_time", info.frame_time->value, "s");
  if (info.dose) write_quantity(detector, "dose_per_pixel", info.dose->value, "electron");
  const Hid source = group_of_class(instrument, "source", "NXsource");
  write_text_dataset(source, "probe", "electron");
  if (info.voltage) write_quantity(source, "voltage", info.voltage->value, "kV");
}

Hid nexus_layout(hid_t file, const WriteRequest& request) {
  const Hid root = open_object(file, "/");
  write_attribute(root, "NX_class", std::string("NXroot"));
  write_attribute(root, "default", std::string("entry"));
  write_attribute(root, "creator", "kinema " + version());
  const Hid entry = group_of_class(file, "entry", "NXentry");
  write_attribute(entry, "default", std::string("data"));
  if (request.info.date) write_text_dataset(entry, "start_time", *request.info.date);
  const Hid data = group_of_class(entry, "data", "NXdata");
  write_attribute(data, "signal", std::string("frames"));
  std::vector<std::string> names;
  for (const Axis& axis : axes_of(request)) {
    const Hid values = write_values(data, axis.name, values_along(axis));
    if (!axis.unit.empty()) write_attribute(values, "units", axis.unit);
    write_attribute(data, axis.name + "_indices", static_cast<std::int64_t>(names.size()));
    names.push_back(axis.name);
  }
  write_attribute(data, "axes", names);
  write_instrument(entry, request.info);
  if (!request.options.metadata.empty()) {
    const Hid note = group_of_class(entry, "original_metadata", "NXnote");
    write_text_dataset(note, "type", "application/json");
    write_text_dataset(note, "data", json_text(request.options.metadata));
  }
  return frames_dataset(data, "frames", request);
}

Hid emd_layout(hid_t file, const WriteRequest& request) {
  const Hid root = open_object(file, "/");
  write_attribute(root, "version_major", std::int64_t{0});
  write_attribute(root, "version_minor", std::int64_t{2});
  const Hid group = create_group(file, "data/movie");
  write_attribute(group, "emd_group_type", std::int64_t{1});
  int number = 1;
  for (const Axis& axis : axes_of(request)) {
    const Hid dim = write_values(group, "dim" + std::to_string(number++), values_along(axis));
    write_attribute(dim, "name", axis.name);
    write_attribute(dim, "units", "[" + axis.unit + "]");
  }
  const Hid microscope = create_group(file, "microscope");
  const MovieInfo& info = request.info;
  if (info.voltage) {
    write_attribute(microscope, "voltage", info.voltage->value);
    write_attribute(microscope, "voltage_units", std::string("[k_V]"));
  }
  if (info.detector) write_attribute(microscope, "detector", *info.detector);
  if (info.date) write_attribute(microscope, "date", *info.date);
  for (const char* name : {"sample", "user", "comments"}) create_group(file, name);
  return frames_dataset(group, "data", request);
}

Hid hspy_layout(hid_t file, const WriteRequest& request) {
  const Hid root = open_object(file, "/");
  write_attribute(root, "file_format", std::string("HyperSpy"));
  write_attribute(root, "file_format_version", std::string("3.1"));
  const Hid experiment = create_group(file, "Experiments/movie");
  int number = 0;
  for (const Axis& axis : axes_of(request)) {
    const Hid group = create_group(experiment, "axis-" + std::to_string(number));
    write_attribute(group, "_type", std::string("UniformDataAxis"));
    write_attribute(group, "name", axis.name);
    write_attribute(group, "size", static_cast<std::int64_t>(axis.size));
    write_attribute(group, "scale", axis.step);
    write_attribute(group, "offset", axis.origin);
    write_attribute(group, "units", axis.unit);
    write_flag_attribute(group, "navigate", number++ == 0);
    write_flag_attribute(group, "is_binned", false);
  }
  const MovieInfo& info = request.info;
  const Hid general = create_group(experiment, "metadata/General");
  write_attribute(general, "title", request.path.stem().string());
  if (info.date) {
    const std::string date = *info.date;
    const auto middle = std::min(date.find('T'), date.size());
    write_attribute(general, "date", date.substr(0, middle));
    if (middle < date.size()) write_attribute(general, "time", date.substr(middle + 1));
  }
  const Hid signal = create_group(experiment, "metadata/Signal");
  write_attribute(signal, "signal_type", std::string());
  const Hid tem = create_group(experiment, "metadata/Acquisition_instrument/TEM");
  if (info.voltage) write_attribute(tem, "beam_energy", info.voltage->value);
  const Hid camera =
      create_group(experiment, "metadata/Acquisition_instrument/TEM/Detector/Camera");
  if (info.detector) write_attribute(camera, "name", *info.detector);
  create_group(experiment, "original_metadata");
  create_group(experiment, "learning_results");
  return frames_dataset(experiment, "data", request);
}

}  // namespace

std::optional<PixelType> hdf5_stored_type(PixelType type) {
  return type;
}
std::unique_ptr<MovieWriter> create_nexus(const WriteRequest& request) {
  return std::make_unique<Hdf5Writer>(request, nexus_layout);
}
std::unique_ptr<MovieWriter> create_emd(const WriteRequest& request) {
  return std::make_unique<Hdf5Writer>(request, emd_layout);
}
std::unique_ptr<MovieWriter> create_hspy(const WriteRequest& request) {
  return std::make_unique<Hdf5Writer>(request, hspy_layout);
}

}  // namespace kinema::io
