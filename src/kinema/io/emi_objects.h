// What FEI's TIA writes as XML into an .emi file about the series beside it.
#pragma once

#include "kinema/base/options.h"
#include "kinema/data/movie.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace kinema::io {

/// One <ObjectInfo>, which belongs to one series.
struct EmiObject {
  std::optional<double> voltage;     // kV
  std::optional<double> frame_time;  // seconds from frame to frame, of scans
  std::optional<double> exposure;    // seconds, of cameras
  std::optional<double> dwell_time;  // seconds per pixel, of scans
  std::string detector, date;        // empty where nothing is said
  Json tree;                         // all of it
};

/// Every object of the file, in its order. Broken XML gives the objects that could be read; throws
/// InputError and IoError where the file cannot be read at all.
std::vector<EmiObject> read_emi(const std::filesystem::path& path);

/// Adds what the object says of a series of `frames` frames; `source` as in Fact.
void add_facts(const EmiObject& object, Index frames, const std::string& source, MovieInfo& info);

}  // namespace kinema::io
