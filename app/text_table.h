// Tables for people: columns as wide as what they hold.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace kinema::app {

/// Columns of standard output where it is a terminal, else 0: no limit.
std::size_t terminal_width();

/// Rows of cells, two spaces apart. The last cell of every row is broken at spaces to stay within
/// `width` (0: not at all); where a row has fewer cells than the first one, its last cell spans the
/// columns that it lacks.
std::string table_text(const std::vector<std::vector<std::string>>& rows, std::size_t width);

}  // namespace kinema::app
