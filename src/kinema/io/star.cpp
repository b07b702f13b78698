// STAR, line by line.
#include "kinema/io/star.h"

#include "kinema/base/error.h"
#include "kinema/io/file.h"

#include <algorithm>
#include <fstream>

namespace kinema::io {
namespace {

/// Words of a line; quotes hold blanks together, # begins a comment.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (true) {
    at = line.find_first_not_of(" \t\r", at);
    if (at == std::string::npos || line[at] == '#') return words;
    const char quote = line[at];
    const bool quoted = quote == '\'' || quote == '"';
    std::size_t end = quoted ? line.find(quote, at + 1) : line.find_first_of(" \t\r", at);
    if (end == std::string::npos) end = line.size();
    words.push_back(quoted ? line.substr(at + 1, end - at - 1) : line.substr(at, end - at));
    at = std::min(line.size(), quoted ? end + 1 : end);
  }
}

/// Takes lines one after another and knows what may come next.
class Parser {
 public:
  explicit Parser(const std::filesystem::path& path) : path_(path) {}

  void take(const std::string& line) {
    ++line_;
    const std::vector<std::string> words = words_of(line);
    if (words.empty()) return;
    if (words[0].starts_with("data_")) return begin(words[0].substr(5));
    if (tables_.empty()) refuse("stands before the first data_ block");
    StarTable& table = tables_.back();
    if (words[0] == "loop_") {
      if (!table.columns.empty()) begin(table.name);
      tables_.back().is_loop = true;
    } else if (words[0][0] == '_' && table.rows.empty() && table.is_loop) {
      table.columns.push_back(words[0].substr(1));
    } else if (words[0][0] == '_' && !table.is_loop) {
      add_pair(table, words);
    } else {
      add_row(table, words);
    }
  }

  std::vector<StarTable> finish() {
    std::erase_if(tables_, [](const StarTable& table) { return table.columns.empty(); });
    if (tables_.empty()) throw InputError(path_.string() + ": holds no STAR table");
    return std::move(tables_);
  }

 private:
  void begin(const std::string& name) { tables_.push_back({name, {}, {}, false}); }
  void add_pair(StarTable& table, const std::vector<std::string>& words) {
    if (words.size() != 2) refuse("is no pair of a name and a value");
    table.columns.push_back(words[0].substr(1));
    if (table.rows.empty()) table.rows.emplace_back();
    table.rows[0].push_back(words[1]);
  }
  void add_row(StarTable& table, const std::vector<std::string>& words) {
    if (!table.is_loop || table.columns.empty()) refuse("has values outside a loop_");
    if (words.size() != table.columns.size()) {
      refuse("has " + std::to_string(words.size()) + " values where data_" + table.name + " has " +
             std::to_string(table.columns.size()) + " columns");
    }
    table.rows.push_back(words);
  }
  [[noreturn]] void refuse(const std::string& what) const {
    throw InputError(path_.string() + ": line " + std::to_string(line_) + " " + what);
  }

  const std::filesystem::path& path_;
  std::size_t line_ = 0;
  std::vector<StarTable> tables_;
};

std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && word.find_first_of(" \t#'\"") == std::string::npos;
  if (plain) return word;
  return word.find('"') == std::string::npos ? '"' + word + '"' : '\'' + word + '\'';
}

}  // namespace

std::optional<std::size_t> StarTable::find(std::string_view column) const {
  const auto found = std::find(columns.begin(), columns.end(), column);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

std::size_t StarTable::require(std::string_view column, const std::string& value) {
  if (const auto found = find(column)) return *found;
  columns.emplace_back(column);
  for (auto& row : rows) row.push_back(value);
  return columns.size() - 1;
}

std::vector<StarTable> read_star(const std::filesystem::path& path) {
  require_file_or_nothing(path);
  std::ifstream file(path);
  if (!file) throw InputError(path.string() + ": cannot be opened; is the name right?");
  Parser parser(path);
  for (std::string line; std::getline(file, line);) parser.take(line);
  return parser.finish();
}

void write_star(const std::filesystem::path& path, const std::vector<StarTable>& tables) {
  std::string text = "# version 30001\n";
  for (const StarTable& table : tables) {
    text += "\ndata_" + table.name + "\n\n";
    if (!table.is_loop) {
      for (std::size_t i = 0; i < table.columns.size(); ++i) {
        text += "_" + table.columns[i] + " " + quoted(table.rows.at(0)[i]) + "\n";
      }
      continue;
    }
    text += "loop_\n";
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      text += "_" + table.columns[i] + " #" + std::to_string(i + 1) + "\n";
    }
    for (const auto& row : table.rows) {
      for (std::size_t i = 0; i < row.size(); ++i) text += (i > 0 ? " " : "") + quoted(row[i]);
      text += "\n";
    }
  }
  write_text_file(path, text + "\n");
}

}  // namespace kinema::io
