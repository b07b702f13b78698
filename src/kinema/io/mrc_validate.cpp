// MRC2014's rules for the main header, field by field.
#include "kinema/io/mrc_validate.h"

#include <algorithm>
#include <cmath>

namespace kinema::io {
namespace {

constexpr const char* letters[] = {"X", "Y", "Z"};
constexpr std::array<std::string_view, 7> extended_types = {
    "CCP4", "MRCO", "SERI", "AGAR", "FEI1", "FEI2", "HDF5"};

/// Collects what is found; offsets are those of the fields.
class Findings {
 public:
  void add(std::size_t offset, std::string field, std::string what, bool fatal = false) {
    found_.push_back({offset, std::move(field), std::move(what), fatal});
  }
  std::vector<Departure> take() { return std::move(found_); }

 private:
  std::vector<Departure> found_;
};

void judge_sizes(const MrcHeader& header, Findings& findings) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::string letter = letters[axis];
    const std::int32_t size = header.size[axis], grid = header.grid[axis];
    if (size <= 0 || size > (1 << 28)) {
      findings.add(mrc_at::size + 4 * axis,
                   "N" + letter,
                   "is " + std::to_string(size) + "; no file has so many " +
                       (axis == 0   ? "columns"
                        : axis == 1 ? "rows"
                                    : "sections"),
                   /*fatal=*/true);
    }
    if (grid <= 0) {
      findings.add(mrc_at::grid + 4 * axis,
                   "M" + letter,
                   "is " + std::to_string(grid) + "; intervals along a cell edge are positive");
    }
  }
}

void judge_cell(const MrcHeader& header, Findings& findings) {
  const bool crystal = header.space_group > 1 && header.space_group <= 230;
  constexpr const char* angles[] = {"alpha", "beta", "gamma"};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const float edge = header.cell[axis], angle = header.angles[axis];
    if (!std::isfinite(edge) || edge < 0.0F) {
      findings.add(mrc_at::cell + 4 * axis,
                   std::string("CELLA ") + letters[axis],
                   "is " + text_of(edge) + " A; a length is positive, or 0 where unknown");
    }
    const bool sensible = crystal ? angle > 0.0F && angle < 180.0F : angle == 90.0F;
    if (!sensible) {
      findings.add(mrc_at::angles + 4 * axis,
                   std::string("CELLB ") + angles[axis],
                   "is " + text_of(angle) + " degrees; the angles of " +
                       (crystal ? "a cell lie between 0 and 180" : "pixels are 90"));
    }
    if (!std::isfinite(header.origin[axis])) {
      findings.add(
          mrc_at::origin + 4 * axis, std::string("ORIGIN ") + letters[axis], "is no finite number");
    }
  }
  if (header.cell[0] != 0.0F && header.cell[1] == 0.0F) {
    findings.add(mrc_at::cell + 4, "CELLA Y", "is 0 A although X is not");
  } else if (header.cell[0] == 0.0F && header.cell[1] != 0.0F) {
    findings.add(mrc_at::cell, "CELLA X", "is 0 A although Y is not");
  }
}

void judge_mode_and_axes(const MrcHeader& header, Findings& findings) {
  const MrcMode* mode = find_mrc_mode(header.mode);
  if (mode == nullptr || !mode->standard) {
    findings.add(mrc_at::mode,
                 "MODE",
                 "is " + std::to_string(header.mode) + "; known are 0, 1, 2, 3, 4, 6, 12 and 101" +
                     (mode == nullptr ? "" : " (16 is IMOD's own, for colours)"),
                 /*fatal=*/mode == nullptr);
  }
  if (header.mode == 0 && header.imod_stamp == mrc_imod_stamp && (header.imod_flags & 1) == 0) {
    findings.add(mrc_at::imod_flags,
                 "MODE",
                 "is 0, but IMOD's flags say that the bytes are unsigned; the standard knows only "
                 "signed ones");
  }
  std::array<std::int32_t, 3> sorted = header.axes;
  std::sort(sorted.begin(), sorted.end());
  if (sorted != std::array<std::int32_t, 3>{1, 2, 3}) {
    findings.add(mrc_at::axes,
                 "MAPC MAPR MAPS",
                 "are " + std::to_string(header.axes[0]) + ", " + std::to_string(header.axes[1]) +
                     ", " + std::to_string(header.axes[2]) + "; they are 1, 2 and 3 in some order");
  }
}

