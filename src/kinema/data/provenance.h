// How an artefact came to be: it travels with every file that kinema writes.
#pragma once

#include "kinema/base/options.h"

#include <map>
#include <string>

namespace kinema {

struct Provenance {
  std::string version;  // of kinema
  std::string command;  // as typed, or the Python verb
  Json options = Json::object();
  std::uint64_t seed = 0;
  std::map<std::string, std::string> inputs;  // name -> BLAKE2b-128 of its bytes, hex
  std::string created;                        // ISO 8601, UTC
};

Json to_json(const Provenance& provenance);
/// Throws InputError where a field has another type; absent fields stay empty.
Provenance provenance_from_json(const Json& json);

/// Version of this library, e.g. "0.1.0".
std::string version();

}  // namespace kinema
