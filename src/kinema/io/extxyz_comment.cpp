// Reading and writing key=value pairs.
#include "kinema/io/extxyz_comment.h"

#include "kinema/io/line_reader.h"

#include <algorithm>
#include <array>
#include <set>

namespace kinema::io {
namespace {

constexpr std::string_view blanks = " \t\v\f\r";
constexpr std::string_view need_quotes = " \t=\"',[]{}\\\n";
constexpr int most_columns = 4096;

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
}

/// The text between quotes, unescaped; none where the closing one is missing.
std::optional<std::string> take_quoted(std::string_view& text) {
  const char quote = text[0];
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) {
      text.remove_prefix(i + 1);
      return value;
    }
    if (text[i] == '\\' && i + 1 < text.size()) {
      ++i;
      value += text[i] == 'n' ? '\n' : text[i];
    } else {
      value += text[i];
    }
  }
  return std::nullopt;
}

/// The text from an opening bracket to the one that closes it, both included.
std::optional<std::string> take_bracketed(std::string_view& text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    depth += text[i] == '[' || text[i] == '{' ? 1 : text[i] == ']' || text[i] == '}' ? -1 : 0;
    if (depth > 0) continue;
    std::string value(text.substr(0, i + 1));
    text.remove_prefix(i + 1);
    return value;
  }
  return std::nullopt;
}

std::string take_bare(std::string_view& text, std::string_view end) {
  const std::size_t size = std::min(text.find_first_of(end), text.size());
  std::string word(text.substr(0, size));
  text.remove_prefix(size);
  return word;
}

std::string without_brackets(std::string_view value) {
  std::string plain(value);
  const auto is_between = [](char letter) {
    return std::string_view("[]{},").find(letter) != std::string_view::npos;
  };
  std::replace_if(plain.begin(), plain.end(), is_between, ' ');
  return plain;
}

std::string take_value(std::string_view& text) {
  if (text.empty()) return "";
  std::optional<std::string> value;
  if (const char first = text[0]; first == '"' || first == '\'') {
    value = take_quoted(text);
  } else if (first == '[' || first == '{') {
    value = take_bracketed(text);
  }
  return value ? *value : take_bare(text, blanks);
}

}  // namespace

std::map<std::string, std::string> comment_pairs(std::string_view comment) {
  std::map<std::string, std::string> pairs;
  for (skip_blanks(comment); !comment.empty(); skip_blanks(comment)) {
    std::optional<std::string> key;
    if (comment[0] == '"' || comment[0] == '\'') key = take_quoted(comment);
    if (!key) key = take_bare(comment, " \t\v\f\r=");
    std::string_view behind = comment;
    skip_blanks(behind);
    std::string value = "T";
    if (!behind.empty() && behind[0] == '=') {
      comment = behind.substr(1);
      skip_blanks(comment);
      value = take_value(comment);
    }
    if (!key->empty()) pairs.insert_or_assign(*key, value);
  }
  return pairs;
}

std::string comment_pair(const std::string& key, const std::string& value) {
  const auto written = [](const std::string& word) {
    if (!word.empty() && word.find_first_of(need_quotes) == std::string::npos) return word;
    std::string quoted = "\"";
    for (const char c : word) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c == '\n' ? "\\n" : std::string(1, c == '\r' ? ' ' : c);
    }
    return quoted + '"';
  };
  return written(key) + "=" + written(value);
}

std::optional<std::vector<double>> comment_numbers(std::string_view value) {
  const std::string plain = without_brackets(value);
  std::vector<double> numbers;
  std::string_view rest = plain;
  for (std::string_view word = take_word(rest); !word.empty(); word = take_word(rest)) {
    const auto number = real_number(word);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

std::optional<bool> comment_flag(std::string_view word) {
  for (const std::string_view yes : {"T", "True", "true", "TRUE", "1"}) {
    if (word == yes) return true;
  }
  for (const std::string_view no : {"F", "False", "false", "FALSE", "0"}) {
    if (word == no) return false;
  }
  return std::nullopt;
}

std::optional<std::array<bool, 3>> comment_flags(std::string_view value) {
  const std::string plain = without_brackets(value);
  std::array<bool, 3> flags{};
  std::string_view rest = plain;
  for (bool& flag : flags) {
    const auto word = comment_flag(take_word(rest));
    if (!word) return std::nullopt;
    flag = *word;
  }
  if (!take_word(rest).empty()) return std::nullopt;
  return flags;
}

std::vector<XyzColumns> columns_of(std::string_view properties, std::string& problem) {
  std::vector<std::string> parts(1);
  for (const char letter : properties) {
    if (letter == ':') {
      parts.emplace_back();
    } else {
      parts.back() += letter;
    }
  }
  std::vector<XyzColumns> columns;
  std::set<std::string> names;
  std::int64_t all = 0;
  for (std::size_t i = 0; i < parts.size(); i += 3) {
    const std::string type = i + 1 < parts.size() ? parts[i + 1] : "";
    const std::int64_t count = i + 2 < parts.size() ? whole_number(parts[i + 2]).value_or(0) : 0;
    const bool is_type = type == "S" || type == "I" || type == "R" || type == "L";
    if (parts[i].empty() || !is_type || count < 1 || count > most_columns) {
      problem = "Properties has " + quoted_word(parts[i] + ":" + type) +
                " where name:type:count belongs, the type being S, I, R or L";
      return {};
    }
    all += count;
    if (!names.insert(parts[i]).second || all > most_columns) {
      problem = "Properties names " + quoted_word(parts[i]) + " twice, or too many columns";
      return {};
    }
    columns.push_back({parts[i], type[0], static_cast<int>(count)});
  }
  return columns;
}

}  // namespace kinema::io
