// Provenance as JSON.
#include "kinema/data/provenance.h"

#include "kinema/data/version.h"

namespace kinema {

std::string version() {
  return KINEMA_VERSION;
}

Json to_json(const Provenance& provenance) {
  return Json{{"program", "kinema"},
              {"version", provenance.version},
              {"command", provenance.command},
              {"options", provenance.options},
              {"seed", provenance.seed},
              {"inputs", provenance.inputs},
              {"created", provenance.created}};
}

Provenance provenance_from_json(const Json& json) {
  if (!json.is_object()) throw InputError("provenance is not a JSON object");
  std::string field;
  const auto take = [&](const char* name, auto& value) {
    field = name;
    if (json.contains(field)) json[field].get_to(value);
  };
  try {
    Provenance provenance;
    take("version", provenance.version);
    take("command", provenance.command);
    take("options", provenance.options);
    take("seed", provenance.seed);
    take("inputs", provenance.inputs);
    take("created", provenance.created);
    return provenance;
  } catch (const Json::exception&) {
    throw InputError("provenance: '" + field + "' has not the type that kinema writes");
  }
}

}  // namespace kinema
