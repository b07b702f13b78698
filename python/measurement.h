// A coded movie as Python holds it: in memory, or in a container whose snapshots are read when they
// are asked for.
#pragma once

#include "kinema/codec/container.h"
#include "kinema/codec/decode.h"

#include <pybind11/numpy.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace kinema::python {

namespace py = pybind11;

/// A file is opened for each read alone, so that others may open it meanwhile.
class HeldMeasurement {
 public:
  HeldMeasurement(Measurement measurement, const Provenance& provenance);
  explicit HeldMeasurement(const std::string& path);

  const codec::ContainerHeader& header() const { return header_; }
  const std::optional<std::string>& path() const { return path_; }
  Index size() const;  // snapshots
  /// All of it; a file is read on the first call.
  const Measurement& loaded() const;
  MaskSet masks() const;
  /// What decoding reads, a file snapshot by snapshot; `this` must outlive it.
  codec::CodedMovie coded() const;
  /// Bytes of the snapshots on disk; none in memory.
  std::optional<Index> stored_bytes() const;

 private:
  codec::ContainerHeader header_;
  std::optional<std::string> path_;
  mutable std::optional<Measurement> loaded_;
  mutable std::mutex mutex_;  // guards loaded_: Python threads may share a measurement
};

/// A Measurement, or the container of this path.
std::shared_ptr<const HeldMeasurement> measurement_of(const py::object& measurement);

}  // namespace kinema::python
