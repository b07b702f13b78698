// The class Measurement, and containers read and written.
#include "measurement.h"

#include "arrays.h"
#include "bindings.h"
#include "movie.h"
#include "verb.h"
#include "work.h"
#include <filesystem>

namespace kinema::python {
namespace {

/// Same as a row of the container's table of groups, as h5py reads it.
struct GroupRow {
  std::int64_t first, frames, buckets, snapshot;
  std::uint8_t mode;
  double step, gain, read_variance;
  std::int64_t ratio;
};

codec::ContainerHeader header_of(const Measurement& measurement) {
  codec::ContainerHeader header;
  const MaskSet& masks = measurement.masks;
  header.complete = true;
  header.height = masks.height();
  header.width = masks.width();
  for (const Group& group : measurement.groups) header.frames += group.frames;
  header.recorded = measurement.recorded;
  header.stored = std::visit(
      [](const auto& array) {
        return pixel_type_of<std::remove_cvref_t<decltype(*array.data())>>();
      },
      measurement.snapshots);
  header.groups = measurement.groups;
  header.mask_kind = masks.kind;
  header.mask_seed = masks.seed;
  header.ratio = masks.ratio();
  header.mask_hash = hash_of(masks);
  header.noise = measurement.noise;
  header.info = measurement.info;
  for (const AuditedFrame& frame : measurement.audited) header.audited.push_back(frame.frame);
  return header;
}

py::array groups_array(const HeldMeasurement& measurement) {
  Index snapshot = 0;
  py::array_t<GroupRow> rows(static_cast<py::ssize_t>(measurement.header().groups.size()));
  GroupRow* row = rows.mutable_data();
  for (const Group& group : measurement.header().groups) {
    *row++ = {group.first,
              group.frames,
              group.buckets,
              snapshot,
              static_cast<std::uint8_t>(group.mode),
              group.step,
              group.gain,
              group.read_variance,
              group.ratio};
    snapshot += group.buckets;
  }
  return rows;
}

py::object noise_dict(const HeldMeasurement& measurement) {
  const std::optional<NoiseModel>& noise = measurement.header().noise;
  if (!noise) return py::none();
  return python_of(to_json(*noise));
}

/// True sizes on disk against the recorded movie, as `kinema codec encode --json` tells them.
py::object rate_dict(const HeldMeasurement& measurement) {
  if (!measurement.path()) return py::none();
  const auto bytes = static_cast<Index>(std::filesystem::file_size(*measurement.path()));
  return python_of(
      codec::rate_json(measurement.header(), bytes, measurement.stored_bytes().value()));
}

/// Audited frames by their index: a dict of arrays (Y, X).
py::dict audited_frames(const HeldMeasurement& measurement) {
  run_beside_python(py::none(), [&](Progress&) { measurement.loaded(); });
  py::dict frames;
  for (const AuditedFrame& frame : measurement.loaded().audited) {
    frames[py::int_(frame.frame)] = read_only(numpy_of(frame.pixels));
  }
  return frames;
}

py::array snapshots_array(const HeldMeasurement& measurement) {
  run_beside_python(py::none(), [&](Progress&) { measurement.loaded(); });
  return std::visit([](const auto& array) { return read_only(numpy_of(array)); },
                    measurement.loaded().snapshots);
}

std::string description(const HeldMeasurement& measurement) {
  const codec::ContainerHeader& header = measurement.header();
  return "kinema.codec.Measurement(" + std::to_string(header.frames) + " frames of " +
         std::to_string(header.height) + " x " + std::to_string(header.width) + " in " +
         std::to_string(measurement.size()) +
         " snapshots, B = " + codec::ratio_text(header.groups, header.ratio) + ", " +
         to_text(header.mask_kind) + " masks" +
         (measurement.path() ? ", '" + *measurement.path() + "'" : "") + ")";
}

using Held = HeldMeasurement;

using Class = py::class_<Held, std::shared_ptr<Held>>;

/// What was measured, and through which masks.
void define_coding(Class& measurement) {
  measurement
      .def_property_readonly("snapshots",
                             &snapshots_array,
                             "(S, Y, X) in the narrowest type that holds them; a read-only view")
      .def_property_readonly("groups",
                             &groups_array,
                             "structured array (S): first, frames, buckets, snapshot, mode, step, "
                             "gain, read_variance, ratio")
      .def_property_readonly("audited",
                             &audited_frames,
                             "{frame: (Y, X)}: frames kept as recorded beside their snapshots")
      .def_property_readonly(
          "masks",
          [](const Held& m) { return numpy_of(m.masks().masks); },
          "(B, Y, X) of uint8 zeros and ones")
      .def_property_readonly(
          "ratio",
          [](const Held& m) { return m.header().ratio; },
          "frames per snapshot, B; where groups choose, the most")
      .def_property_readonly(
          "frames",
          [](const Held& m) { return m.header().frames; },
          "recorded frames in all groups")
      .def_property_readonly(
          "shape",
          [](const Held& m) {
            return py::make_tuple(m.size(), m.header().height, m.header().width);
          },
          "(S, Y, X) of the snapshots")
      .def_property_readonly(
          "dtype", [](const Held& m) { return dtype_of(m.header().stored); }, "of the snapshots")
      .def_property_readonly(
          "recorded_dtype",
          [](const Held& m) { return dtype_of(m.header().recorded); },
          "of the movie that was encoded")
      .def_property_readonly("mask_kind",
                             [](const Held& m) { return to_text(m.header().mask_kind); })
      .def_property_readonly("mask_seed", [](const Held& m) { return m.header().mask_seed; })
      .def_property_readonly("mask_hash", [](const Held& m) { return m.header().mask_hash; });
}

/// What is known about the recorded movie and the file.
void define_origin(Class& measurement) {
  measurement
      .def_property_readonly(
          "noise",
          &noise_dict,
          "gain, read_variance and change of a recorded pixel; None where unknown")
      .def_property_readonly(
          "pixel_size",
          [](const Held& m) { return python_of(m.header().info.pixel_size); },
          "(x, y) in angstrom; None where unknown")
      .def_property_readonly("pixel_size_source",
                             [](const Held& m) { return m.header().info.pixel_size.source; })
      .def_property_readonly("notes",
                             [](const Held& m) { return python_of(Json(m.header().info.notes)); })
      .def_property_readonly(
          "path",
          [](const Held& m) -> py::object { return m.path() ? py::cast(*m.path()) : py::none(); })
      .def_property_readonly(
          "complete",
          [](const Held& m) { return m.header().complete; },
          "False for a container whose writer was interrupted")
      .def_property_readonly(
          "provenance",
          [](const Held& m) { return python_of(to_json(m.header().provenance)); },
          "how it came to be")
      .def_property_readonly("rate", &rate_dict, "true sizes on disk; None in memory");
}

py::object read_container(const Call& call, const NoOptions& /*options*/) {
  return py::cast(std::make_shared<Held>(path_text(call.at("path"))));
}

py::object write_container(const Call& call, const NoOptions& /*options*/) {
  const auto measurement = measurement_of(call.at("measurement"));
  const std::string out = call.output("path").value();
  call.run([&](Progress&) {
    codec::write_measurement(out, measurement->loaded(), measurement->header().provenance);
  });
  return py::cast(std::make_shared<Held>(out));
}

}  // namespace

HeldMeasurement::HeldMeasurement(Measurement measurement, const Provenance& provenance)
    : header_(header_of(measurement)), loaded_(std::move(measurement)) {
  header_.provenance = provenance;
}

HeldMeasurement::HeldMeasurement(const std::string& path)
    : header_(codec::ContainerReader(path).header()), path_(path) {}

Index HeldMeasurement::size() const {
  return static_cast<Index>(header_.groups.size());
}

const Measurement& HeldMeasurement::loaded() const {
  const std::lock_guard lock(mutex_);
  if (!loaded_) loaded_ = codec::read_measurement(*path_);
  return *loaded_;
}

MaskSet HeldMeasurement::masks() const {
  return path_ ? codec::ContainerReader(*path_).masks() : loaded_->masks;
}

codec::CodedMovie HeldMeasurement::coded() const {
  if (!path_) return codec::coded_movie(*loaded_);
  const auto file = std::make_shared<codec::ContainerReader>(*path_);
  codec::CodedMovie coded = codec::coded_movie(*file);
  coded.snapshot = [file](Index s) { return file->snapshot(s); };
  return coded;
}

std::optional<Index> HeldMeasurement::stored_bytes() const {
  if (!path_) return std::nullopt;
  return codec::ContainerReader(*path_).stored_bytes();
}

std::shared_ptr<const HeldMeasurement> measurement_of(const py::object& measurement) {
  if (is_path(measurement)) return std::make_shared<Held>(path_text(measurement));
  if (!py::isinstance<Held>(measurement)) {
    throw py::type_error("a kinema.codec.Measurement or the path of a container is wanted, not " +
                         py::str(py::type::of(measurement)).cast<std::string>());
  }
  return measurement.cast<std::shared_ptr<Held>>();
}

void define_measurement(py::module_& module) {
  PYBIND11_NUMPY_DTYPE(
      GroupRow, first, frames, buckets, snapshot, mode, step, gain, read_variance, ratio);
  Class measurement(
      module, "Measurement", "Coded measurements: what the encoder leaves of a movie.");
  measurement.def("__len__", &Held::size).def("__repr__", &description);
  define_coding(measurement);
  define_origin(measurement);
  define_verb<NoOptions>(module,
                         {"codec read",
                          "open a container; its snapshots are read when they are asked for",
                          {{"path", "StrPath", "", "the container", true}},
                          "Measurement",
                          "a Measurement",
                          {}},
                         read_container);
  define_verb<NoOptions>(module,
                         {"codec write",
                          "write a measurement as a container",
                          {{"path", "StrPath", "", "the container to write (.h5)", true},
                           {"measurement", "MeasurementLike", "", "what to write", true},
                           force_parameter()},
                          "Measurement",
                          "the written file as a Measurement",
                          {}},
                         write_container);
}

}  // namespace kinema::python
