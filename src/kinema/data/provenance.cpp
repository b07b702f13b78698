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
  Provenance provenance;
  provenance.version = json.value("version", "");
  provenance.command = json.value("command", "");
  provenance.options = json.value("options", Json::object());
  provenance.seed = json.value("seed", std::uint64_t{0});
  provenance.inputs = json.value("inputs", std::map<std::string, std::string>{});
  provenance.created = json.value("created", "");
  return provenance;
}

}  // namespace kinema
