// doctor: what this machine offers, in lines.
#include "kinema/doctor/doctor.h"

#include <fmt/format.h>

#include "verb.h"

namespace kinema::app {
namespace {

Outcome run_doctor(const Arguments& /*arguments*/,
                   const NoOptions& /*options*/,
                   const Session& session) {
  const std::vector<doctor::Finding> findings = doctor::examine(session.comm.size());
  Outcome outcome{to_json(findings), "kinema " + version(), {}};
  for (const doctor::Finding& finding : findings) {
    outcome.text += fmt::format("\n{:<7} {}", finding.name, finding.text);
    if (!finding.mend.empty()) outcome.text += fmt::format("\n        mend: {}", finding.mend);
  }
  outcome.text += outcome.json["mends"].empty() ? "\nall is well" : "";
  return outcome;
}

}  // namespace

std::vector<Verb> doctor_verbs() {
  return {make_verb<NoOptions>(
      "doctor", "what this machine offers, and the mend of what is missing", {}, "", run_doctor)};
}

}  // namespace kinema::app
