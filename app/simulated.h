// Whether data are a simulation's: reports of such results say so.
#pragma once

#include <filesystem>
#include <string>

namespace kinema::app {

/// What a report says above all of results on simulated data; empty for others. It is told by a
/// truth
/// (`has_truth`), or by the provenance that kinema wrote beside `data` (NAME.json).
std::string simulated_caution(const std::filesystem::path& data, bool has_truth);

}  // namespace kinema::app
