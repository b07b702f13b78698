// The second line of a frame of extended XYZ: key=value pairs, and what its Properties say of the
// columns.
#pragma once

#include "kinema/base/array.h"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kinema::io {

/// Pairs of a comment line. A value may stand in quotes with backslash escapes, in braces or in
/// brackets (these are kept); a key alone is true: "T".
std::map<std::string, std::string> comment_pairs(std::string_view comment);

/// One pair as comment_pairs() reads it back.
std::string comment_pair(const std::string& key, const std::string& value);

/// Numbers of a value, whatever brackets and commas stand between; none where a word is no number.
std::optional<std::vector<double>> comment_numbers(std::string_view value);

/// T, F, True, false, 1, ...; none where `word` is no logical value.
std::optional<bool> comment_flag(std::string_view word);

/// Three logical values ("T F F"); none where they are not.
std::optional<std::array<bool, 3>> comment_flags(std::string_view value);

/// A run of columns under one name.
struct XyzColumns {
  std::string name;
  char type = 'R';  // S text, I whole, R real, L logical
  int count = 1;
};

/// Columns of a Properties value, or why they cannot be read, in `problem`.
std::vector<XyzColumns> columns_of(std::string_view properties, std::string& problem);

}  // namespace kinema::io
