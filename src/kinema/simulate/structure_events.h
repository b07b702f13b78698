// Sudden changes of a sheet under the beam, at named frames.
#pragma once

#include "kinema/base/array.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kinema::simulate {

enum class StructureChange : std::uint8_t {
  vacancy,   // an atom inside leaves
  rotation,  // a bond inside turns by 90 degrees (Stone and Wales)
  edge       // an atom of the edge with two bonds leaves
};

struct StructureEvent {
  StructureChange change;
  Index frame = 0;  // the first that shows the changed sheet
  friend bool operator==(const StructureEvent&, const StructureEvent&) = default;
};

/// In order of their frames.
struct StructureEvents {
  std::vector<StructureEvent> list;
  friend bool operator==(const StructureEvents&, const StructureEvents&) = default;
};

/// Reads "vacancy@12, rotation@20, edge@30"; empty text is no event.
void from_text(std::string_view text, StructureEvents& value);
std::string to_text(const StructureEvents& value);

}  // namespace kinema::simulate
