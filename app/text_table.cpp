// Laying out tables.
#include "text_table.h"

#include <algorithm>
#include <sstream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace kinema::app {
namespace {

constexpr std::size_t gap = 2, narrowest_cell = 20;

/// Letters of a UTF-8 text.
std::size_t letters_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) >> 6) != 2; }));
}

/// `text` in lines of at most `width` letters, all but the first indented by `indent` spaces.
std::string broken(const std::string& text, std::size_t indent, std::size_t width) {
  std::istringstream words(text);
  std::string lines;
  std::size_t used = 0;
  for (std::string word; words >> word;) {
    const std::size_t letters = letters_of(word);
    if (used > 0 && used + 1 + letters > width) {
      lines += "\n" + std::string(indent, ' ');
      used = 0;
    }
    lines += (used > 0 ? " " : "") + word;
    used += (used > 0 ? 1 : 0) + letters;
  }
  return lines;
}

}  // namespace

std::size_t terminal_width() {
  winsize size{};
  const bool is_terminal = isatty(STDOUT_FILENO) != 0;
  return is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

std::string table_text(const std::vector<std::vector<std::string>>& rows, std::size_t width) {
  std::vector<std::size_t> widths(rows.empty() ? 0 : rows.front().size(), 0);
  for (const auto& row : rows) {
    for (std::size_t column = 0; column + 1 < row.size(); ++column) {
      widths[column] = std::max(widths[column], letters_of(row[column]));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::size_t at = 0;
    for (std::size_t column = 0; column + 1 < row.size(); ++column) {
      text += row[column] + std::string(widths[column] + gap - letters_of(row[column]), ' ');
      at += widths[column] + gap;
    }
    const bool fits = width == 0 || at + letters_of(row.back()) <= width;
    const std::size_t room = std::max(width > at ? width - at : 0, narrowest_cell);
    text += (fits ? row.back() : broken(row.back(), at, room)) + "\n";
  }
  return text;
}

}  // namespace kinema::app
