// validate: a file against its format's description.
#include "kinema/codec/validate.h"

#include <fmt/format.h>

#include "text_table.h"
#include "verb.h"

namespace kinema::app {
namespace {

Outcome validate(const Arguments& arguments,
                 const io::ReadOptions& options,
                 const Session& session) {
  const codec::Verdict verdict =
      codec::validate(arguments.at("FILE"), options, session.memory(), session.progress);
  Outcome outcome{codec::to_json(verdict), "", {}};
  std::vector<std::vector<std::string>> rows{{"offset", "field", "", "what"}};
  std::size_t fatal = 0;
  for (const io::Departure& departure : verdict.departures) {
    rows.push_back({std::to_string(departure.offset),
                    departure.field,
                    departure.fatal ? "fatal" : "",
                    departure.what});
    fatal += departure.fatal ? 1 : 0;
  }
  const std::size_t count = verdict.departures.size();
  outcome.text = fmt::format("{}: {}, {}\n",
                             verdict.path,
                             verdict.format,
                             count == 0   ? "no departure"
                             : count == 1 ? "1 departure"
                                          : fmt::format("{} departures", count));
  if (count > 0) outcome.text += table_text(rows, terminal_width());
  if (verdict.is_fatal()) {
    outcome.complaints = {count == 1
                              ? verdict.path + ": not to be trusted: the departure is fatal"
                              : fmt::format("{}: not to be trusted: {} of {} departures are fatal",
                                            verdict.path,
                                            fatal,
                                            count)};
  } else {
    outcome.text += verdict.frames == 1 ? "readable: its one frame\n"
                                        : fmt::format("readable: all {} frames\n", verdict.frames);
  }
  return outcome;
}

}  // namespace

std::vector<Verb> validate_verbs() {
  return {make_verb<io::ReadOptions>("validate",
                                     "a file against its format's description, with every place",
                                     {{"FILE", "a container, an MRC file, or any other movie"}},
                                     "",
                                     validate)};
}

}  // namespace kinema::app
