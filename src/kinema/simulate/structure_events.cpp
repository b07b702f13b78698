// The text form of events.
#include "kinema/simulate/structure_events.h"

#include "kinema/base/options.h"

#include <algorithm>

namespace kinema::simulate {
namespace {

constexpr EnumName<StructureChange> change_names[] = {{StructureChange::vacancy, "vacancy"},
                                                      {StructureChange::rotation, "rotation"},
                                                      {StructureChange::edge, "edge"}};

StructureEvent event_from(std::string_view text) {
  const std::size_t at = text.find('@');
  for (const auto& [change, name] : change_names) {
    if (at == std::string_view::npos || text.substr(0, at) != name) continue;
    StructureEvent event{change, 0};
    kinema::from_text(text.substr(at + 1), event.frame);
    return event;
  }
  throw InputError("'" + std::string(text) +
                   "' is not an event; write vacancy@FRAME, rotation@FRAME or edge@FRAME, with "
                   "commas in between");
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

void from_text(std::string_view text, StructureEvents& value) {
  StructureEvents events;
  while (!trimmed(text).empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    events.list.push_back(event_from(trimmed(text.substr(0, comma))));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  std::stable_sort(events.list.begin(), events.list.end(), [](const auto& a, const auto& b) {
    return a.frame < b.frame;
  });
  value = std::move(events);
}

std::string to_text(const StructureEvents& value) {
  std::string text;
  for (const StructureEvent& event : value.list) {
    if (!text.empty()) text += ", ";
    for (const auto& [change, name] : change_names) {
      if (change == event.change) text += name;
    }
    text += "@" + std::to_string(event.frame);
  }
  return text;
}

}  // namespace kinema::simulate