void judge_space_group(const MrcHeader& header, Findings& findings) {
  const std::int32_t group = header.space_group, sections = header.grid[2];
  const bool known = (group >= 0 && group <= 230) || header.is_volume_stack();
  if (!known) {
    findings.add(mrc_at::space_group,
                 "ISPG",
                 "is " + std::to_string(group) +
                     "; it is 0 for images, 1 to 230 for volumes, 401 to 630 for stacks of them");
  }
  if (group == 0 && sections > 1) {
    findings.add(mrc_at::grid + 8,
                 "MZ",
                 "is " + std::to_string(sections) +
                     ", but ISPG 0 says that these are images, for which it is 1");
  }
  if (header.is_volume_stack() && (sections <= 0 || header.size[2] % sections != 0)) {
    findings.add(mrc_at::grid + 8,
                 "MZ",
                 "is " + std::to_string(sections) + ", which does not divide the " +
                     std::to_string(header.size[2]) + " sections of a stack of volumes");
  }
}

/// Bytes that the entries of an extended header have; 1 where any length will do.
std::int32_t entry_bytes(const std::string& type) {
  if (type == "FEI1") return 768;
  if (type == "FEI2") return 888;
  return type == "CCP4" ? 80 : 1;
}

void judge_extended(const MrcHeader& header, Findings& findings) {
  const std::int32_t bytes = header.extended_bytes;
  if (bytes < 0) {
    findings.add(mrc_at::extended,
                 "NSYMBT",
                 "is " + std::to_string(bytes) + "; a header's length is no less than 0",
                 /*fatal=*/true);
  }
  if (bytes <= 0) return;
  const std::string& type = header.extended_type;
  if (std::find(extended_types.begin(), extended_types.end(), type) == extended_types.end()) {
    findings.add(mrc_at::extended_type,
                 "EXTTYP",
                 "is '" + printable(type) + "' before an extended header of " +
                     std::to_string(bytes) +
                     " bytes; registered are CCP4, MRCO, SERI, AGAR, FEI1, FEI2 and HDF5");
  } else if (bytes % entry_bytes(type) != 0) {
    findings.add(mrc_at::extended,
                 "NSYMBT",
                 "is " + std::to_string(bytes) + ", no multiple of the " +
                     std::to_string(entry_bytes(type)) + " bytes of an entry of type " + type);
  } else if (type.starts_with("FEI") && bytes / entry_bytes(type) < header.size[2]) {
    findings.add(mrc_at::extended,
                 "NSYMBT",
                 "is " + std::to_string(bytes) + ", too short for an entry for each of the " +
                     std::to_string(header.size[2]) + " sections");
  }
}

void judge_marks(const MrcHeader& header, Findings& findings) {
  if (header.version != 20140 && header.version != 20141) {
    findings.add(mrc_at::version,
                 "NVERSION",
                 "is " + std::to_string(header.version) + "; MRC2014 is 20140 or 20141");
  }
  if (header.map != "MAP ") {
    findings.add(mrc_at::map, "MAP", "the mark 'MAP ' is not there");
  }
  using Stamp = std::array<std::uint8_t, 4>;
  constexpr Stamp stamps[] = {{0x44, 0x44, 0, 0}, {0x44, 0x41, 0, 0}, {0x11, 0x11, 0, 0}};
  if (std::find(std::begin(stamps), std::end(stamps), header.machine) == std::end(stamps)) {
    findings.add(mrc_at::machine,
                 "MACHST",
                 "is no machine stamp: 0x44 0x44 or 0x44 0x41 (little-endian) or 0x11 0x11 "
                 "(big-endian), then two zeros");
  } else if (header.contradicts_stamp()) {
    findings.add(mrc_at::machine, "MACHST", "names the wrong byte order");
  }
}

/// The text of a label without what fills it up.
std::string_view label_text(std::string_view label) {
  label = label.substr(0, label.find_last_not_of('\0') + 1);
  label = label.substr(0, label.find_last_not_of(" \t\n\v\f\r") + 1);
  return label;
}

void judge_labels(const MrcHeader& header, Findings& findings) {
  std::int32_t used = 0;
  bool gap = false;
  for (std::size_t i = 0; i < header.labels.size(); ++i) {
    const std::string_view text = label_text(header.labels[i]);
    const std::size_t at = mrc_at::labels + i * mrc_label_bytes;
    const std::string field = "LABEL " + std::to_string(i);
    if (text.empty()) {
      gap = true;
      continue;
    }
    ++used;
    if (gap) findings.add(at, field, "stands after an empty one; the used ones come first");
    gap = false;
    if (std::any_of(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; })) {
      findings.add(at, field, "holds characters that are no printable ASCII");
    }
  }
  if (used != header.label_count) {
    findings.add(mrc_at::label_count,
                 "NLABL",
                 "is " + std::to_string(header.label_count) + ", but " + std::to_string(used) +
                     " labels hold text");
  }
}

}  // namespace

std::vector<Departure> judge_mrc_header(const MrcHeader& header) {
  Findings findings;
  judge_sizes(header, findings);
  judge_mode_and_axes(header, findings);
  judge_cell(header, findings);
  judge_space_group(header, findings);
  judge_extended(header, findings);
  judge_marks(header, findings);
  judge_labels(header, findings);
  return findings.take();
}

}  // namespace kinema::io
