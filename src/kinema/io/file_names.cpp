// Numbers in the names of files.
#include "kinema/io/file_names.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <glob.h>

namespace kinema::io {
namespace {

using Path = std::filesystem::path;

bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

char lower(char character) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
}

/// The digits at the start of `text`, taken off it.
std::string_view take_digits(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  const std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

/// -1, 0 or 1 as the numbers that the digits write compare, however long they are.
int compare_numbers(std::string_view a, std::string_view b) {
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a < b ? -1 : (b < a ? 1 : 0);
}

/// Whether `name` is what printf makes of `pattern` for some numbers; where the pattern gives no
/// width, zeros before them do not matter.
bool is_printed(std::string_view pattern, std::string_view name) {
  while (true) {
    const auto number = find_number(std::string(pattern));
    if (!number) return pattern == name;
    if (name.substr(0, number->first) != pattern.substr(0, number->first)) return false;
    name.remove_prefix(number->first);
    const std::string_view digits = take_digits(name);
    const std::string width(pattern.substr(number->first + 1, number->second - number->first - 2));
    const std::size_t least = std::strtoul(width.c_str(), nullptr, 10);
    if (digits.empty() || digits.size() < least) return false;
    if (least > 0 && digits.size() > least && digits.front() == '0') return false;
    pattern.remove_prefix(number->second);
  }
}

std::string glob_of(const std::string& pattern) {
  std::string out;
  std::size_t at = 0;
  while (const auto number = find_number(pattern, at)) {
    out += pattern.substr(at, number->first - at) + "[0-9]*";
    at = number->second;
  }
  return out + pattern.substr(at);
}

/// Runs of digits of a name, and what is left without them.
struct Numbered {
  std::string rest;
  std::vector<std::string> numbers;
};

Numbered numbered(std::string_view name) {
  Numbered out;
  while (!name.empty()) {
    if (is_digit(name.front())) {
      out.numbers.emplace_back(take_digits(name));
      out.rest += '#';
    } else {
      out.rest += name.front();
      name.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace

std::string lower_case(std::string text) {
  for (char& character : text) character = lower(character);
  return text;
}

bool natural_less(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a, whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (is_digit(a.front()) && is_digit(b.front())) {
      const int order = compare_numbers(take_digits(a), take_digits(b));
      if (order != 0) return order < 0;
      continue;
    }
    const char left = lower(a.front()), right = lower(b.front());
    if (left != right) {
      return static_cast<unsigned char>(left) < static_cast<unsigned char>(right);
    }
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  if (a.empty() != b.empty()) return a.empty();
  return whole_a < whole_b;
}

std::optional<std::pair<std::size_t, std::size_t>> find_number(const std::string& text,
                                                               std::size_t from) {
  for (std::size_t at = text.find('%', from); at != std::string::npos;
       at = text.find('%', at + 1)) {
    std::size_t end = at + 1;
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end < text.size() && (text[end] == 'd' || text[end] == 'i' || text[end] == 'u')) {
      return std::pair{at, end + 1};
    }
  }
  return std::nullopt;
}

std::vector<Path> files_like(const Path& path) {
  const std::string pattern = path.string();
  const bool printed = find_number(pattern).has_value();
  glob_t matches{};
  const int failed = glob(glob_of(pattern).c_str(), GLOB_NOSORT, nullptr, &matches);
  std::vector<Path> files;
  for (std::size_t i = 0; failed == 0 && i < matches.gl_pathc; ++i) {
    const Path file = matches.gl_pathv[i];
    std::error_code ignored;
    const bool wanted = !printed || pattern.find_first_of("*?[") != std::string::npos ||
                        is_printed(pattern, file.string());
    if (wanted && std::filesystem::is_regular_file(file, ignored)) files.push_back(file);
  }
  globfree(&matches);
  return files;
}

std::vector<std::uint64_t> numbers_of_run(const std::vector<Path>& files) {
  const Numbered first = numbered(files.front().filename().string());
  const Numbered last = numbered(files.back().filename().string());
  if (first.rest != last.rest) return {};
  std::optional<std::size_t> place;
  for (std::size_t i = 0; i < first.numbers.size(); ++i) {
    if (first.numbers[i] == last.numbers[i]) continue;
    if (place) return {};
    place = i;
  }
  if (!place) return {};
  std::vector<std::uint64_t> numbers;
  for (const Path& file : files) {
    Numbered one = numbered(file.filename().string());
    if (one.rest != first.rest || one.numbers[*place].size() > 18) return {};
    numbers.push_back(std::stoull(one.numbers[*place]));
    one.numbers[*place] = first.numbers[*place];
    if (one.numbers != first.numbers) return {};
  }
  return numbers;
}

}  // namespace kinema::io
