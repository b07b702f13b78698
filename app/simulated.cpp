#include "simulated.h"

#include "kinema/base/options.h"

#include <fstream>

namespace kinema::app {
namespace {

/// The command that made `data`, by the file beside it; empty where there is none.
std::string command_of(const std::filesystem::path& data) {
  std::ifstream file(data.string() + ".json");
  const Json beside = Json::parse(file, nullptr, false);
  if (!beside.is_object() || !beside.contains("provenance")) return "";
  const Json& provenance = beside["provenance"];
  if (!provenance.is_object() || !provenance.contains("command")) return "";
  return provenance["command"].is_string() ? provenance["command"].get<std::string>() : "";
}

}  // namespace

std::string simulated_caution(const std::filesystem::path& data, bool has_truth) {
  if (!has_truth && !command_of(data).starts_with("kinema simulate ")) return "";
  return "These are results on simulated data. They tell how the method does where everything that "
         "matters is in the simulation, and nothing of a microscope.";
}

}  // namespace kinema::app
