// STAR files as RELION 3.0, 3.1 and 5 write them: tables of text. What a program does not know it
// keeps. See docs/dynamics.md.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kinema::io {

/// One data block: a loop, or a list of pairs, which is a table of one row.
struct StarTable {
  std::string name;                            // "particles" of data_particles
  std::vector<std::string> columns;            // without the leading underscore: "rlnAngleRot"
  std::vector<std::vector<std::string>> rows;  // each as long as `columns`
  bool is_loop = true;

  std::optional<std::size_t> find(std::string_view column) const;
  /// The place of a column, which is added with `value` in every row where it is absent.
  std::size_t require(std::string_view column, const std::string& value = "0");
};

/// Throws InputError, with the line, where a row is too short or too long or stands outside a loop.
std::vector<StarTable> read_star(const std::filesystem::path& path);

/// Written by way of a partial file.
void write_star(const std::filesystem::path& path, const std::vector<StarTable>& tables);

}  // namespace kinema::io
