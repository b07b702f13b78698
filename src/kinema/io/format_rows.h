// The two tables of formats, those that are read and those that are written, as one.
#pragma once

#include "kinema/base/options.h"

#include <string>
#include <vector>

namespace kinema::io {

struct FormatRow {
  std::string name, endings;
  std::string pixels_read;     // in the format's words; empty: not read
  std::string pixels_written;  // numpy's names; empty: not written
};

/// Every format that is read or written.
std::vector<FormatRow> format_rows();
Json to_json(const std::vector<FormatRow>& rows);

}  // namespace kinema::io
